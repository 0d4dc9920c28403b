"""Array loops on the GPU compute what NumPy computes, and move arrays only where the script looks at them.

The strict stand-in runs the kernels as C++; ``python -m tests.gpu.test_offload 0 300`` looks for more.
"""

import sys
import tempfile
import textwrap
import warnings
from pathlib import Path

import pytest

from pdeperf.backends.cupy import BACKEND
from pdeperf.gpu.offload import Offload
from pdeperf.model import Candidate, Diagnosis, Kind, Refusal, Safety, Span
from tests.arrays.in_process import difference, project_of, run
from tests.arrays.programs import inputs, program
from tests.gpu import strict_cupy
from tests.gpu.offloaded import finding, moved

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

HEAT = """
import numpy as np
n, nt, c = 40, 12, 0.2
u = np.zeros((n, n))
u[10:20, 10:20] = 1.0
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + c * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, :-2])
    u[0, :] = u[1, :]
"""


def checked(text, folder, *, exact=None):
    """The rewrite; the stand-in has run it and found the same, and counted."""
    text = textwrap.dedent(text)
    found = moved(text, folder)
    assert isinstance(found, Offload), found
    before = run(text, (), folder)
    with strict_cupy.installed():
        after = run(found.text, (), folder)
        found_difference = difference(before, after, found.forgets, exact=found.exact)
        assert not found_difference, f"{found_difference}\n{found.text}"
    if exact is not None:
        assert found.exact is exact
    return found


def test_a_stencil_is_moved_once_and_comes_back_once(tmp_path):
    found = checked(HEAT, tmp_path, exact=True)
    assert strict_cupy.counts["to device"] == 1
    assert strict_cupy.counts["to host"] == 1
    assert strict_cupy.counts["launches"] <= 2 * 12 + 1
    assert found.moved == (1, 1)


def test_an_array_is_fetched_where_the_script_looks_at_it(tmp_path):
    text = (
        HEAT.replace("for it", "frames = []\nfor it") + "    if it % 5 == 0:\n        frames.append(u + 0)\n"
    )
    checked(text, tmp_path)
    assert strict_cupy.counts["to host"] == 3 + 1


def test_a_number_of_an_array_is_made_on_the_gpu(tmp_path):
    text = (
        HEAT.replace("for it", "seen = []\nfor it") + "    seen.append(u.max())\n    seen.append(u[3, 4])\n"
    )
    checked(text + "seen = np.array(seen)\n", tmp_path, exact=True)
    assert strict_cupy.moved_bytes["to host"] < 2 * 40 * 40 * 8


def test_a_number_that_ends_the_loop_is_reduced_there(tmp_path):
    found = checked(
        """
        import numpy as np
        u = np.sin(np.arange(900.0)).reshape(30, 30)
        err, turns = 1.0, 0
        while err > 1e-2:  # hot
            new = u.copy()
            new[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
            err = np.max(np.abs(new - u))
            u = new
            turns += 1
        """,
        tmp_path,
        exact=True,
    )
    assert "numbers_in_tiles(" in found.text


def test_a_sum_is_rounded_otherwise_and_says_so(tmp_path):
    checked(
        """
        import numpy as np
        u = np.sin(np.arange(900.0)).reshape(30, 30)
        for it in range(4):  # hot
            u[1:-1, :] = 0.5 * (u[2:, :] + u[:-2, :])
            total = np.sum(u * u)
        """,
        tmp_path,
        exact=False,
    )


def test_swapped_names_keep_their_arrays(tmp_path):
    checked(
        """
        import numpy as np
        def run(a, b, steps):
            for it in range(steps):  # hot
                b[1:-1] = a[1:-1] + 0.1 * (a[2:] - 2 * a[1:-1] + a[:-2])
                a, b = b, a
            return a
        first, second = np.arange(50.0) ** 2, np.zeros(50)
        result = run(first, second, 3)
        """,
        tmp_path,
        exact=True,
    )


def test_attributes_of_an_object_come_back_to_it(tmp_path):
    checked(
        """
        import numpy as np
        class Solver:
            def __init__(self):
                self.u = np.arange(60.0)
                self.flux = np.zeros(61)
            def run(self, steps):
                for it in range(steps):  # hot
                    self.flux[1:-1] = self.u[1:] - self.u[:-1]
                    self.u += 0.1 * (self.flux[1:] - self.flux[:-1])
        solver = Solver()
        solver.run(5)
        u, flux = solver.u, solver.flux
        """,
        tmp_path,
        exact=True,
    )


def test_a_function_that_may_see_an_array_sees_it_as_it_is(tmp_path):
    checked(
        """
        import numpy as np
        u = np.arange(80.0)
        heights = []
        def record():
            heights.append(float(u[7]))
            u[3] = -1.0
        for it in range(5):  # hot
            u[1:-1] = 0.5 * (u[2:] + u[:-2])
            record()
        heights = np.array(heights)
        """,
        tmp_path,
    )


def test_branches_in_a_chain_stay_a_chain(tmp_path):
    checked(
        """
        import numpy as np
        u = np.arange(80.0)
        for it in range(6):  # hot
            u[1:-1] = 0.5 * (u[2:] + u[:-2])
            if it == 1:
                u[0] = 1.0
            elif it == 2:
                u[-1] = 2.0
            elif it == 4:
                u[1:] += 1.0
            else:
                u[5] = u[6]
        """,
        tmp_path,
    )


def test_transforms_are_cupys_own(tmp_path):
    found = checked(
        """
        import numpy as np
        n = 32
        k = np.fft.fftfreq(n, 1.0 / n)[:, None] * np.ones((1, n))
        w = np.sin(np.arange(n * n) * 0.01).reshape(n, n)
        wh = np.fft.fft2(w)
        for it in range(3):  # hot
            dw = np.real(np.fft.ifft2(1j * k * wh))
            wh = wh - 1e-3 * np.fft.fft2(w * dw)
        """,
        tmp_path,
        exact=False,
    )
    assert "cp.fft.ifft2" in found.text
    assert strict_cupy.counts["to host"] <= 3


def test_without_cupy_the_statements_run_as_they_were(tmp_path, capsys):
    found = moved(HEAT, tmp_path)
    before = run(HEAT, (), tmp_path)
    sys.modules["cupy"] = None  # as if it could not be imported
    try:
        after = run(found.text, (), tmp_path)
    finally:
        del sys.modules["cupy"]
    assert not difference(before, after, found.forgets, exact=True)
    assert "CuPy is not installed" in capsys.readouterr().err


def test_arrays_that_do_not_fit_are_refused_with_the_numbers(tmp_path, capsys):
    found = moved(HEAT, tmp_path)
    with strict_cupy.installed():
        sys.modules["cupy"].cuda.runtime.memGetInfo = lambda: (1000, 2000)
        after = run(found.text, (), tmp_path)
        assert strict_cupy.counts["launches"] == 0
    assert not after.raised
    assert "GB free on the GPU" in capsys.readouterr().err


def test_another_type_of_array_is_left_to_numpy(tmp_path):
    text = HEAT.replace("np.zeros((n, n))", "np.zeros((n, n), dtype=kind)").replace(
        "import numpy as np",
        'import sys\nimport numpy as np\nkind = sys.argv[1] if len(sys.argv) > 1 else "float64"',
    )
    found = moved(text, tmp_path)
    with strict_cupy.installed():
        after = run(found.text, ("float32",), tmp_path)
        assert strict_cupy.counts["launches"] == 0
    assert not difference(run(text, ("float32",), tmp_path), after, found.forgets, exact=True)


def test_single_precision_stays_single(tmp_path):
    checked(HEAT.replace("np.zeros((n, n))", 'np.zeros((n, n), dtype="float32")'), tmp_path, exact=True)


@pytest.mark.parametrize("seed", [*range(14), 184, 195, 197])
def test_random_programs_compute_what_numpy_computes(seed, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = finding(program(seed), inputs(seed, 3), tmp_path)
    assert found.word not in ("differs", "crashes"), f"{found.details}\n{found.candidate}"


def answers(text, folder):
    project = project_of(text, folder)
    where = Span(file="script.py", first=6, last=9)
    diagnosis = Diagnosis(rule="array-temporaries", kind=Kind.ALLOCATION, where=where, message="")
    return list(BACKEND.propose(diagnosis, project))


def test_small_arrays_are_refused_with_the_numbers(tmp_path, monkeypatch):
    monkeypatch.setenv("PDEPERF_GPU", "1")
    (told,) = answers(HEAT, tmp_path)
    assert isinstance(told, Refusal)
    assert "1600 cells a step" in told.reason


def test_large_arrays_are_proposed(tmp_path, monkeypatch):
    monkeypatch.setenv("PDEPERF_GPU", "1")
    (candidate,) = answers(HEAT.replace("n, nt, c = 40, 12", "n, nt, c = 330, 2"), tmp_path)
    assert isinstance(candidate, Candidate)
    assert candidate.safety is Safety.EXACT


def test_nothing_is_proposed_where_there_is_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PDEPERF_GPU", "0")
    assert not answers(HEAT, tmp_path)


def look_for_more(first, last):
    words = {}
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = finding(program(seed), inputs(seed, 4), Path(folder))
        words[found.word] = words.get(found.word, 0) + 1
        if found.word in ("differs", "crashes"):
            print(seed, found.word, found.argv, found.details)
    print(words)


if __name__ == "__main__":
    look_for_more(*map(int, sys.argv[1:3]))


def test_a_difference_that_is_put_in_keeps_its_parentheses(tmp_path):
    checked(
        """
        import numpy as np
        u = np.sin(np.arange(80.0))
        v = np.cos(np.arange(80.0))
        for it in range(3):  # hot
            a = u * 2.0 - v
            u[1:-1] = np.where(v[1:-1] > 0, u[2:] - a[1:-1], u[:-2])
        """,
        tmp_path,
    )


def test_functions_with_transforms_are_put_in_and_their_arguments_are_computed_together(tmp_path):
    found = checked(
        """
        import numpy as np
        from numpy.fft import fft2, ifft2
        n = 16
        k = np.fft.fftfreq(n, 1.0 / n)[:, None] * np.ones((1, n))
        w = fft2(np.sin(np.arange(n * n) * 0.01).reshape(n, n))


        def rate(wh):
            u = np.real(ifft2(1j * k * wh))
            v = ifft2(-1j * k.T * wh).real
            return -fft2(u * v) - 1e-3 * k**2 * wh


        for it in range(3):  # hot
            w = w + 1e-4 * rate(w)
        total = np.abs(w).sum()
        """,
        tmp_path,
    )
    assert "ifft2(1j" not in found.text.split("else:")[-1]
    assert strict_cupy.counts["to host"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "part = u[1:-1]\n    part[:] = outside(part) + v[1:-1]",
        "back = u[::-1]\n    back[:] = np.where(back > 0.5, v, 1 - back)\n    w[...] = outside(back) + u",
        "top = outside(top)\n    u[1:-1] = 0.5 * (u[2:] + top[:-2])",
        "counts[3] = u[2] * 1e300 * 1e300\n    u[1:-1] = 0.5 * (u[2:] + u[:-2])",
    ],
)
def test_views_and_what_the_host_sees_first_mean_what_they_meant(body, tmp_path):
    text = textwrap.dedent(
        """
        import numpy as np
        u, v, w = (np.cos(k * np.arange(40.0)) for k in (1, 2, 3))
        top, counts = v + 1, np.zeros(9)


        def outside(z):
            try:
                return z * 0.5
            finally:
                pass


        for t in range(5):  # hot
            BODY
        """
    ).replace("BODY", body)
    found = finding(text, (), tmp_path)
    assert found.word in ("same", "refused"), f"{found.details}\n{found.candidate}"
