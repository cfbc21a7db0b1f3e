"""The names of asynclit's module of this name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.platform == "emscripten":
    from .._retry import RetryPolicy

    __all__ = ["RetryPolicy"]
else:
    from ._original import original

    sys.modules[__name__] = original("asynclit.retry")
