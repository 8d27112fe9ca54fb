"""A circuit breaker leaves alone who fails again and again, and tries again later."""

from services.intake.circuit import Circuit


def failing(times: int, at: float = 0.0) -> Circuit:
    circuit = Circuit(most=3, rest=30.0)
    for _ in range(times):
        assert circuit.admits(at)
        circuit.failed(at)
    return circuit


def test_a_few_failures_keep_nobody_away() -> None:
    assert failing(2).admits(0.0)


def test_an_answer_makes_failures_forgotten() -> None:
    circuit = failing(2)
    circuit.succeeded()
    circuit.failed(0.0)
    assert circuit.admits(0.0)


def test_after_too_many_failures_in_a_row_nobody_passes() -> None:
    circuit = failing(3)
    assert not circuit.admits(0.0)
    assert not circuit.admits(29.9)


def test_after_the_rest_one_may_try() -> None:
    circuit = failing(3)
    assert circuit.admits(30.0)
    assert not circuit.admits(30.0)


def test_a_trial_that_succeeds_lets_everybody_pass() -> None:
    circuit = failing(3)
    assert circuit.admits(30.0)
    circuit.succeeded()
    assert circuit.admits(30.0)
    circuit.failed(30.0)
    assert circuit.admits(30.0)


def test_a_trial_that_fails_or_is_never_heard_of_again_costs_another_rest() -> None:
    circuit = failing(3)
    assert circuit.admits(30.0)
    circuit.failed(31.0)
    assert not circuit.admits(60.0)
    assert circuit.admits(61.0)
    assert not circuit.admits(90.9)
    assert circuit.admits(91.0)
