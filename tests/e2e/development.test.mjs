// What the build for development says, in a page.

import development from './hosts/development.mjs';
import { chromium } from './support/browsers.mjs';

development(chromium);
