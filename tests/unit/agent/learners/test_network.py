"""Gradients are those that small changes show."""

import numpy as np
import pytest

from sparring.agent.learners.adam import Adam
from sparring.agent.learners.categoricals import Categoricals
from sparring.agent.learners.network import Network

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 5, 2), (3, 5, 4, 2)])
def test_the_gradient_of_a_network_is_that_of_small_changes(sizes: tuple[int, ...]) -> None:
    network = Network(sizes)
    weights, inputs = RNG.normal(size=network.count), RNG.normal(size=(7, 3))
    slope = RNG.normal(size=(7, 2))

    def value(at: np.ndarray) -> float:
        return float((network.forward(at, inputs)[-1] * slope).sum())

    found = network.backward(weights, network.forward(weights, inputs), slope)
    for place in range(network.count):
        change = np.zeros(network.count)
        change[place] = 1e-6
        assert found[place] == pytest.approx((value(weights + change) - value(weights - change)) / 2e-6, abs=1e-6)


def test_a_new_network_has_orthogonal_layers_and_says_nothing() -> None:
    network = Network((8, 6, 6, 3))
    weights = network.initial(np.random.default_rng(1))
    layers = network.layers(weights)
    for matrix, bias in layers[:-1]:
        assert np.allclose(matrix.T @ matrix, 2.0 * np.eye(6))
        assert not bias.any()
    assert not network.forward(weights, RNG.normal(size=(4, 8)))[-1].any()


def test_layers_are_views_of_the_weights() -> None:
    network = Network((2, 2))
    weights = np.zeros(network.count)
    network.layers(weights)[0][0][0, 1] = 5.0
    assert weights.tolist() == [0, 5, 0, 0, 0, 0]


def test_adam_goes_downhill_and_goes_on_where_it_was_saved() -> None:
    weights, adam = np.array([3.0, -2.0]), Adam(2)
    for _ in range(100):
        adam.descend(weights, 2 * weights, 0.05)
    again, copy = Adam.of(adam.state()), weights.copy()
    for _ in range(200):
        adam.descend(weights, 2 * weights, 0.05)
        again.descend(copy, 2 * copy, 0.05)
    assert np.array_equal(weights, copy)
    assert np.abs(weights).max() < 0.05


def test_probabilities_of_a_choice_add_up_to_one() -> None:
    known = np.exp(Categoricals((2, 3)).log_probabilities(RNG.normal(size=(4, 5), scale=300)))
    assert np.allclose(known[:, :2].sum(axis=1), 1.0)
    assert np.allclose(known[:, 2:].sum(axis=1), 1.0)


def test_slopes_of_choices_are_those_of_small_changes() -> None:
    choices = Categoricals((2, 3))
    logits, weights = RNG.normal(size=(4, 5)), RNG.normal(size=4)
    chosen = np.array([[0, 2], [1, 1], [1, 0], [0, 0]])

    def value(at: np.ndarray) -> float:
        return float((choices.of_chosen(choices.log_probabilities(at), chosen) * weights).sum())

    def entropy(at: np.ndarray) -> float:
        return 4 * choices.entropy(choices.log_probabilities(at))

    known = choices.log_probabilities(logits)
    found, entropies = choices.slope(known, chosen, weights), choices.entropy_slope(known)
    for place in np.ndindex(logits.shape):
        change = np.zeros(logits.shape)
        change[place] = 1e-6
        for slope, function in ((found, value), (entropies, entropy)):
            numeric = (function(logits + change) - function(logits - change)) / 2e-6
            assert slope[place] == pytest.approx(numeric, abs=1e-6)


def test_divergence_is_zero_from_itself_and_positive_from_others() -> None:
    choices = Categoricals((2, 3))
    one, other = (choices.log_probabilities(RNG.normal(size=(4, 5))) for _ in range(2))
    assert choices.divergence(one, one) == 0.0
    assert choices.divergence(one, other) > 0.0
