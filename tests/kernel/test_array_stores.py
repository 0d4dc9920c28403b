"""Arrays stored in parts of arrays within kernels: by a loop of the kernel's own, compiled in no time."""

import numba
import numpy as np
import pytest

from pdeperf.kernel.array_stores import STORES
from pdeperf.kernel.compiled import compiled, judged
from pdeperf.kernel.dependence import Answer
from pdeperf.source import Project
from tests.kernel.in_process import execute, proposals, rewritten


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Rewrites are run as Python, without a compilation each."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


SCRIPT = """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 8
def halved(v):
    return 0.5 * v
u, q, k = np.outer(np.linspace(1.0, 2.0, 8), np.linspace(1.0, 3.0, 9)), np.linspace(0.5, 1.0, n), np.arange(3)
z = u + 2.0j * u
for step in range(3):  # hot
    {}
    for i in range(1, 8):
        u[i, 0] += 0.125 * u[i - 1, 0]
print(u.tolist(), z.tolist())
"""
WRITTEN = {
    "u[:, step] = halved(q)": "copy_into(u[:, step], halved(q))",
    "u[1:-1, 1] = (q[1:-1] +\n        u[2:, 2])": "copy_into(u[1:-1, 1], q[1:-1] +\n            u[2:, 2])",
    "u[:, 0] = u[:, 1]  # the wall": "copy_into(u[:, 0], u[:, 1])  # the wall",
    "u[1:, 0] = u[:-1, 0]": "copy_into(u[1:, 0], u[:-1, 0])",
    "u[:, step] += q": "copy_into(u[:, step], u[:, step] + (q))",
    "u[::-1, step] *= q + 1.0": "copy_into(u[::-1, step], u[::-1, step] * (q + 1.0))",
    "u[step] *= 0.5": "copy_into(u[step], u[step] * (0.5))",
    "u[1:, 1:] = u[:-1, :-1]": "copy_rows_into(u[1:, 1:], u[:-1, :-1])",
    "u[1:, 1:] -= 0.5 * u[:-1, :-1]": "copy_rows_into(u[1:, 1:], u[1:, 1:] - (0.5 * u[:-1, :-1]))",
    "z[step] = u[step + 1]": "copy_into(z[step], u[step + 1])",
    # Left as they are: numbers, rows for every row, places in an array, places that a value may change.
    "u[step] = 0.5": "u[step] = 0.5",
    "u[:, :] = u[step]": "u[:, :] = u[step]",
    "u[k, 0] = u[k, 1]": "u[k, 0] = u[k, 1]",
    "u[k + 1, 0] *= 0.5": "u[k + 1, 0] *= 0.5",
    "u[k[0], 1:] = u[k[1], 1:]": "u[k[0], 1:] = u[k[1], 1:]",
    "u[step, 1] = 2.0 * u[step, 0]": "u[step, 1] = 2.0 * u[step, 0]",
}


def test_an_array_is_stored_by_a_loop(tmp_path):
    text = SCRIPT.format("\n    ".join(WRITTEN))
    after = rewritten(proposals(text, tmp_path)[0][0])
    kernel = after.partition("n = int")[0]
    assert [line for line in WRITTEN.values() if f"        {line}\n" not in kernel] == []
    for argv in ((), ("9",), ("1",)):
        assert execute(after, argv, tmp_path).essence == execute(text, argv, tmp_path).essence


def test_a_function_compiled_where_it_stands_does_too(tmp_path):
    text = """
import numpy as np
def sweep(u, q):
    for i in range(u.shape[0]):
        u[i, 1:] = 0.5 * q[1:]
        u[i, 1:] += q[:-1]
u, q = np.ones((5, 6)), np.arange(6.0)
for step in range(3):  # hot
    sweep(u, q)
print(u.tolist())
"""
    after = rewritten(proposals(text, tmp_path)[0][0])
    assert "        copy_into(u[i, 1:], 0.5 * q[1:])\n" in after
    assert "        copy_into(u[i, 1:], u[i, 1:] + (q[:-1]))\n" in after
    assert execute(after, (), tmp_path).essence == execute(text, (), tmp_path).essence


def test_a_name_of_the_users_own_is_left_alone(tmp_path):
    text = SCRIPT.format("u[:, 0] = u[:, 1]").replace("def halved", "copy_into = 3\ndef halved")
    assert "        u[:, 0] = u[:, 1]\n" in rewritten(proposals(text, tmp_path)[0][0]).partition("n = int")[0]


def _functions():
    """The functions, interpreted: the addresses are NumPy's, of which Numba's are a copy."""
    names = {"np": np, "njit": lambda **_: lambda function: function}
    exec("\n".join(STORES.values()), names)
    return names["copy_into"], names["copy_rows_into"]


def _parts(dimensions):
    """Pairs of parts of one array: shifted, turned around, every second, nothing, one."""
    base = np.arange(1.0, 37.0) if dimensions == 1 else np.arange(1.0, 37.0).reshape(6, 6)
    cuts = [
        slice(*cut) for cut in ((0, 4), (1, 5), (4, 0, -1), (0, 6, 2), (1, 6, 2), (0, 1), (3, 3), (5, 1, -1))
    ]
    places = [(one,) for one in cuts] if dimensions == 1 else [(one, other) for one in cuts for other in cuts]
    return base, places


@pytest.mark.parametrize("dimensions", [1, 2])
def test_the_loops_do_what_numpy_does(dimensions):
    put = _functions()[dimensions - 1]
    base, places = _parts(dimensions)
    for target in places:
        for values in places:
            wanted, got, errors = base.copy(), base.copy(), []
            for array, store in ((wanted, np.copyto), (got, put)):
                try:
                    store(array[target], array[values])
                except ValueError:
                    errors.append(store)
            assert len(errors) in (0, 2), (target, values)
            assert np.array_equal(wanted, got), (target, values)


def test_real_and_imaginary_parts_share_memory():
    put, _ = _functions()
    z = np.arange(5) + 1j * np.arange(5, 10)
    wanted = z.copy()
    wanted.real[1:], z_real = wanted.imag[:-1].copy(), z.real
    put(z_real[1:], z.imag[:-1])
    assert np.array_equal(z, wanted)


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("copy_into(new[1:-1, j], 0.5 * (u[1:-1, j] + u[2:, j - 1]))", Answer.YES),
        ("copy_into(u[1:-1, j], 0.5 * (u[1:-1, j] + u[2:, j - 1]))", Answer.NO),
        ("copy_into(u[1:-1, 0], u[1:-1, j])", Answer.NO),
        ("copy_rows_into(new[1:, 1:, j], u[1:, 1:])", Answer.YES),
    ],
)
def test_a_stored_array_is_followed_into_its_place(statement, answer):
    loop = f"@njit\ndef march(u, new, n):\n    for j in range(1, n):\n        {statement}\n"
    text = "\n\n".join(("import numpy as np\nfrom numba import njit\n", *STORES.values(), loop))
    project = Project.from_texts({"script.py": text})
    march = next(item for item in compiled(project["script.py"]) if item.name == "march")
    assert [found.proof.answer for found in judged(march, project)] == [answer]
    project = Project.from_texts({"script.py": text.replace("[i] = values[i]", "[i] = values[i] + n")})
    march = next(item for item in compiled(project["script.py"]) if item.name == "march")
    follows = [found.proof.answer for found in judged(march, project)] == [Answer.YES]
    assert "copy_into(" not in statement or not follows, "it is another function of that name"
