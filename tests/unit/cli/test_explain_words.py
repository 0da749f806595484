"""Every state of a run has words."""

import pytest

from sparring.cli.showing.explanation_words import words_of
from sparring.governor.run_record import StateName


@pytest.mark.parametrize("state", list(StateName))
def test_every_state_has_words_of_its_own(state: StateName) -> None:
    assert words_of(state).now != state.lower().replace("_", " ")


def test_a_state_that_a_newer_version_made_up_is_called_by_its_name() -> None:
    assert words_of("DANCING_WILDLY").now == "dancing wildly"
