"""Outside a browser: the library itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def original(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"taskloom.asynclit is asynclit itself outside a browser, and {error.name} is not installed: pip install 'taskloom[server]'", name=error.name
        ) from error
