"""Loops that a kernel holds several times become a function that is compiled once; its results stay."""

import ast

import numpy as np
import pytest

from pdeperf.arrays.shared_bodies import with_shared_bodies
from pdeperf.model import Candidate, Diagnosis, Kind, Patch, Safety, Span
from pdeperf.source import Module, Project

HEAD = "import numpy as np\nfrom numba import njit, prange\n\n\n"
STAGE = """\
    for i in range(1, {a}.shape[{axis}] - 1):
        left = {a}[{p}i] - {a}[{p}i - 1]
        right = {a}[{p}i + 1] - {a}[{p}i]
        smaller = left if np.abs(left) < np.abs(right) else right
        {d}[i] = smaller if left * right > 0.0 else 0.0
    for i in range({a}.shape[{axis}] - 1):
        low = {a}[{p}i] + 0.5 * {d}[i]
        high = {a}[{p}i + 1] - 0.5 * {d}[i + 1]
        {f}[i] = 0.5 * (low * low + high * high) - 0.5 * speed * (high - low) + 0.1 * low * high
    for i in range(1, {a}.shape[{axis}] - 1):
        {r}[i] = -({f}[i] - {f}[i - 1]) / dx + 0.01 * (left_of + right_of) * {a}[{p}i] * {a}[{p}i - 1]
"""
UPDATE = "    for i in range(d.size):\n        v[i] = u[i] + 0.1 * r[i]\n"
ARGUMENTS = "u, v, d, f, r, d2, f2, r2, speed, dx, left_of, right_of"
FIRST = {"a": "u", "d": "d", "f": "f", "r": "r", "axis": 0, "p": ""}
SECOND = {"a": "v", "d": "d2", "f": "f2", "r": "r2", "axis": 0, "p": ""}
PART = {"a": "U", "axis": 1, "p": "1, "}
COMPONENT = FIRST | PART


def shared(kernel: str, head: str = "") -> str:
    """A new kernel's file as it is proposed."""
    file = "script.py"
    before = Module(file, head + "import numpy as np\n", is_script=True)
    where = Span(file=file, first=1, last=1)
    candidate = Candidate(
        backend="fuse-arrays",
        title="",
        diagnosis=Diagnosis(rule="array-temporaries", kind=Kind.ALLOCATION, where=where, message=""),
        patches=(Patch(file=file, before=before.text, after=kernel),),
        safety=Safety.EXACT,
        assumes=(),
    )
    return with_shared_bodies(candidate, Project({file: before}, ())).patches[0].after


def kernel(*stages: str, arguments: str = ARGUMENTS, decorator: str = "@njit(cache=True)") -> str:
    return f"{HEAD}{decorator}\ndef march({arguments}):\n{''.join(stages)}    return v\n"


def functions(text: str) -> dict[str, str]:
    return {
        node.name: ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
    }


def results(text: str) -> list[np.ndarray]:
    """All arrays after a call."""
    text = text.replace("from numba import njit, prange", "njit = lambda **_: lambda f: f; prange = range")
    scope: dict[str, object] = {}
    exec(text, scope)
    march = scope["march"]
    rng = np.random.default_rng(3)
    (node,) = (n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "march")
    values: list[float | np.ndarray] = []
    for each in node.args.args:
        if each.arg in ("speed", "dx", "left_of", "right_of"):
            values.append(rng.random())
        else:
            values.append(rng.random((3, 12) if each.arg == "U" else 12))
    march(*values)  # type: ignore[operator]
    return [value for value in values if isinstance(value, np.ndarray)]


def assert_same(before: str, after: str) -> None:
    for one, other in zip(results(before), results(after), strict=True):
        np.testing.assert_array_equal(one, other)


def test_stages_become_calls_of_one_function() -> None:
    before = kernel(STAGE.format(**FIRST), UPDATE, STAGE.format(**SECOND))
    after = shared(before)
    found = functions(after)
    assert list(found) == ["update_d", "march"]
    assert found["march"].count("update_d(") == 2 and "smaller" not in found["march"]
    assert_same(before, after)


MAKING = "    {r} = np.empty_like({a})\n    {r}[0], {r}[-1] = 0.5, 0.25\n" + STAGE


def test_new_arrays_that_stages_leave_are_given_back() -> None:
    first, second = FIRST | {"r": "new"}, SECOND | {"r": "newer"}
    more = "    for i in range(d.size):\n        v[i] = new[i] - newer[i]\n"
    before = kernel(MAKING.format(**first), MAKING.format(**second), more)
    after = shared(before)
    found = functions(after)["march"]
    assert "new = update_new(" in found and "newer = update_new(" in found and "empty_like" not in found
    assert_same(before, after)


@pytest.mark.parametrize(
    "making",
    [
        pytest.param(MAKING.replace("{r} = np", "{r} = np.ones_like({d}) * np"), id="computed"),
        pytest.param(MAKING + "    {r} = np.empty_like({d})\n    {r}[:] = {f}\n", id="bound again"),
        pytest.param("    {d}[0] = {r}[1]\n" + MAKING, id="read before"),
    ],
)
def test_what_else_stages_leave_stays(making: str) -> None:
    first, second = FIRST | {"r": "new"}, SECOND | {"r": "newer"}
    more = "    for i in range(1, d.size - 1):\n        v[i] = new[i] - newer[i]\n"
    begun = "    new = np.ones(d.size)\n    newer = new + 1.0\n"
    before = kernel(begun, making.format(**first), making.format(**second), more)
    assert_same(before, shared(before))


def test_a_component_of_an_array_stands_for_an_array() -> None:
    before = kernel(STAGE.format(**COMPONENT), UPDATE, STAGE.format(**SECOND), arguments=f"U, {ARGUMENTS}")
    after = shared(before)
    assert "U[1]" in functions(after)["march"]
    assert_same(before, after)


def test_a_component_that_all_read_is_picked_by_the_function() -> None:
    second = SECOND | PART
    before = kernel(STAGE.format(**COMPONENT), UPDATE, STAGE.format(**second), arguments=f"U, {ARGUMENTS}")
    after = shared(before)
    assert "U[1]" not in functions(after)["march"] and "smaller" not in functions(after)["march"]
    assert_same(before, after)


def test_a_function_of_loops_on_all_cores_is_compiled_for_them() -> None:
    stages = [STAGE.format(**each).replace("in range(1", "in prange(1") for each in (FIRST, SECOND)]
    before = kernel(stages[0], UPDATE, stages[1], decorator="@njit(cache=True, parallel=True)")
    after = shared(before)
    assert after.count("parallel=True") == 1 and "prange" not in functions(after)["march"]
    assert after.index("parallel=True") < after.index("def update_d(")
    assert_same(before, after)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("    v[0] = left\n", id="what the loops leave is read"),
        pytest.param(
            "    left = 0.5\n    for i in range(2):\n        v[i] += left\n        left = v[i]\n", id="before"
        ),
    ],
)
def test_what_the_loops_leave_is_left(more: str) -> None:
    before = kernel(STAGE.format(**FIRST), UPDATE, STAGE.format(**SECOND), more)
    assert_same(before, shared(before))
    if more.startswith("    v[0]"):
        assert "smaller" in functions(shared(before))["march"]


def test_a_number_that_goes_on_from_stage_to_stage_is_not_taken_away() -> None:
    stages = [
        STAGE.format(**each).replace("0.01 * (left_of", "0.01 * (left_of + left") for each in (FIRST, SECOND)
    ]
    before = kernel("    left = 2.0\n", stages[0], UPDATE, stages[1])
    assert_same(before, shared(before))
    apart = [stage.replace("{}", "") for stage in stages]
    assert "smaller" in functions(shared(kernel("    left = 2.0\n", *apart)))["march"]


def test_arrays_that_change_places_between_stages_are_told_apart() -> None:
    crossed = SECOND | {"d": "f2", "f": "d2"}
    before = kernel(STAGE.format(**FIRST), UPDATE, STAGE.format(**crossed))
    assert_same(before, shared(before))


def test_rows_of_loops_over_cells_stay_where_they_are() -> None:
    rows = STAGE.replace("    ", "        ").replace("[{p}", "[k, ").replace("[i", "[k, i")
    stages = "".join(rows.format(**(each | {"axis": 1})) for each in (FIRST, SECOND))
    before = kernel("    for k in range(3):\n", stages)
    assert shared(before) == before


def test_small_loops_are_not_worth_a_function() -> None:
    before = kernel(*(UPDATE.replace("v[", f"{each}[") for each in ("v", "f", "d2")))
    assert shared(before) == before


def test_kernels_of_the_users_own_stay() -> None:
    before = kernel(STAGE.format(**FIRST), UPDATE, STAGE.format(**SECOND))
    assert shared(before, head=before) == before


STEP = """\
    for i in range(1, {a}.size - 1):
        slope = (-1.0) * ({a}[i + 1] - {a}[i - 1]) / dx + speed * {a}[i] * {a}[i] - left_of * {a}[i - 1]
        {d}[i] = slope
        {r}[i] = u[i] + {c} * slope
"""


def test_stages_whose_factors_differ_are_one_function():
    stages = [
        STEP.format(a="u", d="d", r="f", c="(0.5 * right_of)"),
        STEP.format(a="f", d="d2", r="f2", c="(right_of / 2)"),
        STEP.format(a="f2", d="r", r="r2", c="right_of"),
    ]
    before = kernel(*stages)
    after = shared(before)
    assert_same(before, after)
    assert "u_2[i] + factor * slope" in functions(after)["update_d"]
    march = functions(after)["march"]
    assert [line.split(", ")[-1].rstrip(")") for line in march.splitlines() if "update_d(" in line] == [
        "0.5 * right_of", "right_of / 2", "right_of"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "factor", ["u[0] * right_of", "right_of / left_of", "step * right_of", "scale(u) * dx"]
)
def test_factors_that_are_not_numbers_known_before_stay(factor):
    stages = [
        f"    step = dx\n{STEP.format(a='u', d='d', r='f', c='dx')}    step += 1.0\n",
        f"    step = dx\n{STEP.format(a='f', d='d2', r='f2', c=factor)}    step += 1.0\n",
    ]
    before = kernel(*stages).replace("    step = dx\n", "", 0) + "\n\ndef scale(w):\n    return w[0]\n"
    after = shared(before)
    assert_same(before, after)
    assert "factor" not in after
