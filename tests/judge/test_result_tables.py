"""Histories in one array: steps, times and energies, each held to numbers of its own size."""

import numpy as np
import pytest

from pdeperf.judge import Capture, Observable, compare, measure_noise

STEPS = np.arange(40.0)
ENERGY = 1e-7 * np.exp(-0.1 * STEPS)
LATE = np.where(STEPS == 39, 1 + 1e-3, 1.0)


def table(energy, start=0.0) -> np.ndarray:
    return np.stack([1000 * STEPS, start + 0.1 * STEPS, energy], axis=1)


def capture(values: np.ndarray, perturbed_count: int = 0) -> Capture:
    log = Observable(name="log", values=values, shape=values.shape, typed=True)
    field = Observable(name="u", values=1 + ENERGY, shape=ENERGY.shape)
    return Capture(observables={"log": log, "u": field}, perturbed_count=perturbed_count)


def noise(*moved: np.ndarray):
    return measure_noise(capture(table(ENERGY)), [capture(one, 1) for one in moved])


MOVED = table(ENERGY * (1 - 2e-16)) * (1 + 2e-16)


@pytest.mark.parametrize("known", [None, noise(MOVED), noise(table(ENERGY))])
def test_an_energy_is_not_held_to_the_number_of_its_step(known) -> None:
    found = compare([capture(table(ENERGY))], capture(table(ENERGY * LATE)), noise=known)
    assert not found.agrees
    assert found.differences[0].worst_index == (39, 2)


@pytest.mark.parametrize("known", [None, noise(MOVED), noise(table(ENERGY))])
def test_rounding_in_an_energy_is_right(known) -> None:
    assert compare([capture(table(ENERGY))], capture(table(ENERGY * (1 + 4e-15))), noise=known).agrees


def test_a_column_that_cancels_is_held_to_what_stands_beside_it() -> None:
    old, new = np.full(40, 6e-17), np.full(40, -3e-17)
    assert compare([capture(table(old))], capture(table(new)), noise=noise(table(old))).agrees


def test_a_column_that_rounding_moves_far_is_held_to_its_own_spread() -> None:
    moved = noise(table(ENERGY * (1 + 1e-8)))
    assert compare([capture(table(ENERGY))], capture(table(ENERGY * (1 + 5e-8))), noise=moved).agrees
    assert not compare([capture(table(ENERGY))], capture(table(ENERGY * LATE)), noise=moved).agrees


def test_times_that_differ_from_run_to_run_hide_no_energy() -> None:
    runs = [capture(table(ENERGY, start)) for start in (3.0, 4.0)]
    assert compare(runs, capture(table(ENERGY, 5.0))).agrees
    assert not compare(runs, capture(table(ENERGY * LATE, 5.0))).agrees
