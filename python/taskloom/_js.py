"""The library itself: its JavaScript and its wasm, which lie beside this file, started in the interpreter's own JavaScript world.

Loading is synchronous and fetches nothing. Only numbers, strings and booleans cross. One proxy of one function, kept for ever, is all that JavaScript
holds of Python.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from pyodide.code import run_js
from pyodide.ffi import JsException, create_proxy, to_js

from ._errors import TaskloomError, error_of

# What JavaScript tells; src/js/python/index.ts has the same numbers.
START, DONE, FAILED, CANCELLED, REFUSED, JUDGE = range(6)

Handler = Callable[[int, Any], object]

#: By kind: what is done when JavaScript tells of it, given the number and the detail.
handlers: list[Handler] = [lambda number, detail: None] * 6


def _dispatch(kind: int, number: int, detail: Any) -> object:
    return handlers[kind](number, detail)


def _load() -> Any:
    folder = files(__package__)
    try:
        script = folder.joinpath("_taskloom.js").read_text("utf-8")
        wasm = folder.joinpath("_taskloom.wasm").read_bytes()
    except FileNotFoundError as error:
        raise TaskloomError(
            "load-failed", f"{error.filename} is missing: install the wheel, or make it by `npm run build:python`"
        ) from None
    start = run_js(script)
    try:
        return start(to_js(wasm), create_proxy(_dispatch))
    except JsException as error:
        raise translated(error) from None


def translated(error: Any) -> Exception:
    """The Python exception for a JavaScript error of the library."""
    code = getattr(error, "code", None)
    return error_of(code if isinstance(code, str) else str(error.name), str(error.message))


def checked(function: Any) -> Callable[..., Any]:
    """A function of JavaScript, whose errors come out as Python's."""

    def call(*args: object) -> Any:
        try:
            return function(*args)
        except JsException as error:
            raise translated(error) from None

    return call


face = _load()
