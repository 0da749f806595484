"""Array environments: values by their place."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sparring.environment import ArrayEnvironment, ArrayStart, Declaration, SimTime
from sparring.types.declaration import Component
from sparring.types.errors import AuthorError, InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete
from tests.unit.environment.sessions import begin, step

STATE = Box(-9, 9, (2,), np.float32)


class Cart(ArrayEnvironment):
    """Answers with what `answer` holds."""

    sensors = (Declaration("state", STATE, "m", "where it is"), Declaration("gear", Discrete(4)))
    actuators = (Declaration("push", Discrete(3)),)
    rewards = (Declaration("score", Discrete(9)),)
    static_world_model = (1, 2)
    start: Any = ([np.zeros(2, np.float32), 1],)
    answer: Any = None

    def reset(self, seed: int) -> Any:
        self.seed = seed
        self.given: list[Any] = []
        return self.start[0]

    def step(self, setpoints: Sequence[Any]) -> Any:
        self.given.append(list(setpoints))
        return type(self).answer


def cart(answer: Any, start: Any = ([0.0, 0.0], 1)) -> type[Cart]:
    return type("Cart", (Cart,), {"answer": answer, "start": (start,)})


def test_declarations_keep_unit_and_description() -> None:
    _, started = begin(cart(None))
    assert started.sensors == Cart.sensors
    assert started.static_world_model is not None


def test_plain_tuples_and_numbers_are_understood() -> None:
    session, started = begin(cart(([(1, 2), None], [7])))
    updated = step(session, started, 2)
    state, gear = Layout([each.space for each in started.sensors]).unpack(updated.readings)
    assert (np.asarray(state).tolist(), gear) == ([1.0, 2.0], None)
    assert Layout([each.space for each in started.rewards]).unpack(updated.rewards) == [7]
    assert (updated.terminated, updated.time.ticks) == ((), (1,))


def test_time_and_wishes_are_taken_over() -> None:
    start = ArrayStart([(0, 0), 1], simtime=5, next_update=9)
    session, started = begin(cart(([(1, 2), 1], [7], False, True, SimTime(12), 20), start))
    assert started.first.time.ticks == (5,)
    assert started.first.next_update is not None
    assert started.first.next_update.ticks == (9,)
    updated = step(session, started)
    assert (updated.terminated, updated.truncated, updated.time.ticks) == ((False,), (True,), (12,))
    assert updated.next_update is not None
    assert updated.next_update.ticks == (20,)


@pytest.mark.parametrize(
    ("answer", "reason", "text"),
    [
        (([(1, 2)], [7]), "AUTHOR_CODE_FAILED", "not one per sensor (2)"),
        (([(1, 2), 1], []), "AUTHOR_CODE_FAILED", "not one per reward (1)"),
        (None, "AUTHOR_CODE_FAILED", "raised in step in step 1"),
        (([(1, 2), 1], [7], True, True), "AUTHOR_CODE_FAILED", "terminated and truncated"),
        (([(1, 2), 4], [7]), "VALUE_OUT_OF_SPACE", "sensor 'gear'"),
        (([(1, 2), 1], [9]), "VALUE_OUT_OF_SPACE", "reward 'score'"),
        (([(1, 2, 3), 1], [1]), "VALUE_OUT_OF_SPACE", "sensor 'state'"),
    ],
)
def test_an_answer_that_must_not_be_is_named(answer: Any, reason: str, text: str) -> None:
    session, started = begin(cart(answer))
    with pytest.raises(AuthorError) as caught:
        step(session, started)
    assert caught.value.reason == reason
    assert text in caught.value.message
    assert caught.value.metadata["step"] == "1"


def test_rewards_cannot_be_plugged_in() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        begin(cart(None), reward=Component("it", {}))
    assert caught.value.reason == "CLASS_UNSUITABLE"
