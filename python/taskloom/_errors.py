"""The errors of taskloom. Each has a `code`, which stays the same; its text says what was wrong and what to do."""

from __future__ import annotations

import re
from concurrent.futures import CancelledError

__all__ = [
    "CancelledError",
    "CannotWait",
    "InvalidArgument",
    "NotComplete",
    "TaskloomError",
]


class TaskloomError(Exception):
    """An error of taskloom's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return _made_again, (type(self), self.code, str(self))

    def __str__(self) -> str:
        return str(self.args[0])


class InvalidArgument(TaskloomError, ValueError):
    """A value that can't be meant; the text names the argument."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid-argument", message)


class NotComplete(TaskloomError, RuntimeError):
    """The result of a task that is not over."""

    def __init__(self, message: str) -> None:
        super().__init__("not-complete", message)


class CannotWait(TaskloomError, RuntimeError):
    """Python can't wait here without `await`."""

    def __init__(self) -> None:
        super().__init__(
            "cannot-wait",
            "Python can't wait here: the browser has no JSPI (Chrome 137, Firefox 153 and Safari 27 have it), or JavaScript has called this code; "
            "use await in an async function, or poll done",
        )


def _made_again(cls: type[TaskloomError], code: str, message: str) -> TaskloomError:
    error = cls.__new__(cls)
    Exception.__init__(error, message)
    error.code = code
    return error


_CAMEL = re.compile(r"\b[a-z]+(?:[A-Z][a-z]+)+\b")


def _snake(name: re.Match[str]) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name[0])


def error_of(code: str, message: str) -> Exception:
    """The exception for an error of the library, by its code or name."""
    if code == "TimeoutError":
        return TimeoutError(message)
    message = _CAMEL.sub(_snake, message)
    if code == "invalid-argument":
        return InvalidArgument(message)
    if code == "not-complete":
        return NotComplete(message)
    return TaskloomError(code, message)
