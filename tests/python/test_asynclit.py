"""What asynclit 0.2.2 promises, row by row."""

import asyncio
import contextvars
import copy
import dataclasses
import pickle
import re
import sys
import traceback
from concurrent.futures import CancelledError

from support import Gate, raises, until
from taskloom import InvalidArgument, NotComplete, asynclit
from taskloom.asynclit import RetryPolicy, TaskManager, TaskStatus, get_default_manager, run, session_tasks

# ---- run, Task


async def test_run_returns_a_task_at_once_which_goes_from_pending_over_running_to_done():
    gate = Gate()
    task = run(gate.wait)
    assert (task.status, task.done, task.error) == (TaskStatus.PENDING, False, None)
    await until(lambda: gate.waiting)
    assert (task.status, task.done) == (TaskStatus.RUNNING, False)
    gate.open()
    assert await task is None
    assert (task.status, task.done, task.error) == (TaskStatus.DONE, True, None)


async def test_the_statuses_have_asynclits_values():
    assert [(status.name, status.value) for status in TaskStatus] == [
        ("PENDING", "pending"), ("RUNNING", "running"), ("DONE", "done"), ("ERROR", "error"), ("CANCELLED", "cancelled"),
    ]  # fmt: skip


async def test_sync_and_async_functions_get_their_arguments():
    def add(a, b=0, *, c=0):
        return a + b + c

    async def add_async(a, b=0, *, c=0):
        return a + b + c

    assert await run(add, 1, 2, c=3) == 6
    assert await run(add_async, 1, 2, c=3) == 6


async def test_the_functions_own_func_args_and_kwargs_are_no_conflict():
    assert await run(lambda **kwargs: kwargs, func=1, args=2, kwargs=3) == {"func": 1, "args": 2, "kwargs": 3}


async def test_objects_that_can_be_called_lambdas_methods_and_coroutines_that_they_return():
    class Adder:
        async def __call__(self, a):
            return a + 1

        async def method(self, a):
            return a + 2

        @staticmethod
        def static(a):
            return a + 3

    import functools

    assert await run(Adder(), 1) == 2
    assert await run(Adder().method, 1) == 3
    assert await run(Adder.static, 1) == 4
    assert await run(functools.partial(Adder().method, 1)) == 3
    assert await run(lambda: Adder().method(1)) == 3
    assert await run(max, 1, 2) == 2


async def test_the_result_is_the_very_object_that_the_function_has_returned():
    value = {"a": object()}
    task = run(lambda: value)
    assert await task is value
    assert task.result is value


async def test_the_id_is_a_uuid_of_version_4_and_stays_the_same():
    task = run(int)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", task.id)
    assert task.id == task.id != run(int).id


async def test_the_result_of_a_task_that_is_not_complete_is_a_runtime_error_that_says_so():
    gate = Gate()
    task = run(gate.wait)
    with raises(RuntimeError, "not complete") as caught:
        _ = task.result
    assert isinstance(caught.error, NotComplete) and caught.error.code == "not-complete"
    gate.open()
    await task


async def test_the_result_of_a_failed_task_raises_its_exception_each_time():
    error = ValueError("no")

    async def fail():
        raise error

    task = run(fail)
    with raises(ValueError, "no") as caught:
        await task
    assert caught.error is error and task.error is error and task.status is TaskStatus.ERROR and task.done
    for _ in range(3):
        with raises(ValueError) as caught:
            _ = task.result
        assert caught.error is error
    assert "in fail" in "".join(traceback.format_exception(error))


async def test_the_result_of_a_cancelled_task_raises_the_cancelled_error_of_futures_and_not_asyncios():
    task = run(asyncio.sleep, 60)
    assert task.cancel() is True
    assert (task.status, task.done, task.error) == (TaskStatus.CANCELLED, True, None)
    with raises(CancelledError) as caught:
        _ = task.result
    assert not isinstance(caught.error, asyncio.CancelledError)
    with raises(CancelledError):
        await task


async def test_a_waiter_is_not_cancelled_by_the_cancel_of_what_it_waits_for():
    inner = run(asyncio.sleep, 60)

    async def wait():
        try:
            await inner
        except CancelledError:
            return "went on"

    outer = run(wait)
    await until(lambda: outer.status is TaskStatus.RUNNING)
    inner.cancel()
    assert await outer == "went on"


async def test_a_waiter_that_is_cancelled_cancels_nothing():
    gate = Gate()
    task = run(gate.wait)
    waiter = asyncio.ensure_future(asyncio.wait_for(task, 60))
    await until(lambda: gate.waiting)
    waiter.cancel()
    with raises(asyncio.CancelledError):
        await waiter
    assert not task.done
    gate.open()
    await task


async def test_many_await_the_same_task():
    gate = Gate()

    async def work():
        await gate.wait()
        return 7

    task = run(work)

    async def wait():
        return await task

    waiters = [asyncio.ensure_future(wait()) for _ in range(200)]
    await until(lambda: gate.waiting)
    gate.open()
    assert await asyncio.gather(*waiters) == [7] * 200


async def test_a_task_that_was_cancelled_before_its_start_is_never_called():
    called = []
    task = run(called.append, 1)
    assert task.cancel() is True
    await asyncio.sleep(0.02)
    assert called == [] and task.status is TaskStatus.CANCELLED


async def test_cancel_interrupts_a_running_function_where_it_awaits():
    seen = []

    async def work():
        try:
            seen.append("began")
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            seen.append("ended")

    task = run(work)
    await until(lambda: seen)
    assert task.cancel() is True
    assert task.status is TaskStatus.CANCELLED
    await until(lambda: len(seen) == 3)
    assert seen == ["began", "cancelled", "ended"]


async def test_cancel_of_a_task_that_is_over_is_false_and_changes_nothing():
    def fail():
        raise KeyError("a")

    done, failed, cancelled = run(int), run(fail), run(asyncio.sleep, 60)
    await done
    with raises(KeyError):
        await failed
    assert cancelled.cancel() is True
    assert [task.cancel() for task in (done, failed, cancelled)] == [False, False, False]
    assert [task.status for task in (done, failed, cancelled)] == [TaskStatus.DONE, TaskStatus.ERROR, TaskStatus.CANCELLED]


async def test_what_a_cancelled_function_returns_or_raises_late_is_dropped():
    began, ended = [], []

    async def stubborn(fails):
        began.append(fails)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(fails)
            if fails:
                raise ValueError("late") from None
            return "late"

    tasks = [run(stubborn, False), run(stubborn, True)]
    await until(lambda: len(began) == 2)
    for task in tasks:
        task.cancel()
    await until(lambda: len(ended) == 2)
    await asyncio.sleep(0.01)
    for task in tasks:
        assert task.status is TaskStatus.CANCELLED and task.error is None
        with raises(CancelledError):
            _ = task.result


async def test_a_function_that_raises_asyncios_cancelled_error_is_cancelled():
    async def work():
        raise asyncio.CancelledError

    task = run(work)
    with raises(CancelledError):
        await task
    assert task.status is TaskStatus.CANCELLED


async def test_exceptions_that_are_none_of_exception_end_the_task_and_nothing_else():
    class Stop(BaseException):
        pass

    for kind in (Stop, KeyboardInterrupt, SystemExit):

        def work(kind=kind):
            raise kind("x")

        task = run(work)
        with raises(kind):
            await task
        assert task.status is TaskStatus.ERROR
    assert await run(lambda: "still here") == "still here"


async def test_a_task_that_waits_for_itself_fails_and_does_not_hang():
    tasks = []

    async def work():
        await tasks[0]

    tasks.append(run(work))
    with raises(Exception, "waits for itself"):
        await tasks[0]


async def test_run_takes_functions_only():
    with raises(InvalidArgument, "it must be a function"):
        run(3)
    with raises(ValueError, "it must be a RetryPolicy"):
        run(int, retry=3)


async def test_context_variables_are_those_of_run_and_stay_within_the_task():
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(1)

    async def work():
        before = variable.get()
        await asyncio.sleep(0)
        variable.set(before + 10)
        await asyncio.sleep(0)
        return before, variable.get()

    task = run(work)
    variable.set(2)
    assert await task == (1, 11)
    assert await run(work) == (2, 12)
    assert variable.get() == 2


async def test_a_task_runs_other_tasks_and_waits_for_them():
    async def inner(number):
        await asyncio.sleep(0)
        return number * 2

    async def outer():
        return sum([await run(inner, number) for number in range(10)])

    assert await run(outer) == 90


async def test_the_function_and_its_arguments_are_let_go_when_the_task_is_over():
    import gc
    import weakref

    class Big:
        pass

    big = Big()
    reference = weakref.ref(big)
    task = run(lambda big: None, big)
    await task
    del big
    gc.collect()
    await asyncio.sleep(0)
    assert reference() is None


async def test_thousands_of_tasks_run_in_order_and_leave_nothing_behind():
    from taskloom import _tasks

    order = []
    tasks = [run(order.append, number) for number in range(3000)]
    for task in tasks:
        await task
    assert order == list(range(3000))
    await until(lambda: not _tasks._live)


# ---- progress


async def test_a_first_parameter_queue_or_progress_queue_is_filled_by_position():
    async def with_queue(queue, steps):
        for step in range(steps):
            await queue.async_q.put(step)
        return steps

    async def with_progress_queue(progress_queue, *steps):
        for step in steps:
            progress_queue.sync_q.put(step)
        return len(steps)

    task = run(with_queue, 3)
    assert await task == 3 and task.progress == [0, 1, 2]
    task = run(with_progress_queue, "a", "b")
    assert await task == 2 and task.progress == ["a", "b"]


async def test_another_parameter_of_these_names_is_filled_by_name():
    async def later(steps, queue=None):
        await queue.async_q.put(steps)
        return "later"

    async def keyword_only(steps, *, progress_queue):
        await progress_queue.async_q.put(steps)
        return "keyword"

    task = run(later, 1)
    assert await task == "later" and task.progress == [1]
    task = run(keyword_only, steps=2)
    assert await task == "keyword" and task.progress == [2]


async def test_a_queue_that_the_caller_gives_gives_way_to_the_injected_one():
    async def first(queue, steps):
        await queue.async_q.put(steps)

    async def later(steps, queue):
        await queue.async_q.put(steps)

    tasks = [run(first, steps=1, queue="mine"), run(later, 2, queue="mine")]
    for task in tasks:
        await task
    assert [task.progress for task in tasks] == [[1], [2]]


async def test_functions_without_await_get_the_queue_where_the_call_would_lack_it():
    def lacking(queue, steps):
        for step in range(steps):
            queue.sync_q.put(step)
        return steps

    def given(queue, steps):
        return queue, steps

    task = run(lacking, 2)
    assert await task == 2 and task.progress == [0, 1]
    assert await run(given, "mine", 2) == ("mine", 2)
    assert await run(lambda a, queue=5: (a, queue), 1) == (1, 5)


async def test_progress_drains_while_the_task_runs_and_after_its_end():
    gate = Gate()

    async def work(queue):
        await queue.async_q.put("before")
        await gate.wait()
        await queue.async_q.put("after")
        queue.sync_q.put("last")

    task = run(work)
    await until(lambda: gate.waiting)
    assert task.progress == ["before"] and task.progress == []
    gate.open()
    await task
    assert task.progress == ["after", "last"] and task.progress == []


async def test_a_task_without_a_queue_has_no_progress():
    task = run(int)
    await task
    assert task.progress == [] and task.latest_progress is None and task.dropped_progress == 0


async def test_a_task_that_fails_or_is_cancelled_keeps_what_it_has_reported():
    async def fail(queue):
        await queue.async_q.put(1)
        raise ValueError

    async def hang(queue):
        await queue.async_q.put(2)
        await asyncio.sleep(60)

    failing, hanging = run(fail), run(hang)
    with raises(ValueError):
        await failing
    await until(lambda: hanging.latest_progress == 2)
    hanging.cancel()
    assert failing.progress == [1] and hanging.progress == [2]


async def test_progress_is_bounded_and_what_is_dropped_is_counted():
    async def work(queue):
        for number in range(1500):
            queue.sync_q.put_nowait(number)

    task = run(work)
    await task
    assert task.dropped_progress == 1500 - 1024 and task.latest_progress == 1499
    assert task.progress == list(range(1500 - 1024, 1500))


async def test_both_ends_of_the_queue_have_the_methods_of_queues():
    import queue as queues

    seen = []

    async def work(queue):
        for end, empty in ((queue.sync_q, queues.Empty), (queue.async_q, asyncio.QueueEmpty)):
            end.put_nowait(1)
            seen.append((end.qsize(), end.empty(), end.full(), end.get_nowait(), end.empty()))
            with raises(empty):
                end.get_nowait()

    await run(work)
    assert seen == [(1, False, False, 1, True)] * 2


# ---- managers


async def test_a_manager_finds_its_tasks_by_id():
    manager = TaskManager()
    task = manager.submit(lambda a, *, b: a + b, 1, b=2)
    assert manager.get(task.id) is task
    assert await task == 3
    assert manager.get(task.id) is task
    assert get_default_manager().get(task.id) is None
    assert manager.get("nobody") is None


async def test_run_submits_to_the_manager_given_else_to_the_default_one():
    manager = TaskManager()
    mine, other = run(int, manager=manager), run(int)
    assert manager.get(mine.id) is mine and get_default_manager().get(other.id) is other
    assert manager.get(other.id) is None
    assert get_default_manager() is get_default_manager()
    await mine, await other


async def test_a_submit_and_cleanup_forget_the_oldest_finished_beyond_max_completed():
    manager = TaskManager(max_completed=2)
    tasks = []
    for _ in range(5):
        task = manager.submit(int)
        _ = task.id
        await task
        tasks.append(task)
    # The submit of the last has trimmed to two; the last has finished since.
    assert [manager.get(task.id) is task for task in tasks] == [False, False, True, True, True]
    assert manager.cleanup() == 1
    assert [manager.get(task.id) is task for task in tasks] == [False, False, False, True, True]
    assert manager.cleanup() == 0


async def test_tasks_that_are_not_over_are_never_forgotten():
    gate = Gate()
    manager = TaskManager(max_completed=0)
    waiting = manager.submit(gate.wait)
    _ = waiting.id
    await manager.submit(int)
    assert manager.cleanup() == 1 and manager.cleanup() == 0
    assert manager.get(waiting.id) is waiting
    gate.open()
    await waiting
    assert manager.cleanup() == 1 and manager.get(waiting.id) is None


async def test_the_default_manager_keeps_256():
    manager = TaskManager()
    for task in [manager.submit(int) for _ in range(2000)]:
        await task
    manager.cleanup()
    assert manager.cleanup() == 0 and len(manager._finished) == 256


async def test_register_global_makes_a_task_known_by_a_name():
    manager = TaskManager(max_completed=1)
    first, second = manager.submit(int), manager.submit(int)
    manager.register_global(first, "latest")
    assert manager.get("global:latest") is first and manager.get("latest") is None
    manager.register_global(second, "latest")
    assert manager.get("global:latest") is second
    await first, await second
    await manager.submit(int)
    assert manager.cleanup() == 1
    assert manager.get("global:latest") is None


async def test_a_manager_that_nobody_holds_is_let_go():
    import gc
    import weakref

    manager = TaskManager()
    await manager.submit(int)
    reference = weakref.ref(manager)
    del manager
    gc.collect()
    assert reference() is None


async def test_max_completed_is_checked():
    with raises(ValueError, "max_completed"):
        TaskManager(max_completed=-1)


# ---- retries


def test_the_fields_of_a_policy_are_asynclits():
    policy = RetryPolicy()
    assert [(field.name, getattr(policy, field.name)) for field in dataclasses.fields(policy)] == [
        ("max_attempts", 1), ("retry_on", (Exception,)), ("base_delay", 0.0), ("max_delay", 60.0), ("multiplier", 2.0), ("jitter", 0.0),
        ("max_elapsed", None), ("retry_if", None),
    ]  # fmt: skip


def test_a_policy_is_frozen_compared_by_its_fields_copied_and_pickled():
    policy = RetryPolicy(max_attempts=3, base_delay=0.5)
    with raises(dataclasses.FrozenInstanceError):
        policy.max_attempts = 4
    assert policy == RetryPolicy(max_attempts=3, base_delay=0.5) != RetryPolicy(max_attempts=4, base_delay=0.5)
    assert hash(policy) == hash(RetryPolicy(max_attempts=3, base_delay=0.5))
    for other in (copy.copy(policy), copy.deepcopy(policy), pickle.loads(pickle.dumps(policy)), dataclasses.replace(policy, jitter=0.0)):
        assert other == policy and other.delay_for_attempt(1) == 1.0


def test_wrong_fields_are_value_errors_that_name_them():
    wrong = {
        "max_attempts": [0, -1], "base_delay": [-1, float("nan")], "max_delay": [-1], "multiplier": [0.5, 0], "jitter": [-0.1, 1.1],
        "max_elapsed": [0, -1],
    }  # fmt: skip
    for name, values in wrong.items():
        for value in values:
            with raises(ValueError, name):
                RetryPolicy(**{name: value})


def test_delay_for_attempt_is_base_delay_times_multiplier_to_the_power_of_the_attempt_capped_by_max_delay():
    policy = RetryPolicy(max_attempts=9, base_delay=0.1, multiplier=3, max_delay=2)
    assert [policy.delay_for_attempt(attempt_index=index) for index in range(5)] == [0.1, 0.3, 0.9, 2.0, 2.0]
    assert RetryPolicy().delay_for_attempt(0) == 0
    with raises(ValueError):
        policy.delay_for_attempt(-1)


def test_jitter_moves_a_delay_up_and_down_by_at_most_its_part():
    policy = RetryPolicy(base_delay=1, jitter=0.5)
    delays = [policy.delay_for_attempt(0) for _ in range(300)]
    assert 0.5 <= min(delays) < 0.75 and 1.25 < max(delays) <= 1.5


class Flaky:
    """Fails so many times."""

    def __init__(self, failures, error=ValueError):
        self.failures = failures
        self.error = error
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error(f"failure {self.calls}")
        return self.calls


async def test_without_a_policy_a_function_is_called_once():
    for retry in (None, RetryPolicy()):
        work = Flaky(1)
        with raises(ValueError, "failure 1"):
            await run(work, retry=retry)
        assert work.calls == 1


async def test_a_function_is_called_again_until_it_succeeds_or_its_attempts_are_used_up():
    work = Flaky(2)
    task = run(work, retry=RetryPolicy(max_attempts=3))
    assert await task == 3 and task.error is None and task.attempt == 3
    work = Flaky(5)
    with raises(ValueError, "failure 3"):
        await run(work, retry=RetryPolicy(max_attempts=3))
    assert work.calls == 3


async def test_async_functions_are_retried_with_the_same_progress_queue():
    calls = []

    async def work(queue):
        calls.append(1)
        await queue.async_q.put(len(calls))
        if len(calls) < 3:
            raise OSError
        return "done"

    task = run(work, retry=RetryPolicy(max_attempts=3))
    assert await task == "done" and task.progress == [1, 2, 3]


async def test_retry_on_names_the_classes_that_are_tried_again():
    work = Flaky(1, KeyError)
    with raises(KeyError):
        await run(work, retry=RetryPolicy(max_attempts=3, retry_on=(OSError, TypeError)))
    assert work.calls == 1
    assert await run(Flaky(1, FileNotFoundError), retry=RetryPolicy(max_attempts=3, retry_on=(OSError,))) == 2


async def test_retry_if_has_the_last_word_and_gets_the_exception():
    seen = []

    def once(error):
        seen.append(error)
        return len(seen) < 2

    work = Flaky(5)
    task = run(work, retry=RetryPolicy(max_attempts=9, retry_if=once))
    with raises(ValueError, "failure 2"):
        await task
    assert [str(error) for error in seen] == ["failure 1", "failure 2"] and seen[1] is task.error
    with raises(TypeError):  # not asked, since retry_on does not let it through
        await run(Flaky(1, TypeError), retry=RetryPolicy(max_attempts=3, retry_on=(OSError,), retry_if=once))
    assert len(seen) == 2


async def test_what_retry_if_raises_is_the_tasks_error():
    def broken(error):
        raise LookupError("the rule")

    with raises(LookupError, "the rule") as caught:
        await run(Flaky(3), retry=RetryPolicy(max_attempts=3, retry_if=broken))
    assert isinstance(caught.error.__context__, ValueError)


async def test_the_delay_between_attempts_is_kept():
    import time

    times = []

    def work():
        times.append(time.monotonic())
        if len(times) < 3:
            raise OSError

    await run(work, retry=RetryPolicy(max_attempts=3, base_delay=0.03, multiplier=2))
    assert times[1] - times[0] >= 0.029 and times[2] - times[1] >= 0.059


async def test_max_elapsed_ends_the_retries():
    work = Flaky(1_000_000)
    with raises(ValueError):
        await run(work, retry=RetryPolicy(max_attempts=1_000_000, base_delay=0.01, multiplier=1, max_elapsed=0.05))
    assert 2 <= work.calls <= 6


async def test_cancel_between_two_attempts_ends_the_retries():
    work = Flaky(9)
    task = run(work, retry=RetryPolicy(max_attempts=9, base_delay=60))
    await until(lambda: work.calls == 1)
    await asyncio.sleep(0.01)
    assert task.cancel() is True
    with raises(CancelledError):
        await task
    assert work.calls == 1


async def test_a_cancelled_function_is_not_tried_again():
    calls = []

    async def work():
        calls.append(1)
        await asyncio.sleep(60)

    task = run(work, retry=RetryPolicy(max_attempts=3))
    await until(lambda: calls)
    task.cancel()
    await asyncio.sleep(0.02)
    assert len(calls) == 1


# ---- session_tasks, modules


async def test_session_tasks_is_a_dict_that_a_script_finds_again():
    state = {}

    def script():
        tasks = session_tasks(state)
        if "load" not in tasks:
            tasks["load"] = run(lambda: 5)
        return tasks["load"]

    task = script()
    assert await task == 5
    assert script() is task and state["asynclit_tasks"]["load"] is task
    assert session_tasks(state, key="other") == {} and state["other"] == {}


async def test_the_modules_of_asynclit_are_there():
    from taskloom.asynclit.manager import TaskManager, get_default_manager, run
    from taskloom.asynclit.retry import RetryPolicy
    from taskloom.asynclit.session import session_tasks
    from taskloom.asynclit.task import Task, TaskStatus

    for name, value in dict(locals()).items():
        assert getattr(asynclit, name) is value


async def test_the_same_names_are_in_sys_modules_once():
    assert sys.modules["taskloom"].run is run


# ---- several tasks


async def test_gather_gives_all_results_in_the_order_given():
    async def after(seconds, value):
        await asyncio.sleep(seconds)
        return value

    assert await asynclit.gather(run(after, 0.02, "a"), run(after, 0, "b"), run(after, 0.01, "c")) == ["a", "b", "c"]
    assert await asynclit.gather() == []


async def test_gather_fails_with_the_first_error_and_cancels_the_rest():
    def fail():
        raise ValueError("first")

    done, failing, hanging = run(int), run(fail), run(asyncio.sleep, 60)
    with raises(ValueError, "first"):
        await asynclit.gather(hanging, failing, done)
    assert [task.status for task in (done, failing, hanging)] == [TaskStatus.DONE, TaskStatus.ERROR, TaskStatus.CANCELLED]


async def test_gather_with_return_errors_waits_for_all():
    def fail():
        raise ValueError("no")

    cancelled = run(asyncio.sleep, 60)
    cancelled.cancel()
    first, second, third = await asynclit.gather(run(fail), run(lambda: 2), cancelled, return_errors=True)
    assert isinstance(first, ValueError) and second == 2 and isinstance(third, CancelledError)


async def test_a_cancel_of_gather_cancels_all():
    tasks = [run(asyncio.sleep, 60) for _ in range(3)]
    all_of_them = asynclit.gather(*tasks)
    await until(lambda: all(task.status is TaskStatus.RUNNING for task in [*tasks, all_of_them]))
    all_of_them.cancel()
    await until(lambda: all(task.status is TaskStatus.CANCELLED for task in tasks))


async def test_as_completed_gives_the_tasks_in_the_order_in_which_they_finish():
    gates = [Gate() for _ in range(3)]
    tasks = [run(gate.wait) for gate in gates]
    order = []

    async def collect():
        async for task in asynclit.as_completed(tasks):
            order.append(tasks.index(task))

    collecting = asyncio.ensure_future(collect())
    for number, number_of_finished in ((2, 1), (0, 2)):
        await until(lambda: gates[number].waiting)
        gates[number].open()
        await until(lambda: len(order) == number_of_finished)
    tasks[1].cancel()
    await collecting
    assert order == [2, 0, 1]
    assert [tasks.index(task) async for task in asynclit.as_completed(tasks)] == [2, 0, 1]


async def test_groups_take_tasks_only():
    for function in (asynclit.as_completed, lambda them: asynclit.gather(*them)):
        with raises(InvalidArgument, "is no task"):
            function([3])
