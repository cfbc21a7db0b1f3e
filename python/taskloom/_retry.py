"""When a failed attempt is made again. Waits and bounds are the library's; which exceptions count is asked in Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary, finalize

from ._errors import InvalidArgument
from ._js import checked, face
from ._time import milliseconds

_policy = checked(face.policy)
_delay = checked(face.delay)
_drop = face.dropPolicy


class _Numbers:
    """A policy of the library, held by all policies of these numbers."""

    __slots__ = ("number", "__weakref__")

    def __init__(self, number: int) -> None:
        self.number = number
        finalize(self, _drop, number).atexit = False


_known: WeakValueDictionary[str, _Numbers] = WeakValueDictionary()


def _numbers(policy: RetryPolicy) -> _Numbers:
    options: dict[str, Any] = {
        "maxAttempts": policy.max_attempts,
        "baseDelay": milliseconds("base_delay", policy.base_delay),
        "maxDelay": milliseconds("max_delay", policy.max_delay),
        "multiplier": policy.multiplier,
        "jitter": policy.jitter,
    }
    if policy.max_elapsed is not None:
        if policy.max_elapsed <= 0:
            raise InvalidArgument(f"max_elapsed is {policy.max_elapsed!r}; it must be more than 0 seconds, or None")
        options["maxElapsed"] = milliseconds("max_elapsed", policy.max_elapsed)
    text = json.dumps(options)
    found = _known.get(text)
    if found is None:
        found = _known[text] = _Numbers(_policy(text))
    return found


@dataclass(frozen=True)
class RetryPolicy:
    """
    Whether and when a failed attempt is made again. Times are seconds.

    The wait after failure `i` (0 is the first) is `base_delay * multiplier ** i`, at most `max_delay`, moved up or down by a random part of at most `jitter`
    of itself. No attempt starts later than `max_elapsed` after the first.

    >>> RetryPolicy(max_attempts=5, base_delay=0.1).delay_for_attempt(2)
    0.4
    """

    max_attempts: int = 1
    retry_on: tuple[type[BaseException], ...] = (Exception,)
    base_delay: float = 0.0
    max_delay: float = 60.0
    multiplier: float = 2.0
    jitter: float = 0.0
    max_elapsed: float | None = None
    retry_if: Callable[[BaseException], bool] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_numbers", _numbers(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return RetryPolicy, tuple(getattr(self, name) for name in self.__dataclass_fields__)

    @property
    def _number(self) -> int:
        return self.__dict__["_numbers"].number  # type: ignore[no-any-return]

    def should_retry(self, exc: BaseException) -> bool:
        """Whether an exception of this kind is worth another attempt: `retry_on` names it, and `retry_if` has nothing against it."""
        return isinstance(exc, self.retry_on) and (self.retry_if is None or bool(self.retry_if(exc)))

    def delay_for_attempt(self, attempt_index: int) -> float:
        """The wait in seconds after the failure with this index (0 is the first), jitter included."""
        return float(_delay(self._number, attempt_index)) / 1000
