"""Tasks and their managers. What becomes of a task is the library's to say; Python has the functions, values and exceptions."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast, overload
from uuid import uuid4
from weakref import finalize

from . import _js
from ._errors import InvalidArgument, NotComplete, TaskloomError, error_of
from ._inject import bound, shape_of, wants_queue
from ._js import JsException, checked, face, translated
from ._progress import Progress, ProgressQueue
from ._retry import RetryPolicy
from ._time import limit, milliseconds
from ._waiting import awaitable_of, current, is_promise, wait_for

T = TypeVar("T")
P = ParamSpec("P")

_submit = face.submit
_cancel = face.cancel
_finish = face.finish
_fail = face.fail


class TaskStatus(Enum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"
    CANCELLED = "cancelled"


_PENDING, _RUNNING, _DONE, _ERROR, _CANCELLED = TaskStatus

_numbers = count(1)
_order = count()
#: The tasks that JavaScript may tell of: those that are not over, or whose function has not ended.
_live: dict[int, Task[Any]] = {}


class Task(Generic[T]):
    """
    A piece of work in the background: poll it, await it, cancel it, follow its progress. `run()` makes it.

    A failure that nobody looks at is kept in `error`, and printed nowhere.
    """

    __slots__ = (
        "_number", "_manager", "_func", "_args", "_kwargs", "_retry", "_context", "_status", "_value", "_error", "_id", "_progress", "_work", "_token",
        "_waiters", "_ended_as", "_attempt", "_name", "__weakref__",
    )  # fmt: skip

    def __init__(
        self, manager: TaskManager, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], retry: RetryPolicy | None, name: str
    ) -> None:
        self._number = next(_numbers)
        self._manager = manager
        self._func: Callable[..., Any] | None = func
        self._args = args
        self._kwargs = kwargs
        self._retry = retry
        self._context: Context | None = copy_context()
        self._context.run(current.set, self)
        self._status = _PENDING
        self._value: Any = None
        self._error: BaseException | None = None
        self._id: str | None = None
        self._progress: Progress | None = None
        self._work: asyncio.Task[None] | None = None
        self._token: asyncio.Future[None] | None = None
        self._waiters: list[asyncio.Future[None]] | None = None
        self._ended_as = -1
        self._attempt = 0
        self._name = name

    # ---- what a caller reads

    @property
    def id(self) -> str:
        """A UUID v4, made when it is first read."""
        if self._id is None:
            self._id = str(uuid4())
            self._manager._ids[self._id] = self
        return self._id

    @property
    def name(self) -> str:
        return self._name

    @property
    def status(self) -> TaskStatus:
        return self._status

    @property
    def done(self) -> bool:
        """Whether it is over: `DONE`, `ERROR` or `CANCELLED`."""
        return self._ended_as >= 0

    @property
    def attempt(self) -> int:
        """The number of the current attempt, from 1; 0 before the first."""
        return self._attempt

    @property
    def result(self) -> T:
        """
        What the function has returned. Raises `NotComplete`, a `RuntimeError`, before it is there; the exception of a function that has failed;
        `concurrent.futures.CancelledError` if the task was cancelled.
        """
        if self._status is _DONE:
            return cast(T, self._value)
        if self._status is _CANCELLED:
            raise CancelledError
        if self._status is _ERROR:
            assert self._error is not None
            try:
                raise self._error
            finally:
                self = None  # type: ignore[assignment]  # the traceback would hold what holds it
        raise NotComplete(f"Task is not complete: {self!r}; await it, or check done before reading result")

    @property
    def error(self) -> BaseException | None:
        """The exception of a task that has failed, else None."""
        return self._error if self._status is _ERROR else None

    @property
    def progress(self) -> list[Any]:
        """The values that the function has reported since the last look, the oldest first; also after the end."""
        return [] if self._progress is None else self._progress.drain()

    @property
    def latest_progress(self) -> Any:
        """The latest value, or None; reading takes nothing away."""
        return None if self._progress is None else self._progress.latest

    @property
    def dropped_progress(self) -> int:
        """How many values had to make room for later ones: 1,024 are kept."""
        return 0 if self._progress is None else self._progress.dropped

    def cancel(self) -> bool:
        """
        Stops the task; False if it was over. Its status is `CANCELLED` at once. An async function is interrupted where it awaits, another one where it
        waits by `task.wait()`, `taskloom.wait()` or `taskloom.sleep()`.
        """
        if self._ended_as >= 0 or not _cancel(self._number):
            return False
        self._settle(_CANCELLED)
        return True

    def wait(self, timeout: float | None = None) -> T:
        """
        Waits without `await`, and returns the result, or raises as `result` does. Raises `TimeoutError` after `timeout` seconds, and the task goes on;
        `CannotWait` where Python can't wait.
        """
        if self._ended_as < 0:
            self._check_not_within()
            wait_for(self._end, timeout)
        return self.result

    def __await__(self) -> Iterator[Any]:  # type: ignore[override]
        if self._ended_as < 0:
            self._check_not_within()
            yield from self._end().__await__()
        return self.result

    def __repr__(self) -> str:
        name = self._name or getattr(self._func, "__name__", "") or f"number {self._number}"
        return f"<taskloom.Task {name} {self._status.value}>"

    # ---- what happens to it

    def _check_not_within(self) -> None:
        if current.get() is self:
            raise TaskloomError("recursive-call", f"{self!r} waits for itself")

    def _end(self) -> asyncio.Future[None]:
        """A future that is done when the task is over."""
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._ended_as >= 0:
            end.set_result(None)
        elif self._waiters is None:
            self._waiters = [end]
        else:
            if len(self._waiters) % 64 == 0:  # those who have given up
                self._waiters = [waiter for waiter in self._waiters if not waiter.done()]
            self._waiters.append(end)
        return end

    def _cancel_token(self) -> asyncio.Future[None]:
        """A future that is done when the function is to stop."""
        if self._token is None:
            self._token = asyncio.get_running_loop().create_future()
            if self._ended_as >= 0:
                self._token.set_result(None)
        return self._token

    def _report(self, value: Any) -> None:
        if self._ended_as >= 0:
            return
        if self._progress is None:
            self._progress = Progress()
        self._progress.put(value)

    def _begin(self, attempt: int) -> None:
        self._attempt = attempt
        self._status = _RUNNING
        self._work = asyncio.get_running_loop().create_task(_work(self), context=self._context)

    def _settle(self, status: TaskStatus) -> None:
        if self._ended_as >= 0:
            return
        self._status = status
        self._ended_as = next(_order)
        if status is not _DONE:
            self._value = None
        if status is not _ERROR:
            self._error = None
        if self._progress is not None:
            self._progress.end()
        waiters, self._waiters = self._waiters, None
        if waiters is not None:
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
        self._manager._finished.append(self)
        if self._work is None:
            self._forget()
        elif status is not _DONE:
            if self._token is not None and not self._token.done():
                self._token.set_result(None)
            self._work.cancel()

    def _ended(self) -> None:
        """The function has ended, of this attempt."""
        self._work = None
        if self._ended_as >= 0:
            self._forget()

    def _forget(self) -> None:
        _live.pop(self._number, None)
        self._context = None
        self._func, self._name = None, self._name or getattr(self._func, "__name__", "")
        self._args, self._kwargs = (), {}


async def _work(task: Task[Any]) -> None:
    """Calls the task's function. Whatever it raises is the task's: asyncio would print what nobody looks at."""
    number = task._number
    try:
        func, args, kwargs = task._func, task._args, task._kwargs
        assert func is not None
        shape = shape_of(func)
        if shape.queue is not None and wants_queue(func, shape, args, kwargs):
            if task._progress is None:
                task._progress = Progress()
            args, kwargs = bound(shape, ProgressQueue(task._progress), args, kwargs)
        value = func(*args, **kwargs)
        if asyncio.iscoroutine(value) or is_promise(value):
            value = await awaitable_of(value)
    except asyncio.CancelledError:
        task._ended()
        task.cancel()  # unless that is why
        _finish(number)
    except BaseException as error:
        task._ended()
        if task._ended_as < 0:
            task._error = error
        _fail(number)
        if isinstance(error, GeneratorExit):
            raise
    else:
        task._ended()
        if task._ended_as < 0:
            task._value = value
        _finish(number)


# ---- what JavaScript tells


def _on_start(number: int, attempt: int) -> None:
    task = _live.get(number)
    if task is not None:
        task._begin(attempt)


def _on_done(number: int, detail: object) -> None:
    task = _live.get(number)
    if task is not None:
        task._settle(_DONE)


def _on_failed(number: int, detail: object) -> None:
    task = _live.get(number)
    if task is not None:
        if task._error is None:
            task._error = TaskloomError("lost", "the exception of the task is lost")
        task._settle(_ERROR)


def _on_cancelled(number: int, detail: object) -> None:
    task = _live.get(number)
    if task is not None:
        task._settle(_CANCELLED)


def _on_refused(number: int, detail: str) -> None:
    task = _live.get(number)
    if task is not None and task._ended_as < 0:
        code, _, message = detail.partition("\n")
        before, task._error = task._error, error_of(code, message)
        task._error.__cause__ = before  # that of the last attempt
        task._settle(_ERROR)


def _judge(number: int, attempt: int) -> bool:
    """Whether an attempt that has failed is made again. What the rule itself raises becomes the task's error."""
    task = _live.get(number)
    if task is None or task._retry is None or task._error is None:
        return False
    try:
        return task._retry.should_retry(task._error)
    except BaseException as error:
        task._error = error
        return False


_js.handlers[_js.START] = _on_start
_js.handlers[_js.DONE] = _on_done
_js.handlers[_js.FAILED] = _on_failed
_js.handlers[_js.CANCELLED] = _on_cancelled
_js.handlers[_js.REFUSED] = _on_refused
_js.handlers[_js.JUDGE] = _judge

# ---- managers

_make_manager = checked(face.manager)
_keep = checked(face.keep)
_set_concurrency = checked(face.setConcurrency)
_pause = checked(face.pause)
_resume = checked(face.resume)
_cancel_all = checked(face.cancelAll)
_cancel_waiting = checked(face.cancelWaiting)
_waiting = checked(face.waiting)
_running = checked(face.running)
_dispose = checked(face.dispose)

Priority = Literal["user-blocking", "user-visible", "background"]


class TaskManager:
    """
    Knows its tasks by id, and decides how many run at once.

    - `max_completed`: how many finished tasks `get()` still finds; their results stay in memory as long.
    - `concurrency`: how many run at once; None for no bound.
    - `max_queue`: how many may wait; one more fails with the code `queue-full`.
    - `rate_limit`: `(count, seconds)`: at most so many start in any span of that length.
    - `cancel_grace`: how many seconds a task that was cancelled, or has run out of time, keeps its place while its function goes on; 10 if not given.
    - `timeout`: the seconds that a task may take, if it has no timeout of its own.
    """

    def __init__(
        self,
        *,
        max_completed: int = 256,
        concurrency: int | None = None,
        max_queue: int | None = None,
        rate_limit: tuple[int, float] | None = None,
        cancel_grace: float | None = None,
        timeout: float | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "maxCompleted": max_completed,
            "concurrency": concurrency,
            "maxQueue": max_queue,
            "cancelGrace": None if cancel_grace is None else milliseconds("cancel_grace", cancel_grace),
            "timeout": limit("timeout", timeout),
        }
        if rate_limit is not None:
            given["rateLimit"] = {"limit": rate_limit[0], "per": milliseconds("rate_limit", rate_limit[1])}
        self._set_up(_make_manager(json.dumps({name: value for name, value in given.items() if value is not None})), max_completed)
        self._concurrency = concurrency
        finalize(self, face.dropManager, self._number).atexit = False

    def _set_up(self, number: int, max_completed: int) -> None:
        self._number = number
        self._max_completed = max_completed
        self._concurrency: int | None = None
        self._finished: deque[Task[Any]] = deque()  # the oldest first
        self._ids: dict[str, Task[Any]] = {}
        self._globals: dict[str, Task[Any]] = {}

    def submit(self, func: Callable[..., Any], /, *args: Any, retry: RetryPolicy | None = None, **kwargs: Any) -> Task[Any]:
        """Runs `func(*args, **kwargs)` in the background; as `run()`, in this manager."""
        return self._submit(func, args, kwargs, retry, "", "")

    def _submit(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], retry: RetryPolicy | None, options: str, name: str
    ) -> Task[Any]:
        if not callable(func):
            raise InvalidArgument(f"func is {func!r}; it must be a function")
        if retry is not None and not isinstance(retry, RetryPolicy):
            raise InvalidArgument(f"retry is {retry!r}; it must be a RetryPolicy")
        if len(self._finished) > self._max_completed:
            self.cleanup()
        task: Task[Any] = Task(self, func, args, kwargs, retry, name)
        _live[task._number] = task
        try:
            _submit(task._number, self._number, 0 if retry is None else retry._number, options)
        except JsException as error:
            del _live[task._number]
            raise translated(error) from None
        return task

    def get(self, task_id: str) -> Task[Any] | None:
        """The task with this id, or the one under the alias `global:NAME`; None if there is none any more."""
        return self._ids.get(task_id) or self._globals.get(task_id)

    def cleanup(self) -> int:
        """Forgets the oldest finished tasks beyond `max_completed`; says how many."""
        removed = len(self._finished) - _keep(self._number)
        for _ in range(removed):
            task = self._finished.popleft()
            if task._id is not None:
                self._ids.pop(task._id, None)
            if self._globals:
                for name in [name for name, known in self._globals.items() if known is task]:
                    del self._globals[name]
        return max(0, removed)

    def register_global(self, task: Task[Any], name: str) -> None:
        """Makes `get("global:" + name)` find the task, until another one takes the name or it is forgotten."""
        self._globals[f"global:{name}"] = task

    def pause(self) -> None:
        """Starts nothing new; what runs goes on."""
        _pause(self._number)

    def resume(self) -> None:
        _resume(self._number)

    def cancel_all(self) -> int:
        """Cancels all that are not over, those that wait first; says how many."""
        return int(_cancel_all(self._number))

    def cancel_waiting(self) -> int:
        """Cancels those that have not started; says how many."""
        return int(_cancel_waiting(self._number))

    @property
    def waiting(self) -> int:
        """How many tasks wait for a place."""
        return int(_waiting(self._number))

    @property
    def running(self) -> int:
        """How many tasks hold a place."""
        return int(_running(self._number))

    @property
    def concurrency(self) -> int | None:
        """How many run at once; may be changed at any time, and stops none."""
        return self._concurrency

    @concurrency.setter
    def concurrency(self, concurrency: int | None) -> None:
        _set_concurrency(self._number, float("inf") if concurrency is None else concurrency)
        self._concurrency = concurrency

    def dispose(self) -> None:
        """Cancels what is not over; to submit later raises `TaskloomError` with the code `disposed`."""
        _dispose(self._number)


def _default() -> TaskManager:
    manager = TaskManager.__new__(TaskManager)  # the library knows it as number 0
    manager._set_up(0, 256)
    return manager


_default_manager = _default()


def get_default_manager() -> TaskManager:
    """The manager that `run()` submits to: no bound on how many run, the latest 256 finished ones kept."""
    return _default_manager


def run(
    func: Callable[..., Any], /, *args: Any, manager: TaskManager | None = None, retry: RetryPolicy | None = None, **kwargs: Any
) -> Task[Any]:
    """
    Runs `func(*args, **kwargs)` in the background, be it sync or async, and returns its task at once.

    A parameter `queue` or `progress_queue` gets a queue for progress: `await queue.async_q.put(value)`, or `queue.sync_q.put(value)`.

    >>> task = run(load, "/data.json", retry=RetryPolicy(max_attempts=3, base_delay=0.5))
    >>> await task
    """
    return (_default_manager if manager is None else manager)._submit(func, args, kwargs, retry, "", "")


@dataclass(frozen=True)
class Options:
    """What a task is to be like; `options()` makes it."""

    manager: TaskManager | None
    retry: RetryPolicy | None
    name: str
    _text: str = field(repr=False)

    def run(self, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Task[Any]:
        """Runs `func(*args, **kwargs)` as a task like that."""
        return (self.manager or _default_manager)._submit(func, args, kwargs, self.retry, self._text, self.name)


def options(
    *,
    name: str = "",
    timeout: float | None = None,
    queue_timeout: float | None = None,
    priority: Priority | None = None,
    retry: RetryPolicy | None = None,
    manager: TaskManager | None = None,
) -> Options:
    """
    What a task is to be like, apart from its function's arguments: `options(timeout=30).run(load, url)`.

    - `timeout`: the seconds that it may take from its start, all attempts included; then it fails with `TimeoutError`.
    - `queue_timeout`: the seconds that it may wait for its start.
    - `priority`: the class in its manager's queue, and in the browser's scheduler.
    """
    given = {
        "name": name or None,
        "timeout": limit("timeout", timeout),
        "queueTimeout": limit("queue_timeout", queue_timeout),
        "priority": priority,
    }
    return Options(manager, retry, name, json.dumps({name: value for name, value in given.items() if value is not None}))


def progress(value: Any) -> None:
    """Reports a value as progress of the task whose function calls it; does nothing outside of one."""
    task = current.get()
    if task is not None:
        task._report(value)


# ---- several tasks


def _check_tasks(tasks: Iterable[Task[Any]]) -> list[Task[Any]]:
    them = list(tasks)
    for task in them:
        if not isinstance(task, Task):
            raise InvalidArgument(f"{task!r} is no task; make one of it by run()")
    return them


class Completed(Generic[T]):
    """The tasks in the order in which they finish, for `for` and `async for`."""

    def __init__(self, tasks: list[Task[T]]) -> None:
        self._open = tasks

    def _next(self) -> Task[T] | None:
        over = [task for task in self._open if task._ended_as >= 0]
        if not over:
            return None
        first = min(over, key=lambda task: task._ended_as)
        self._open = [task for task in self._open if task is not first]
        return first

    async def _one_is_over(self) -> None:
        await asyncio.wait([task._end() for task in self._open], return_when=asyncio.FIRST_COMPLETED)

    def __iter__(self) -> Iterator[Task[T]]:
        while self._open:
            task = self._next()
            if task is None:
                wait_for(self._one_is_over, None)
            else:
                yield task

    async def __aiter__(self) -> AsyncIterator[Task[T]]:
        while self._open:
            task = self._next()
            if task is None:
                await self._one_is_over()
            else:
                yield task


def as_completed(tasks: Iterable[Task[T]]) -> Completed[T]:
    """
    The tasks in the order in which they finish, failed and cancelled ones included: `async for task in as_completed(tasks)`, or `for` where Python can
    wait. To leave the loop early cancels nothing.
    """
    return Completed(_check_tasks(tasks))


@overload
def gather(*tasks: Task[T], return_errors: Literal[False] = False) -> Task[list[T]]: ...
@overload
def gather(*tasks: Task[T], return_errors: bool) -> Task[list[T | BaseException]]: ...
def gather(*tasks: Task[Any], return_errors: bool = False) -> Task[Any]:
    """
    A task of all results, in the order given. The first error is its error, and cancels the rest; with `return_errors=True` it waits for all, and an error
    stands in its task's place. To cancel it cancels all.
    """
    return run(_gathered, _check_tasks(tasks), return_errors)


async def _gathered(tasks: list[Task[Any]], return_errors: bool) -> list[Any]:
    try:
        async for task in as_completed(tasks):
            if not return_errors and task._status is not _DONE:
                _ = task.result
    except BaseException:
        for task in tasks:
            task.cancel()
        raise
    return [_outcome(task) for task in tasks]


def _outcome(task: Task[Any]) -> Any:
    if task._status is _CANCELLED:
        return CancelledError()
    return task._error if task._status is _ERROR else task._value
