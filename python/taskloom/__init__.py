"""
Background tasks, progress, cancellation and retries for Python that runs in the browser (Pyodide).

`taskloom.asynclit` has the names of asynclit. What is here beside errors is there in the browser only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ._errors import CancelledError, CannotWait, InvalidArgument, NotComplete, TaskloomError
from ._version import __version__

__all__ = ["CancelledError", "CannotWait", "InvalidArgument", "NotComplete", "TaskloomError", "__version__"]

_IN_THE_BROWSER = [
    "Options", "RetryPolicy", "Task", "TaskManager", "TaskStatus", "as_completed", "gather", "get_default_manager", "options", "progress", "run",
    "session_tasks", "sleep", "wait",
]  # fmt: skip

if TYPE_CHECKING or sys.platform == "emscripten":
    from ._retry import RetryPolicy
    from ._session import session_tasks
    from ._tasks import Options, Task, TaskManager, TaskStatus, as_completed, gather, get_default_manager, options, progress, run
    from ._waiting import sleep, wait

    __all__ += _IN_THE_BROWSER
else:

    def __getattr__(name: str) -> object:
        if name in _IN_THE_BROWSER:
            raise AttributeError(
                f"taskloom.{name} is there in the browser (Pyodide) only; outside of it use taskloom.asynclit, which is asynclit itself: "
                "pip install 'taskloom[server]'"
            )
        raise AttributeError(f"module 'taskloom' has no attribute {name!r}")
