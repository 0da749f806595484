"""The audit: counts sent are counts stored."""

import pytest

from sparring.store.phases import Count, audit
from sparring.types.errors import FailedPreconditionError
from sparring.types.mode import Mode


def test_equal_counts_pass_and_nothing_is_the_same_as_zero() -> None:
    audit("r", 0, Mode.TRAIN, {0: Count(2, 20), 1: Count(0, 0)}, {0: Count(2, 20)})


@pytest.mark.parametrize(
    ("sent", "stored", "named"),
    [
        ({0: Count(2, 20)}, {0: Count(1, 10)}, "rollout 0: sent 2 episodes of 20 steps, stored 1 episodes of 10 steps"),
        ({0: Count(2, 20)}, {0: Count(2, 19)}, "stored 2 episodes of 19 steps"),
        ({}, {3: Count(1, 5)}, "rollout 3: sent 0 episodes of 0 steps"),
        ({1: Count(1, 5)}, {}, "rollout 1"),
    ],
)
def test_every_difference_is_named(sent: dict[int, Count], stored: dict[int, Count], named: str) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        audit("r", 0, Mode.TRAIN, sent, stored)
    assert caught.value.reason == "AUDIT_FAILED"
    assert named in str(caught.value)
