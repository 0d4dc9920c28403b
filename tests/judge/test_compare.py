"""What counts as the same result."""

from collections.abc import Mapping
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pdeperf.guest.capture import reduce_array
from pdeperf.judge import Capture, Noise, Observable, Spread, compare, measure_noise, unstable_names
from pdeperf.model import Tolerance

U = np.linspace(1.0, 2.0, 50)


def observable(name: str, values: object) -> Observable:
    array = np.asarray(values)
    typed = isinstance(values, np.ndarray)
    return Observable(name=name, values=array, shape=array.shape, typed=typed)


def capture(
    values: Mapping[str, object], *, calls: Mapping[str, int] | None = None, perturbed_count: int = 0
) -> Capture:
    return Capture(
        observables={name: observable(name, value) for name, value in values.items()},
        calls=calls or {},
        perturbed_count=perturbed_count,
    )


def agrees(old: object, new: object) -> bool:
    return compare([capture({"u": old})], capture({"u": new})).agrees


def note(old: object, new: object) -> str:
    return compare([capture({"u": old})], capture({"u": new})).differences[0].note


@given(arrays.arrays(np.float64, arrays.array_shapes(min_side=0), elements=st.floats(allow_nan=True)))
@example(np.array([1.79769313e308, 3.28081168e300, np.nan]))
def test_everything_equals_itself(values: np.ndarray) -> None:
    assert agrees(values, values.copy())


@given(
    arrays.arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e100, 1e100)),
    st.integers(0, 19),
    st.floats(1e-9, 1e3),
)
def test_no_scale_hides_a_relative_error(values: np.ndarray, place: int, error: float) -> None:
    place %= values.size
    wrong = values.copy()
    wrong[place] += error * np.abs(values).max()
    if np.array_equal(wrong, values):
        return
    assert not agrees(values, wrong)


def test_a_rounding_error_agrees() -> None:
    assert agrees(U, U * (1 + 2e-16))


def test_the_worst_place_is_named() -> None:
    wrong = U.copy().reshape(5, 10)
    wrong[3, 4] += 1e-6
    found = compare([capture({"u": U.reshape(5, 10)})], capture({"u": wrong})).differences[0]
    assert found.worst_index == (3, 4)
    assert not found.within


def test_nan_at_equal_places_is_equal_and_elsewhere_is_wrong() -> None:
    assert agrees([1.0, nan, inf], [1.0, nan, inf])
    assert not agrees([1.0, 2.0], [1.0, nan])
    assert not agrees([1.0, nan], [1.0, 2.0])
    assert not agrees([1.0, inf], [1.0, -inf])
    assert not agrees([1.0, inf], [1.0, nan])


def test_a_shape_that_changed_is_wrong() -> None:
    assert note(np.zeros(5), np.zeros(6)) == "shape (5,) became (6,)"
    assert note(np.zeros((2, 1)), np.zeros(2)) == "shape (2, 1) became (2,)"


def test_an_array_that_changed_its_kind_is_wrong_but_a_number_of_pythons_is_not() -> None:
    assert note(np.arange(3), np.arange(3.0)) == "int64 became float64"
    assert agrees(3, 3.0)
    assert agrees(2.5, np.float64(2.5))
    assert agrees([1.0, 2.0], np.array([1.0, 2.0]))
    assert not agrees(U, U.astype(np.float32))


def test_a_missing_name_is_wrong_unless_it_may_be_forgotten() -> None:
    old = capture({"u": U, "i": 7, "step()[1]:k": 3}, calls={"step": 1})
    assert [one.note for one in compare([old], capture({"u": U})).differences if not one.within] == [
        "missing"
    ]
    assert compare([old], capture({"u": U}), ["i"]).agrees


def test_forgetting_a_name_forgets_what_it_contains_and_nothing_else() -> None:
    old = capture({"u": U, "u2": U, "u.x": U, "u[0]": U})
    found = compare([old], capture({}), ["u"])
    assert [one.observable for one in found.differences] == ["u2"]


def test_locals_are_compared_where_a_function_is_called_as_often() -> None:
    old = capture({"x": 1.5, "f()[1]:u": 1.0}, calls={"f": 1})
    assert not compare([old], capture({"x": 1.5, "f()[1]:u": 2.0}, calls={"f": 1})).agrees
    assert compare([old], capture({"x": 1.5, "f()[1]:u": 2.0}, calls={"f": 3})).agrees
    assert compare([old], capture({"x": 1.5}, calls={"f": 1})).agrees
    wrong = compare([old], capture({"x": 1.5, "f()[1]:u": 2.0}, calls={"f": 1}), ["f():u"])
    assert wrong.agrees


def test_only_what_is_observed_is_compared() -> None:
    found = compare([capture({"u": U, "t": 1.0})], capture({"u": U, "t": 2.0}), observe=["u"])
    assert found.agrees
    assert [one.observable for one in found.differences] == ["u"]


def test_what_two_runs_of_the_original_do_not_share_is_left_out() -> None:
    first, second = capture({"u": U, "t": 1.0, "pid 7": 1}), capture({"u": U, "t": 1.5})
    assert unstable_names([first, second]) == ("t", "pid 7")
    found = compare([first, second], capture({"u": U}))
    assert found.agrees
    assert found.unstable == ("pid 7", "t")


def noise_of(values: Mapping[str, object], *moved: Mapping[str, object]) -> object:
    runs = [capture({**values, **changes}, perturbed_count=1) for changes in moved]
    return measure_noise(capture(values), runs)


def test_the_bound_is_ten_times_the_measured_spread() -> None:
    old = {"u": U}
    noise = noise_of(old, {"u": U * (1 + 1e-11)}, {"u": U * (1 - 2e-11)})
    assert compare([capture(old)], capture({"u": U * (1 + 1e-10)}), noise=noise).agrees
    assert not compare([capture(old)], capture({"u": U * (1 + 1e-9)}), noise=noise).agrees


def test_no_spread_means_an_assumed_bound_and_never_none() -> None:
    old = {"u": U}
    noise = noise_of(old, {})
    assert compare([capture(old)], capture({"u": U * (1 + 1e-10)}), noise=noise).agrees
    assert not compare([capture(old)], capture({"u": U * (1 + 1e-8)}), noise=noise).agrees


def test_no_bound_is_larger_than_a_millionth() -> None:
    old = {"u": U, "x": U}
    noise = noise_of(old, {"u": U * (1 + 1e-5), "x": U * (1 + 1e-16)})
    assert not compare([capture(old)], capture({"u": U * (1 + 1e-3), "x": U}), noise=noise).agrees
    within = compare([capture(old)], capture({"u": U * (1 + 2e-5), "x": U}), noise=noise)
    assert within.unjudged == ("u",)


def test_chaos_is_not_judged_and_grids_alone_prove_nothing() -> None:
    old = {"u": U, "x": np.arange(5.0)}
    noise = noise_of(old, {"u": U[::-1].copy()})
    found = compare([capture(old)], capture({"u": U + 0.3, "x": np.arange(5.0)}), noise=noise)
    assert found.unjudged == ("u",)
    assert found.differences == ()


def test_early_checkpoints_still_judge_a_chaotic_run() -> None:
    old = {"u": U, "step()[1]:u": U}
    noise = noise_of(old, {"u": U[::-1].copy(), "step()[1]:u": U * (1 + 2.3e-16)})
    right = compare([capture(old)], capture({"u": U + 0.3, "step()[1]:u": U * (1 + 1e-15)}), noise=noise)
    assert right.agrees
    assert right.differences
    assert not compare([capture(old)], capture({"u": U + 0.3, "step()[1]:u": U + 1e-7}), noise=noise).agrees


def test_a_residual_at_rounding_level_is_held_to_the_fields_it_belongs_to() -> None:
    old = {"u": U, "residual": 1.1e-17}
    noise = noise_of(old, {"residual": 3e-17, "u": U * (1 + 1e-16)})
    assert compare([capture(old)], capture({"u": U, "residual": 9e-17}), noise=noise).agrees
    assert not compare([capture(old)], capture({"u": U, "residual": 1e-9}), noise=noise).agrees


def test_a_large_array_is_compared_by_its_summary() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=200_000)

    def large(array: np.ndarray) -> Capture:
        item = Observable(name="u", values=reduce_array(array), shape=array.shape, reduced=True, typed=True)
        return Capture(observables={"u": item})

    assert compare([large(values)], large(values * (1 + 1e-15))).agrees
    one_cell = values.copy()
    one_cell[123_456] += 1e-6
    assert not compare([large(values)], large(one_cell)).agrees
    assert not compare([large(values)], large(values[::-1].copy())).agrees
    lost = values.copy()
    lost[77_777] = nan
    assert not compare([large(values)], large(lost)).agrees


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1.0, 1e150])
def test_norms_neither_overflow_nor_vanish(scale: float) -> None:
    assert agrees(U * scale, U * scale * (1 + 2e-16))
    assert not agrees(U * scale, U * scale * (1 + 1e-8))


def test_what_is_held_on_the_way_may_scatter_more_than_a_result() -> None:
    old = {"u": U, "cycle()[8]:e": U, "main()[1]:w": U}
    moved = {name: value * (1 + 1e-13) for name, value in old.items()}
    calls = {"cycle": 30, "main": 1}
    first = capture(old, calls=calls)
    noise = measure_noise(first, [capture(moved, calls=calls, perturbed_count=3)])

    def wrong(name: str) -> bool:
        new = capture({**old, name: U * (1 + 4e-12)}, calls=calls)
        return not compare([first], new, noise=noise).agrees

    assert not wrong("cycle()[8]:e")
    assert wrong("main()[1]:w")
    assert wrong("u")


def test_a_name_that_is_forgotten_takes_its_attributes_along() -> None:
    calls = {"density": 9}
    old = capture({"u": U, "density()[2]:b.fy": 1.0, "density()[2]:bell": 1.0}, calls=calls)
    new = capture({"u": U, "density()[2]:b.fy": 2.0, "density()[2]:bell": 1.0}, calls=calls)
    assert compare([old], new, ["density():b"]).agrees
    assert not compare([old], new).agrees
    assert not compare([new], old, ["density():bel"]).agrees


def test_single_precision_by_accident_is_wrong_within_any_tolerance_of_the_solver() -> None:
    old = capture({"u": U}, perturbed_count=1)
    new = capture({"u": U.astype(np.float32)})
    slack = {"u": Spread(l2=1e-3, linf=1e-3, relative=1e-3)}
    noise = Noise(spreads={"u": Spread(l2=1e-14, linf=1e-14)}, reached=True, slack=slack)
    found = compare([old], new, noise=noise)
    assert [one.note for one in found.differences] == ["float64 became float32"]
    near = capture({"u": U + 1e-9})
    assert compare([old], near, noise=noise).agrees


def test_single_precision_that_loses_nothing_or_was_allowed_is_no_matter() -> None:
    whole = np.arange(5.0)
    assert agrees(whole, whole.astype(np.float32))
    allowed = [Tolerance(rtol=1e-4)]
    assert compare([capture({"u": U})], capture({"u": U.astype("f4")}), tolerances=allowed).agrees


def test_rows_of_tuples_and_an_array_of_them_are_the_same_history() -> None:
    times, errors = np.arange(5.0), 1e-9 * np.arange(5.0) ** 2
    listed = capture({"log[:, 0]": times, "log[:, 1]": errors})
    array = capture({"log": np.column_stack([times, errors])})
    wrong = capture({"log": np.column_stack([times, 1.001 * errors])})
    assert compare([listed], array).agrees
    assert compare([array], listed).agrees
    assert not compare([listed], wrong).agrees
    assert not compare([listed], capture({"log[:, 0]": times})).agrees


@pytest.mark.parametrize("members", [("['r']", "['m']"), (".rho", ".mom")])
def test_objects_and_an_array_with_a_column_for_each_attribute_are_the_same_states(members) -> None:
    rho, mom = 1.0 + np.arange(5.0), 1e-3 * np.arange(5.0) ** 2
    listed = capture({f"cells[:]{members[0]}": rho, f"cells[:]{members[1]}": mom})
    few = capture(
        {f"cells[{i}]{one}": u[i] for i in range(2) for one, u in zip(members, (rho, mom), strict=True)}
    )
    array, turned = np.column_stack([rho, mom]), np.column_stack([mom, rho])
    assert compare([listed], capture({"cells": array})).agrees
    assert compare([few], capture({"cells": array[:2]})).agrees
    for wrong in (turned, array * 1.001, array[:4], np.column_stack([rho, mom, mom])):
        assert not compare([listed], capture({"cells": wrong})).agrees
    assert not compare([few], capture({"cells": turned[:2]})).agrees
    assert not compare([few], capture({"cells": array[:1]})).agrees


def test_a_printed_number_is_as_fine_as_either_side_shows_it() -> None:
    def shown(value: float, quantum: float) -> Capture:
        item = Observable(name="m", values=np.array([value]), shape=(1,), quantum=quantum, origin="print")
        return Capture(observables={"m": item}, perturbed_count=1)

    noise = Noise(spreads={"m": Spread(l2=1e-15, linf=1e-15)}, reached=True)
    assert compare([shown(0.5, 0.1)], shown(0.4, 0.1), noise=noise).agrees
    assert not compare([shown(0.5, 0.1)], shown(0.4213, 1e-4), noise=noise).agrees


def test_a_whole_number_is_equal_or_wrong_however_large() -> None:
    total, noise = 4_000_000_000, noise_of({"u": U, "k": 4_000_000_000}, {"u": U * (1 + 1e-15)})
    old = capture({"u": U, "k": total})
    assert not compare([old], capture({"u": U, "k": total + 1}), noise=noise).agrees
    assert compare([old], capture({"u": U, "k": total}), noise=noise).agrees
    restless = noise_of({"u": U, "k": total}, {"u": U * (1 + 1e-15), "k": total + 3})
    assert compare([old], capture({"u": U, "k": total + 1}), noise=restless).agrees


def test_a_last_digit_turns_only_where_rounding_errors_can_turn_it() -> None:
    def agrees_where(old: list[float], new: list[float], error: float) -> bool:
        def shown(values: list[float]) -> Capture:
            array = np.array(values)
            item = Observable(name="m", values=array, shape=array.shape, quantum=0.001, origin="print")
            return Capture(observables={"m": item, "u": observable("u", U)}, perturbed_count=1)

        noise = Noise(
            spreads={"m": Spread(l2=0.0, linf=0.0), "u": Spread(l2=error, linf=error, relative=error)},
            reached=True,
        )
        return compare([shown(old)], shown(new), noise=noise).agrees

    table = [0.001 * k for k in range(100)]
    one, many = [*table[:-1], 0.1], [value + 0.001 for value in table]
    assert not agrees_where([0.512], [0.513], 1e-14)
    assert agrees_where([0.512], [0.513], 5e-5)
    assert agrees_where(table, one, 1e-14)
    assert not agrees_where(table, many, 1e-14)


def test_words_are_results_too() -> None:
    old = replace(capture({"u": U}), marks={"stdout": (1, 2, 3), "file u.png": (1,)})
    other, fewer = (
        replace(old, marks={**old.marks, "stdout": (1, 7, 3)}),
        replace(old, marks={"stdout": (1,)}),
    )
    assert [one.note for one in compare([old], other).differences if not one.within] == [
        "line 2 reads otherwise"
    ]
    assert sorted(one.note for one in compare([old], fewer).differences if not one.within) == [
        "3 lines became 1",
        "missing",
    ]
    assert compare([old], other, lenient=True).agrees
    assert compare([old, other], fewer, lenient=True).agrees
    assert compare([old, other], replace(old, marks={**old.marks, "stdout": (1, 9, 3)})).agrees
    assert not compare([old, other], replace(old, marks={**old.marks, "stdout": (1, 9, 4)})).agrees
    noise = replace(noise_of({"u": U}, {}), restless=frozenset({"stdout"}))
    assert compare([old], other, noise=noise).agrees


def test_large_constants_are_no_scale_for_what_rounding_errors_move() -> None:
    def run(x: np.ndarray, modulus: float = 2e11) -> Capture:
        return capture(
            {"x": x, "loop 'a'[2]:x": x / 2, "loop 'a'[2]:E": U * modulus, "E": U * modulus},
            perturbed_count=1,
        )

    x = 1e-3 * U
    moved = replace(run(x * 1.01, 2e11 * (1 + 1e-15)))
    noise = measure_noise(run(x), [moved])
    assert noise.scale == 2e-3
    assert "x" in compare([run(x)], run(x * 1.02), noise=noise).unjudged


def test_what_is_solved_in_another_way_may_round_more() -> None:
    noise = Noise(spreads={"u": Spread(l2=1e-15, linf=1e-15, relative=1e-16)}, reached=True)
    old, new = [capture({"u": U})], capture({"u": U * (1 + 5e-12 * np.sin(U))})
    assert not compare(old, new, noise=noise).agrees
    assert compare(old, new, noise=noise, resolved=True).agrees
    assert not compare(old, capture({"u": U * (1 + 5e-11 * np.sin(U))}), noise=noise, resolved=True).agrees


def test_of_an_array_that_differs_in_places_from_run_to_run_the_rest_is_compared() -> None:
    first, again = U.copy(), U.copy()
    first[0], again[0] = nan, 3.0
    runs = [capture({"u": first, "v": U}), capture({"u": again, "v": U})]
    wrong = U * 1.5
    assert compare(runs, capture({"u": U, "v": U})).agrees
    assert not compare(runs, capture({"u": wrong, "v": U})).agrees
    other = [capture({"u": U, "v": U}), capture({"u": U[::-1].copy(), "v": U})]
    assert compare(other, capture({"u": wrong, "v": U})).agrees
