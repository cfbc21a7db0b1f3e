"""The names of asynclit's module of this name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.platform == "emscripten":
    from .._session import session_tasks

    __all__ = ["session_tasks"]
else:
    from ._original import original

    sys.modules[__name__] = original("asynclit.session")
