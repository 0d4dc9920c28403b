"""A staggered sweep computes, bit for bit, what the sweep in order computed; others are left alone."""

import random
import runpy

import numba
import numpy as np
import pytest

from pdeperf.kernel.compiled import compiled
from pdeperf.kernel.staggered import staggered, writable
from pdeperf.kernel.wavefront import Obstacle, Staggering, sweeps
from pdeperf.model import Measurement, Span
from pdeperf.source import Project

SIZES = ((1, 1), (2, 3), (3, 2), (3, 3), (9, 4), (10, 30), (17, 9), (26, 33))


def project_of(kernel, arrays="uf"):
    text = f"import numpy as np\nfrom numba import njit\n\n\n@njit\n{kernel}"
    span = Span(file="sweep.py", first=5, last=len(text.splitlines()))
    seen = [
        Measurement(where=span, metric=metric, value=value, collector="arguments", subject=name)
        for name in arrays
        for metric, value in (("type", "numpy.ndarray"), ("dtype", "float64"), ("ndim", 2.0))
    ]
    return Project.from_texts({"sweep.py": text}, tuple(seen))


def found_in(kernel, arrays="uf"):
    project = project_of(kernel, arrays)
    (item,) = compiled(project["sweep.py"])
    return item, list(sweeps(item, project))


def run(text, *arguments):
    space = {}
    exec(compile(text, "sweep.py", "exec"), space)
    return space["kernel"](*arguments)


def assert_same_bits(kernel, monkeypatch, seed=0):
    monkeypatch.setattr(numba, "njit", lambda *a, **k: a[0] if a else lambda function: function)
    item, found = found_in(kernel)
    chosen = [sweep for sweep in found if isinstance(sweep, Staggering) and not writable(item, sweep)]
    if not chosen:
        return False
    after = staggered(item, chosen)
    for shape in SIZES:
        draw = np.random.default_rng(seed)
        grids = draw.normal(size=shape), draw.normal(size=shape)
        old, new = [grid.copy() for grid in grids], [grid.copy() for grid in grids]
        assert run(item.module.text, *old) == run(after, *new), after
        assert all(np.array_equal(one, other) for one, other in zip(old, new, strict=True)), after
        one, other = grids[0].copy(), grids[0].copy()
        run(item.module.text, one, one)
        run(after, other, other)
        assert np.array_equal(one, other), f"one array under two names:\n{after}"
    return True


SOR = """def kernel(u, f):
    n, m = u.shape
    err = 0.0
    for i in range(1, n - 1):
        # the next row
        for j in range(1, m - 1):
            # relax
            if f[i, j] > 1.5:
                continue  # an obstacle
            old = u[i, j]
            new = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - f[i, j])
            u[i, j] = old + 1.5 * (new - old)
            if abs(new - old) > err:
                err = abs(new - old)  # the largest change
    return err
"""


def test_successive_over_relaxation_is_staggered_to_the_bit(monkeypatch):
    assert assert_same_bits(SOR, monkeypatch)
    item, (sweep,) = found_in(SOR)
    assert sweep.lag == 1
    text = staggered(item, [sweep])
    assert text.count("# relax") == text.count("# an obstacle") == text.count("# the largest change") == 1
    assert "# the next row" in text


def test_diagonal_neighbours_need_two_columns():
    _, (sweep,) = found_in(SOR.replace("u[i + 1, j]", "u[i - 1, j + 1]"))
    assert sweep.lag == 2


def test_it_compiles_and_has_the_same_bits(tmp_path):
    item, (sweep,) = found_in(SOR)
    results = []
    for name, text in (("before", item.module.text), ("after", staggered(item, [sweep]))):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        grids = [np.random.default_rng(3).normal(size=(40, 50)) for _ in range(2)]
        results.append((runpy.run_path(str(path))["kernel"](*grids), grids))
    (old, (before, _)), (new, (after, _)) = results
    assert old == new
    assert np.array_equal(before, after)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("u[i - 1, j]", "u[i - 1, (j - 3) % m]", "computes last"),
        ("u[i - 1, j]", "u[i - 1, m - 1 - j]", "computes last"),
        ("u[i - 1, j]", "u[i - 1, j + 7]", "computes last"),
        ("u[i + 1, j]", "u[i + 1, j - 7]", "computes last"),
        ("u[i - 1, j]", "u[i - 1, int(f[i, j])]", "computes last"),
        ("u[i - 1, j]", "err", "carried"),
        ("range(1, m - 1)", "range(1, i)", "bounds"),
        ("range(1, n - 1)", "range(1, n - 1, 2)", "by ones"),
        ("continue", "break", "break"),
        ("return err", "return old", "used after"),
    ],
)
def test_a_sweep_whose_rows_must_wait_is_left_alone(old, new, reason):
    assert old in SOR
    _, found = found_in(SOR.replace(old, new))
    assert all(isinstance(sweep, Obstacle) for sweep in found)
    assert any(reason in sweep.reason for sweep in found), found


def test_what_may_or_may_not_be_in_order_is_no_sweep():
    _, found = found_in("""def kernel(u, f):
    for i in range(9):
        for j in range(u.shape[1] - 2, f.shape[1]):
            u[i, j] = 0.0
""")
    assert not found


def test_arrays_that_nobody_saw_are_told_by_their_two_indices():
    _, (sweep,) = found_in(SOR, arrays="")
    assert sweep.distinct == (("u", "f"),)
    _, (sweep,) = found_in(SOR.replace("f[i, j]", "f[j]"), arrays="u")
    assert "share memory" in sweep.reason


def test_a_sum_keeps_its_order():
    kernel = SOR.replace("if abs(new - old) > err:\n                err = abs(new - old)", "err += new - old")
    _, (sweep,) = found_in(kernel)
    assert isinstance(sweep, Obstacle)


def test_a_maximum_that_not_a_number_could_enter_keeps_its_order():
    kernel = SOR.replace(
        "if abs(new - old) > err:\n                err = abs(new - old)", "err = max(abs(new - old), err)"
    )
    _, (sweep,) = found_in(kernel)
    assert isinstance(sweep, Obstacle)


def test_independent_columns_are_no_sweep():
    _, found = found_in(SOR.replace("u[i, j] = old", "f[i, j] = old"))
    assert not found


def random_kernel(draw):
    rows, columns = (draw.choice(((1, -1), (2, 0), (0, -2), (0, 0), (1, 0), (3, -1))) for _ in range(2))
    wide = max(abs(bound) for bound in (*rows, *columns)) + 3

    def loop(name, size, bounds):
        first, last = bounds
        if draw.random() < 0.3:
            return f"for {name} in range({size} {last - 1:+d}, {first - 1}, -1):"
        if first == 0 and draw.random() < 0.5:
            return f"for {name} in range({size} {last:+d}):"
        return f"for {name} in range({first}, {size} {last:+d}):"

    def near(array):
        i, j = draw.randint(-2, 2), draw.choice((-6, -3, -2, -1, 0, 1, 2, 3, 6))
        if draw.random() < 0.1:
            return f"{array}[(i {i:+d}) % n, (j {j:+d}) % m]"
        row = f"min(max(i {i:+d}, 0), n - 1)" if draw.random() < 0.2 else f"(i {i:+d}) % n"
        if draw.random() < 0.6:
            return f"({array}[i {i:+d}, j {j:+d}] if 0 <= i {i:+d} < n and 0 <= j {j:+d} < m else 1.0)"
        return f"{array}[{row}, min(max(j {j:+d}, 0), m - 1)]"

    terms = " + ".join(near(draw.choice("uuuf")) for _ in range(draw.randint(1, 4)))
    store = draw.choice(
        ("u[i, j] = value", "u[i, j] += 0.1 * value", "u[i, j] = value\n            f[i, j] = 0.5 * u[i, j]")
    )
    keep = draw.choice(
        (
            "pass",
            "err = max(err, value)",
            "if value > err:\n                err = value",
            "err = min(err, value)",
        )
    )
    skip = draw.choice(("pass", "if f[i, j] > 1.0:\n                continue"))
    return f"""def kernel(u, f):
    n, m = u.shape
    err = 0.0
    wide = {wide}
    {loop("i", "n", rows)}
        {loop("j", "m", columns)}
            {skip}
            value = 0.2 * ({terms}) + 0.3 * u[i, j - 1 if j > 0 else 0]
            {store}
            {keep}
    return err
"""


def test_random_sweeps_have_the_same_bits(monkeypatch):
    count = sum(assert_same_bits(random_kernel(random.Random(seed)), monkeypatch, seed) for seed in range(60))
    assert count > 5
