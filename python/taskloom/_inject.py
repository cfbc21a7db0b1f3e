"""Which functions get a progress queue, and how: the rules of asynclit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

NAMES = ("progress_queue", "queue")


class Shape(NamedTuple):
    """What a function's signature says. To read one takes as long as to start a task, so that it is kept."""

    is_async: bool
    queue: str | None  # the parameter for the queue
    is_first: bool


_known: WeakKeyDictionary[Any, Shape] = WeakKeyDictionary()
_PLAIN = Shape(False, None, False)


def shape_of(func: Callable[..., Any]) -> Shape:
    try:
        shape = _known.get(func)
        if shape is None:
            shape = _known[func] = _read(func)
        return shape
    except TypeError:  # what can't be hashed, or not be held weakly
        return _read(func)


def _read(func: Callable[..., Any]) -> Shape:
    try:
        parameters = list(inspect.signature(func).parameters)
    except (TypeError, ValueError):  # a builtin, or a function of JavaScript
        return _PLAIN
    name = next((name for name in NAMES if name in parameters), None)
    is_async = inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(getattr(func, "__call__", None))
    if name is None:
        return Shape(is_async, None, False)
    is_first = parameters[0] in NAMES
    return Shape(is_async, parameters[0] if is_first else name, is_first)


def wants_queue(func: Callable[..., Any], shape: Shape, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """
    An async function with such a parameter always gets the queue, as with asynclit. One without `await`, which asynclit gives none, gets it where
    the call would lack the argument.
    """
    if shape.queue is None:
        return False
    if shape.is_async:
        return True
    try:
        inspect.signature(func).bind(*args, **kwargs)
    except TypeError:
        return True
    return False


def bound(shape: Shape, queue: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with the queue among them: first by position, else by name."""
    if shape.is_first:
        return (queue, *args), {name: value for name, value in kwargs.items() if name not in NAMES}
    assert shape.queue is not None
    return args, {**kwargs, shape.queue: queue}
