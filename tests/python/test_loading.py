"""The wheel in the interpreter."""

import taskloom
from taskloom import asynclit


async def test_a_function_runs_as_a_task():
    assert await asynclit.run(lambda: 1 + 1) == 2


def test_the_wheel_says_its_version_and_its_names():
    assert taskloom.__version__.count(".") == 2
    assert all(hasattr(taskloom, name) for name in taskloom.__all__)
    assert all(hasattr(asynclit, name) for name in asynclit.__all__)
