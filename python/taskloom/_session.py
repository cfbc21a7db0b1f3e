"""Tasks that a script finds again when it runs anew."""

from __future__ import annotations

from typing import Any, cast


def session_tasks(session_state: Any, key: str = "asynclit_tasks") -> dict[str, Any]:
    """The dict of tasks that `session_state` has under the key; an empty one is put there if there is none."""
    if key not in session_state:
        session_state[key] = {}
    return cast("dict[str, Any]", session_state[key])
