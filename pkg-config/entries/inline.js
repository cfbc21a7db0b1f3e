// Workers without a file of their own, for pages whose CSP allows blob: URLs.

export * from '../../src/js/inline/index.js';
