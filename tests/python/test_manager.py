"""What asynclit has no words for: places, rates, limits of time, priorities, names."""

import asyncio
import time

import taskloom
from support import Gate, raises, until
from taskloom import InvalidArgument, TaskloomError, TaskManager, TaskStatus, options, run


async def test_concurrency_bounds_how_many_run_at_once_in_order():
    manager = TaskManager(concurrency=2)
    gates = [Gate() for _ in range(5)]
    tasks = [manager.submit(gate.wait) for gate in gates]
    await until(lambda: gates[1].waiting)
    assert [gate.waiting for gate in gates] == [1, 1, 0, 0, 0] and (manager.running, manager.waiting) == (2, 3)
    gates[1].open()
    await until(lambda: gates[2].waiting)
    assert [gate.waiting for gate in gates] == [1, 0, 1, 0, 0]
    manager.concurrency = None
    await until(lambda: gates[4].waiting and gates[3].waiting)
    for gate in gates:
        gate.open()
    for task in tasks:
        await task
    assert manager.concurrency is None


async def test_max_queue_bounds_how_many_wait():
    manager = TaskManager(concurrency=1, max_queue=1)
    gate = Gate()
    first, second, third = (manager.submit(gate.wait) for _ in range(3))
    with raises(TaskloomError) as caught:
        await third
    assert caught.error.code == "queue-full" and third.status is TaskStatus.ERROR
    gate.open()
    await first, await second


async def test_rate_limit_bounds_how_many_start_in_a_span():
    manager = TaskManager(rate_limit=(2, 0.05))
    times = []
    for task in [manager.submit(lambda: times.append(time.monotonic())) for _ in range(5)]:
        await task
    # The clock of JavaScript and Python's are read at slightly different moments.
    assert times[2] - times[0] > 0.04 and times[4] - times[2] > 0.04


async def test_pause_and_resume():
    manager = TaskManager()
    manager.pause()
    task = manager.submit(int)
    await asyncio.sleep(0.01)
    assert task.status is TaskStatus.PENDING
    manager.resume()
    assert await task == 0


async def test_cancel_waiting_and_cancel_all_say_how_many():
    manager = TaskManager(concurrency=1)
    gate = Gate()
    tasks = [manager.submit(gate.wait) for _ in range(4)]
    await until(lambda: gate.waiting)
    assert manager.cancel_waiting() == 3 and manager.cancel_all() == 1
    await until(lambda: all(task.status is TaskStatus.CANCELLED for task in tasks))
    await until(lambda: not gate.waiting)
    assert await manager.submit(lambda: 1) == 1


async def test_a_place_is_free_when_the_cancelled_function_has_ended():
    manager = TaskManager(concurrency=1)
    gate = Gate()

    async def stubborn():
        try:
            await asyncio.sleep(60)
        finally:
            await gate.wait()

    first = manager.submit(stubborn)
    await until(lambda: first.status is TaskStatus.RUNNING)
    await asyncio.sleep(0.005)
    first.cancel()
    second = manager.submit(int)
    await until(lambda: gate.waiting)
    assert second.status is TaskStatus.PENDING
    gate.open()
    assert await second == 0


async def test_cancel_grace_frees_the_place_of_a_function_that_goes_on():
    manager = TaskManager(concurrency=1, cancel_grace=0)
    gate = Gate()

    async def stubborn():
        try:
            await asyncio.sleep(60)
        finally:
            await gate.wait()

    first = manager.submit(stubborn)
    await until(lambda: first.status is TaskStatus.RUNNING)
    await asyncio.sleep(0.005)
    first.cancel()
    assert await manager.submit(int) == 0
    gate.open()


async def test_dispose_cancels_and_takes_nothing_more():
    manager = TaskManager()
    task = manager.submit(asyncio.sleep, 60)
    manager.dispose()
    await until(lambda: task.done)
    assert task.status is TaskStatus.CANCELLED
    with raises(TaskloomError) as caught:
        manager.submit(int)
    assert caught.error.code == "disposed"


async def test_a_timeout_fails_the_task_and_interrupts_its_function():
    seen = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("ended")

    for task in (options(timeout=0.02, name="slow one").run(work), TaskManager(timeout=0.02).submit(work)):
        seen.clear()
        with raises(TimeoutError, "20 ms"):
            await task
        assert task.status is TaskStatus.ERROR and isinstance(task.error, TimeoutError)
        await until(lambda: seen)
    with raises(TimeoutError, "slow one"):
        await options(timeout=0.001, name="slow one").run(work)


async def test_a_timeout_between_attempts_keeps_the_last_exception_as_its_cause():
    def fail():
        raise ValueError("the last")

    task = options(timeout=0.03, retry=taskloom.RetryPolicy(max_attempts=3, base_delay=60)).run(fail)
    with raises(TimeoutError) as caught:
        await task
    assert isinstance(caught.error.__cause__, ValueError)


async def test_queue_timeout_fails_what_waits_too_long():
    manager = TaskManager(concurrency=1)
    gate = Gate()
    first = manager.submit(gate.wait)
    with raises(TimeoutError, "queue"):
        await options(queue_timeout=0.01, manager=manager).run(int)
    gate.open()
    await first


async def test_the_urgent_start_first():
    manager = TaskManager(concurrency=1)
    gate = Gate()
    order = []
    blocker = manager.submit(gate.wait)
    tasks = [
        options(manager=manager, priority=priority).run(order.append, priority) for priority in ("background", "user-visible", "user-blocking", "background")
    ]
    await until(lambda: gate.waiting)
    gate.open()
    for task in [blocker, *tasks]:
        await task
    assert order == ["user-blocking", "user-visible", "background", "background"]


async def test_options_are_checked_and_named_as_in_python():
    with raises(InvalidArgument, "timeout is -1"):
        options(timeout=-1)
    with raises(InvalidArgument, "queue_timeout"):
        options(queue_timeout="soon")
    with raises(InvalidArgument, "priority"):
        options(priority="high").run(int)
    with raises(InvalidArgument, "concurrency"):
        TaskManager(concurrency=0)
    with raises(InvalidArgument, "max_queue"):
        TaskManager(max_queue=-1)
    with raises(InvalidArgument, "rate_limit"):
        TaskManager(rate_limit=(0, 1))
    assert await options(timeout=float("inf")).run(lambda: 1) == 1


async def test_a_name_is_shown():
    task = options(name="load").run(int)
    assert task.name == "load" and "load" in repr(task)
    await task
    assert "load done" in repr(task)
    named = run(len, [])
    await named
    assert "len done" in repr(named)


async def test_progress_reports_for_the_task_whose_function_calls_it():
    def work(name):
        for number in range(2):
            taskloom.progress(f"{name}{number}")

    tasks = [run(work, name) for name in "ab"]
    for task in tasks:
        await task
    assert [task.progress for task in tasks] == [["a0", "a1"], ["b0", "b1"]]
    taskloom.progress("nobody's")


async def test_errors_are_copied_and_pickled():
    import copy
    import pickle

    for error in (TaskloomError("a-code", "text"), InvalidArgument("text"), taskloom.NotComplete("text"), taskloom.CannotWait()):
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert type(other) is type(error) and other.code == error.code and str(other) == str(error)
