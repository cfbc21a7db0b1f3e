"""
The functions of asynclit 0.2.2, by taskloom in the browser. Elsewhere it is asynclit itself, which `pip install 'taskloom[server]'` brings along.

`as_completed` and `gather`, which asynclit does not have, are there in the browser only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.platform == "emscripten":
    from .._tasks import as_completed, gather
    from .manager import TaskManager, get_default_manager, run
    from .retry import RetryPolicy
    from .session import session_tasks
    from .task import Task, TaskStatus

    __all__ = [
        "RetryPolicy", "Task", "TaskManager", "TaskStatus", "as_completed", "gather", "get_default_manager", "run", "session_tasks",
    ]  # fmt: skip
else:
    from ._original import original as _original

    _names = _original("asynclit")
    __all__ = list(_names.__all__)
    globals().update({name: getattr(_names, name) for name in __all__})

    def __getattr__(name: str) -> object:
        if name in ("as_completed", "gather"):
            raise AttributeError(f"taskloom.asynclit.{name} is there in the browser (Pyodide) only: asynclit itself has no such function")
        raise AttributeError(f"module 'taskloom.asynclit' has no attribute {name!r}")
