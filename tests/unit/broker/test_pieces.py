"""The data structures of the rules, each by itself."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sparring.broker.majordomo.fair_queue import FairQueue
from sparring.broker.majordomo.matching import Matching
from sparring.broker.majordomo.memory import Memory
from sparring.broker.majordomo.messages import Ready
from sparring.broker.majordomo.timers import Timers
from sparring.broker.majordomo.worker import Worker


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from(["push", "pop", "remove"]))))
def test_a_fair_queue_iterates_in_the_order_in_which_it_serves(steps: list[tuple[str, bool, str]]) -> None:
    queue: FairQueue[int] = FairQueue()
    for number, (client, at_head, step) in enumerate(steps):
        if step == "push":
            queue.push(number, client, number, at_head=at_head)
        elif len(queue) and step == "pop":
            first = next(iter(queue))
            assert queue.pop() == first
        elif len(queue):
            queue.remove(list(queue)[-1])
    order = list(queue)
    assert len(order) == len(queue) == sum(queue.count(client) for client in "abc")
    assert [queue.pop() for _ in order] == order


@given(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 100)))))
def test_timers_give_each_key_once_at_its_last_time(steps: list[tuple[int, int | None]]) -> None:
    timers: Timers[int] = Timers()
    expected: dict[int, float] = {}
    for key, when in steps:
        if when is None:
            timers.drop(key)
            expected.pop(key, None)
        else:
            timers.at(when, key)
            expected[key] = when
    assert timers.next == min(expected.values(), default=math.inf)
    given_back = {}
    for now in range(101):
        while (due := timers.due(now)) is not None:
            assert due not in given_back
            given_back[due] = float(now)
    assert given_back == expected
    assert len(timers) == 0


def test_timers_do_not_keep_what_was_dropped() -> None:
    timers: Timers[int] = Timers()
    for number in range(10_000):
        timers.at(number, number)
        timers.drop(number)
    assert len(timers._heap) < 200


def test_a_memory_forgets_the_oldest_beyond_its_count_weight_or_age() -> None:
    memory: Memory[str, int] = Memory(keep_s=10, limit=2, weight_limit=100)
    memory.put("a", 1, now=0, weight=60)
    memory.put("b", 2, now=1, weight=60)
    assert memory.get("a", 1) is None
    memory.put("c", 3, now=2)
    memory.put("d", 4, now=3)
    assert (memory.get("b", 3), memory.get("c", 3), memory.get("d", 3)) == (None, 3, 4)
    assert memory.get("c", 12) is None
    memory.put("e", 5, now=12.5)
    assert "c" not in memory


COMPONENTS = ["x", "y", "z"]


@given(
    st.lists(st.sampled_from(["", *COMPONENTS]), max_size=6),
    st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from(COMPONENTS))), max_size=4),
)
def test_a_matching_is_valid_and_as_large_as_possible(wants: list[str], hosts: list[tuple[int, set[str]]]) -> None:
    workers = [
        Worker(number, Ready(str(number), 1, "s"), 0, 0, announced=frozenset(announced))
        for number, (_, announced) in enumerate(hosts)
    ]
    room = {worker: slots for worker, (slots, _) in zip(workers, hosts, strict=True)}
    found = Matching(wants, room).hosts
    for index, worker in found.items():
        assert worker.runs(wants[index])
    for worker in workers:
        assert list(found.values()).count(worker) <= room[worker]
    assert len(found) == largest(tuple(wants), tuple(room.items()))


def largest(wants: tuple[str, ...], room: tuple[tuple[Worker, int], ...]) -> int:
    """Return the size of the largest matching, by trying everything."""
    if not wants:
        return 0
    best = largest(wants[1:], room)
    for place, (worker, slots) in enumerate(room):
        if slots and worker.runs(wants[0]):
            left = (*room[:place], (worker, slots - 1), *room[place + 1 :])
            best = max(best, 1 + largest(wants[1:], left))
    return best
