"""Waiting without `await`, and what hangs elsewhere."""

import asyncio
import gc
import time
from concurrent.futures import CancelledError

import cell
import js
import taskloom
from pyodide.code import run_js
from pyodide.ffi import JsException, create_proxy
from support import Gate, cannot_wait, printed, raises, until, waits
from taskloom import CannotWait, TaskloomError, as_completed, asynclit, gather, run, sleep, wait
from taskloom.asynclit import TaskStatus


@waits
def test_wait_gives_the_result_or_raises_what_result_raises():
    async def later(value):
        await asyncio.sleep(0.005)
        return value

    async def fail():
        await asyncio.sleep(0)
        raise ValueError("no")

    assert run(later, 5).wait() == 5
    task = run(later, 6)
    assert (task.wait(60), task.wait(), task.wait(0)) == (6, 6, 6)
    with raises(ValueError, "no"):
        run(fail).wait()
    task = run(later, 7)
    task.cancel()
    with raises(CancelledError):
        task.wait()


@waits
def test_wait_raises_timeout_error_after_its_timeout_and_the_task_goes_on():
    task = run(asyncio.sleep, 0.05, "slept")
    with raises(TimeoutError, "0.001"):
        task.wait(0.001)
    with raises(TimeoutError):
        task.wait(timeout=0)
    assert not task.done and task.wait(60) == "slept"
    with raises(ValueError, "timeout is -1"):
        run(int).wait(-1)


@waits
def test_tasks_wait_for_tasks_without_await_and_others_run_meanwhile():
    def fibonacci(n):
        return n if n < 2 else sum(task.wait() for task in [run(fibonacci, n - 1), run(fibonacci, n - 2)])

    ticks = []

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    ticking = run(tick)
    assert run(fibonacci, 8).wait() == 21
    ticking.cancel()
    assert len(ticks) > 5


@waits
def test_a_task_that_waits_for_itself_without_await_fails_and_does_not_hang():
    tasks = []
    tasks.append(run(lambda: tasks[0].wait()))
    with raises(TaskloomError, "waits for itself"):
        tasks[0].wait()


@waits
async def test_cancel_ends_a_wait_without_await_at_once():
    hanging = run(asyncio.sleep, 60)
    seen = []

    def waiting(how):
        seen.append("began")
        try:
            how()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            seen.append("ended")

    for how in (hanging.wait, lambda: sleep(60), lambda: wait(asyncio.sleep(60)), lambda: wait(js.Promise.new(lambda *_: None)), lambda: next(iter(as_completed([hanging])))):
        seen.clear()
        task = run(waiting, how)
        await until(lambda: seen)
        await asyncio.sleep(0.002)
        started = time.monotonic()
        assert task.cancel() is True
        await until(lambda: len(seen) == 3)
        assert time.monotonic() - started < 30 and seen == ["began", "cancelled", "ended"]
        assert task.status is TaskStatus.CANCELLED
        with raises(CancelledError):
            await task
    assert not hanging.done
    hanging.cancel()


@waits
async def test_a_function_that_goes_on_after_its_cancel_can_not_wait_again():
    seen = []

    def stubborn():
        for _ in range(3):
            try:
                sleep(60)
            except asyncio.CancelledError:
                seen.append("cancelled")

    task = run(stubborn)
    await until(lambda: task.status is TaskStatus.RUNNING)
    await asyncio.sleep(0.002)
    task.cancel()
    await until(lambda: len(seen) == 3)


@waits
async def test_a_timeout_ends_a_wait_without_await():
    task = taskloom.options(timeout=0.02).run(sleep, 60)
    with raises(TimeoutError):
        await task
    assert task.status is TaskStatus.ERROR


@waits
async def test_a_cancel_ends_a_wait_within_an_async_function_too():
    seen = []

    async def work():
        await asyncio.sleep(0)
        try:
            sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = run(work)
    await until(lambda: task.status is TaskStatus.RUNNING)
    await asyncio.sleep(0.005)
    task.cancel()
    await until(lambda: seen)


@waits
def test_gather_and_as_completed_work_without_await():
    tasks = [run(asyncio.sleep, seconds, seconds) for seconds in (0.02, 0, 0.01)]
    assert gather(*tasks).wait() == [0.02, 0, 0.01]
    assert [task.result for task in as_completed(tasks)] == [0, 0.01, 0.02]


@waits
def test_wait_takes_coroutines_futures_and_promises():
    async def give():
        await asyncio.sleep(0)
        return 1

    assert wait(give()) == 1
    assert wait(asyncio.ensure_future(give())) == 1
    assert wait(js.Promise.resolve(2)) == 2
    assert wait(run(give)) == 1
    with raises(TimeoutError):
        wait(asyncio.sleep(60), timeout=0.001)


@waits
def test_wait_for_a_cancelled_future_does_not_look_like_a_cancel_of_the_one_who_waits():
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    with raises(CancelledError) as caught:
        wait(future)
    assert not isinstance(caught.error, asyncio.CancelledError)


@waits
async def test_a_wait_where_python_can_not_wait_raises_an_error_that_says_what_to_do():
    seen = []

    def from_javascript(task):
        try:
            task.wait()
        except CannotWait as error:
            seen.append(str(error))

    gate = Gate()
    task = run(gate.wait)
    callback = create_proxy(from_javascript)
    held = create_proxy(task)
    # Called by plain JavaScript, and not by Python's loop.
    await run_js("(callback, task) => new Promise(done => setTimeout(() => { callback(task); done(); }))")(callback, held)
    callback.destroy()
    held.destroy()
    assert len(seen) == 1 and "use await" in seen[0]
    gate.open()
    await task


@cannot_wait
async def test_without_jspi_every_wait_raises_an_error_that_says_what_to_do():
    task = run(asyncio.sleep, 60)
    coroutine = asyncio.sleep(60)
    for how in (task.wait, lambda: sleep(0), lambda: wait(coroutine), lambda: next(iter(as_completed([task])))):
        with raises(RuntimeError, "use await") as caught:
            how()
        assert caught.error.code == "cannot-wait"
    failing = run(lambda: sleep(0))
    with raises(CannotWait):
        await failing
    task.cancel()
    gc.collect()
    assert printed() == []  # such as of a coroutine that nobody has awaited


@cannot_wait
async def test_without_jspi_a_task_that_is_over_needs_no_wait():
    task = run(lambda: 5)
    await task
    assert task.wait() == 5 and [task.result for task in as_completed([task])] == [5]


# ---- promises of JavaScript


async def test_a_promise_that_a_function_returns_is_awaited():
    assert await run(js.Promise.resolve, 3) == 3
    assert await run(lambda: run_js("({ then: resolve => resolve(4) })")) == 4


async def test_a_promise_that_is_rejected_with_no_error_fails_the_task_and_does_not_hang():
    for reason in ("'text'", "undefined", "null", "5", "{ code: 1 }"):
        task = run(lambda reason=reason: run_js(f"Promise.reject({reason})"))
        with raises(Exception, "rejected with"):
            await task
        assert task.status is TaskStatus.ERROR


async def test_a_promise_that_is_rejected_with_an_error_fails_the_task_with_it():
    with raises(JsException, "no") as caught:
        await run(lambda: run_js("Promise.reject(new RangeError('no'))"))
    assert caught.error.name == "RangeError"


@waits
def test_wait_for_a_promise_that_is_rejected_with_no_error_does_not_hang():
    with raises(Exception, "rejected with 'text'"):
        wait(js.Promise.reject("text"))


async def test_a_cancelled_task_that_awaits_a_promise_is_cancelled_and_raises_nothing_else():
    task = run(lambda: js.Promise.new(lambda *_: None))
    await until(lambda: task.status is TaskStatus.RUNNING)
    task.cancel()
    with raises(CancelledError):
        await task


# ---- nobody looks


async def test_a_failure_that_nobody_looks_at_prints_nothing():
    def fail():
        raise ValueError("nobody looks")

    async def fail_async():
        await asyncio.sleep(0)
        raise ValueError("nobody looks")

    tasks = [run(fail), run(fail_async), run(fail_async, retry=asynclit.RetryPolicy(max_attempts=2)), gather(run(fail))]
    await until(lambda: all(task.done for task in tasks))
    del tasks
    gc.collect()
    await asyncio.sleep(0.01)
    assert printed() == []


async def test_a_cancel_that_nobody_looks_at_prints_nothing():
    tasks = [run(asyncio.sleep, 60) for _ in range(3)]
    tasks[0].cancel()
    await until(lambda: tasks[1].status is TaskStatus.RUNNING)
    tasks[1].cancel()
    asyncio.ensure_future(tasks[2]._end()).cancel()
    tasks[2].cancel()
    del tasks
    gc.collect()
    await asyncio.sleep(0.01)
    assert printed() == []


async def test_the_runner_itself_sees_what_is_printed():
    loop = asyncio.get_running_loop()

    async def fail():
        raise ValueError("seen")

    lost = loop.create_task(fail())
    await until(lambda: any("seen" in line for line in printed()))
    del lost
    cell.problems.splice(0)
