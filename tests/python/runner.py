"""Runs the functions `test_…` of the files `test_….py` in one interpreter: async ones are awaited, the others are called in a task, where Python can wait."""

import asyncio
import importlib
import inspect
import json
import pathlib
import traceback

from pyodide.ffi import can_run_sync

tests = {}


def collect():
    """The names of the tests that fit this interpreter, as JSON."""
    for file in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for name, function in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(function) and fits(function):
                tests[f"{file.stem[5:]}: {name[5:].replace('_', ' ')}"] = function
    return json.dumps(list(tests))


def fits(function):
    wanted = getattr(function, "where_python_can_wait", None)
    return wanted is None or wanted == can_wait_in_tasks()


def can_wait_in_tasks():
    import js

    return hasattr(js.WebAssembly, "Suspending")


async def run(name):
    """Runs one test; returns what was wrong, an empty text if nothing."""
    function = tests[name]

    async def body():
        if inspect.iscoroutinefunction(function):
            await function()
        else:
            assert can_run_sync() or getattr(function, "where_python_can_wait", None) is not True
            function()

    try:
        # One that hangs has to fail, and to say where.
        await asyncio.wait_for(asyncio.ensure_future(body()), 60)
        import gc

        gc.collect()  # what asyncio has to say of lost failures it says now
        await asyncio.sleep(0)
    except BaseException:
        return traceback.format_exc()
    return ""
