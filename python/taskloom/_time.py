"""Seconds, as Python has them, to the whole milliseconds that the library takes."""

from __future__ import annotations

import math

from ._errors import InvalidArgument


def milliseconds(name: str, seconds: float) -> int:
    """Whole, and at least 1 unless the time is 0."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < math.inf:
        raise InvalidArgument(f"{name} is {seconds!r}; it must be a number of seconds, at least 0")
    return max(1, round(seconds * 1000)) if seconds > 0 else 0


def limit(name: str, seconds: float | None) -> int | None:
    """The same for a limit, which may be missing: None, or infinity."""
    return None if seconds is None or seconds == math.inf else milliseconds(name, seconds)
