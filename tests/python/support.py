"""What the tests have in common."""

import asyncio
from contextlib import contextmanager

import cell


def waits(function):
    """Marks a test of waiting without `await`: it runs where there is JSPI."""
    function.where_python_can_wait = True
    return function


def cannot_wait(function):
    """Marks a test of what happens without JSPI."""
    function.where_python_can_wait = False
    return function


class Caught:
    error = None


@contextmanager
def raises(kind, text=""):
    """Fails unless the block raises an exception of this class, whose text has `text` in it."""
    caught = Caught()
    try:
        yield caught
    except kind as error:
        caught.error = error
        assert text in str(error), f"{text!r} is not in {str(error)!r}"
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


async def until(condition):
    """Lets others go on until the condition holds; whoever runs the test gives up in the end."""
    while not condition():
        await asyncio.sleep(0.001)


class Gate:
    """What tasks wait for until the test opens it."""

    def __init__(self):
        self._opened = asyncio.get_running_loop().create_future()
        self.waiting = 0

    async def wait(self):
        self.waiting += 1
        try:
            await asyncio.shield(self._opened)
        finally:
            self.waiting -= 1

    def open(self):
        if not self._opened.done():
            self._opened.set_result(None)


def printed():
    """What was printed as an error, or reported as unhandled, since the test began."""
    return list(cell.problems)
