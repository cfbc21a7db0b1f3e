"""The names of asynclit's module of this name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.platform == "emscripten":
    from .._tasks import TaskManager, get_default_manager, run

    __all__ = ["TaskManager", "get_default_manager", "run"]
else:
    from ._original import original

    sys.modules[__name__] = original("asynclit.manager")
