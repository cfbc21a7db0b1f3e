"""Waiting without `await`, where the browser can switch stacks (JSPI). A cancel of the task that waits ends the wait at once."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from pyodide.ffi import JsProxy, can_run_sync, run_sync

from ._errors import CannotWait, InvalidArgument
from ._js import face

if TYPE_CHECKING:
    from ._tasks import Task

T = TypeVar("T")

#: The task whose function runs.
current: ContextVar[Task[Any] | None] = ContextVar("taskloom_task", default=None)

_sound = face.sound


def is_promise(value: object) -> bool:
    """Whether it is a promise of JavaScript."""
    return isinstance(value, JsProxy) and hasattr(value, "then")


def awaitable_of(value: Any) -> Any:
    """What can be awaited without a hang: Pyodide leaves whoever awaits a promise hanging that is rejected with something else than an Error."""
    return _sound(value) if is_promise(value) else value


async def _either(future: asyncio.Future[Any], token: asyncio.Future[None] | None, timeout: float | None) -> None:
    await asyncio.wait([future] if token is None else [future, token], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


def check_can_wait() -> None:
    if not can_run_sync():
        raise CannotWait


def wait_for(make: Callable[[], Awaitable[T]], timeout: float | None) -> T:
    """
    Waits for what `make` makes, which is called when it is certain that Python can wait here. Raises `TimeoutError` after `timeout` seconds, and
    `asyncio.CancelledError` when the task is cancelled whose function waits.
    """
    check_can_wait()
    if timeout is not None and not timeout >= 0:
        raise InvalidArgument(f"timeout is {timeout!r}; it must be a number of seconds, at least 0, or None")
    task = current.get()
    token = None if task is None else task._cancel_token()
    future = asyncio.ensure_future(make())
    try:
        run_sync(_either(future, token, timeout))
        if token is not None and token.done():
            raise asyncio.CancelledError
        if not future.done():
            raise TimeoutError(f"the wait took longer than its timeout of {timeout} s")
        if future.cancelled():
            raise concurrent.futures.CancelledError  # asyncio's would be taken for a cancel of the one who waits
        return future.result()
    finally:
        if not future.done():
            future.cancel()
            future.add_done_callback(_look)  # what it fails with now is nobody's, and must not be printed


def _look(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def wait(awaitable: Awaitable[T], timeout: float | None = None) -> T:
    """
    Waits for an awaitable or a promise of JavaScript without `await`, and returns what it gives. Raises `CannotWait` without JSPI, and
    `TimeoutError` after `timeout` seconds. A cancel of the task whose function waits ends the wait.
    """
    try:
        check_can_wait()
    except CannotWait:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()  # or Python would complain that nobody has awaited it
        raise
    return wait_for(lambda: awaitable_of(awaitable), timeout)


def sleep(seconds: float) -> None:
    """Sleeps without `await` while others run. Unlike `time.sleep()` it ends when its task is cancelled."""
    wait_for(lambda: asyncio.sleep(seconds), None)
