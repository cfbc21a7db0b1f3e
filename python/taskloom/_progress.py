"""The queue that a task's function gets for its progress: a bounded buffer, of which the oldest values are dropped, and counted."""

from __future__ import annotations

import asyncio
import queue
from collections import deque
from typing import Any

from ._js import face

CAPACITY = int(face.progressCapacity)


class Progress:
    """The values that a task has reported since the last look."""

    __slots__ = ("_values", "_is_over", "dropped", "latest")

    def __init__(self) -> None:
        self._values: deque[Any] = deque()
        self._is_over = False
        self.dropped = 0
        self.latest: Any = None

    def put(self, value: Any) -> None:
        if self._is_over:
            return
        if len(self._values) == CAPACITY:
            self._values.popleft()
            self.dropped += 1
        self._values.append(value)
        self.latest = value

    def drain(self) -> list[Any]:
        values = list(self._values)
        self._values.clear()
        return values

    def end(self) -> None:
        """What the function reports from now on is dropped: its task is over."""
        self._is_over = True


class SyncQueue:
    """The end for functions without `await`. It never blocks: a full buffer drops its oldest value."""

    __slots__ = ("_progress",)

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self._progress.put(item)

    def put_nowait(self, item: Any) -> None:
        self._progress.put(item)

    def get_nowait(self) -> Any:
        if self.empty():
            raise queue.Empty
        return self._progress._values.popleft()

    def qsize(self) -> int:
        return len(self._progress._values)

    def empty(self) -> bool:
        return not self._progress._values

    def full(self) -> bool:
        return False


class AsyncQueue:
    """The end for functions with `await`."""

    __slots__ = ("_progress",)

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    async def put(self, item: Any) -> None:
        """Reports a value, and lets others have their turn."""
        self._progress.put(item)
        await asyncio.sleep(0)

    def put_nowait(self, item: Any) -> None:
        self._progress.put(item)

    def get_nowait(self) -> Any:
        if self.empty():
            raise asyncio.QueueEmpty
        return self._progress._values.popleft()

    def qsize(self) -> int:
        return len(self._progress._values)

    def empty(self) -> bool:
        return not self._progress._values

    def full(self) -> bool:
        return False


class ProgressQueue:
    """What is injected as `queue` or `progress_queue`: `await queue.async_q.put(value)`, or `queue.sync_q.put(value)`."""

    __slots__ = ("async_q", "sync_q")

    def __init__(self, progress: Progress) -> None:
        self.async_q = AsyncQueue(progress)
        self.sync_q = SyncQueue(progress)
