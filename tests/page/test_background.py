"""Work that takes its turn and can be stopped."""

import threading
from collections.abc import Callable

from rag.page.background import Task, Turns

SOON = 10.0  # seconds: only a broken test waits as long


def follow(task: Task[int]) -> list[int]:
    items: list[int] = []
    while not task.finished:
        items += task.poll(SOON)
    return items


def test_everything_that_was_handed_over_arrives_in_order() -> None:
    def work(hand_over: Callable[[int], None]) -> None:
        for number in range(100):
            hand_over(number)

    assert follow(Task(Turns(), work)) == list(range(100))


def test_a_stopped_task_ends_at_its_next_item() -> None:
    handed = threading.Semaphore(0)
    go_on = threading.Semaphore(0)
    reached: list[int] = []

    def work(hand_over: Callable[[int], None]) -> None:
        for number in range(10):
            hand_over(number)
            reached.append(number)
            handed.release()
            go_on.acquire(timeout=SOON)

    task = Task(Turns(), work)
    assert task.poll(SOON) == [0]
    handed.acquire(timeout=SOON)
    task.stop()
    go_on.release(10)
    assert follow(task) == []
    assert reached == [0]
    assert task.error is None


def test_the_second_waits_and_then_has_its_turn() -> None:
    turns = Turns()
    go_on = threading.Event()

    def first_work(hand_over: Callable[[int], None]) -> None:
        go_on.wait(SOON)
        hand_over(1)

    first: Task[int] = Task(turns, first_work)
    second: Task[int] = Task(turns, lambda hand_over: hand_over(2))
    assert first.poll(0) == [] and not first.waiting
    assert second.poll(0) == [] and second.waiting
    go_on.set()
    assert follow(first) == [1]
    assert follow(second) == [2]


def test_one_that_is_stopped_while_it_waits_lets_the_next_one_pass() -> None:
    turns = Turns()
    ticket = turns.take()
    waiting: Task[int] = Task(turns, lambda hand_over: hand_over(1))
    third: Task[int] = Task(turns, lambda hand_over: hand_over(3))
    waiting.stop()
    turns.give_back(ticket)
    assert follow(waiting) == []
    assert follow(third) == [3]


def test_a_failure_is_kept_and_the_next_one_has_its_turn() -> None:
    turns = Turns()

    def work(hand_over: Callable[[int], None]) -> None:
        hand_over(1)
        raise ValueError("broken")

    failed = Task(turns, work)
    assert follow(failed) == [1]
    assert str(failed.error) == "broken"
    assert follow(Task(turns, lambda hand_over: hand_over(2))) == [2]


def test_stopping_what_has_finished_changes_nothing() -> None:
    task: Task[int] = Task(Turns(), lambda hand_over: hand_over(1))
    follow(task)
    task.stop()
    assert not task.stopped
