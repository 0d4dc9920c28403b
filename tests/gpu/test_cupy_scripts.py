"""Scripts that use CuPy compute the same when their operations are fused, with fewer launches."""

import ast
import re
import textwrap

import pytest

from pdeperf.gpu.cupy_script import Fused, fused
from tests.arrays.in_process import project_of, run
from tests.gpu import strict_cupy

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")


def rewritten(text, folder):
    project = project_of(text, folder)
    module = project["script.py"]
    line = next(number for number, row in enumerate(text.splitlines(), 1) if re.search(r"# hot\b", row))
    loop = next(node for node in ast.walk(module.tree) if isinstance(node, ast.stmt) and node.lineno == line)
    return fused(project, module, [loop])


def checked(text, folder):
    """Launches before and after; what the script leaves for the host is the same to the bit."""
    text = textwrap.dedent(text)
    with strict_cupy.installed():
        before = run(text, (), folder)
        assert not before.raised, before.message
        launches = strict_cupy.counts["launches"]
        found = rewritten(text, folder)
        assert isinstance(found, Fused), found
        strict_cupy.counts.clear()
        after = run(found.text, (), folder)
        assert not after.raised, f"{after.raised}: {after.message}\n{found.text}"
        assert (before.values["result"] == after.values["result"]).all(), found.text
        return launches, strict_cupy.counts["launches"], found


def test_a_stencil_by_rolls_becomes_one_kernel(tmp_path):
    before, after, found = checked(
        """
        import cupy as cp
        n = 24
        u = cp.asarray(__import__("numpy").arange(n * n, dtype=float).reshape(n, n))
        for step in range(5):  # hot
            lap = cp.roll(u, 1, 0) + cp.roll(u, -1, 0) + cp.roll(u, 1, 1) + cp.roll(u, -1, 1) - 4 * u
            u = u + 0.1 * lap
        result = u.get()
        """,
        tmp_path,
    )
    assert found.exact
    assert after == 5 < before


def test_slices_with_a_boundary_keep_their_order(tmp_path):
    checked(
        """
        import cupy as np
        import numpy
        u = np.asarray(numpy.sin(numpy.arange(400.0)).reshape(20, 20))
        for step in range(6):  # hot
            un = u.copy()
            u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[:-2, 1:-1])
            u[0, :] = u[1, :]
            u[:, -1] = 0.5
        result = np.asnumpy(u)
        """,
        tmp_path,
    )


def test_numbers_and_copies_stay_cupys(tmp_path):
    _, _, found = checked(
        """
        import cupy as cp
        import numpy
        u = cp.asarray(numpy.sin(numpy.arange(300.0)))
        seen = []
        for step in range(6):  # hot
            new = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1)) + 0.1 * cp.sqrt(cp.abs(u))
            change = cp.abs(new - u).max()
            u = new
            seen.append(float(change))
            if step % 2 == 0:
                result = cp.asnumpy(u)
        """,
        tmp_path,
    )
    assert ".max()" in found.text


def test_arrays_that_are_not_contiguous_are_left_to_cupy(tmp_path):
    text = textwrap.dedent(
        """
        import sys
        import cupy as cp
        import numpy
        u = cp.asarray(numpy.arange(400.0).reshape(20, 20))
        if len(sys.argv) > 1:
            u = u.T
        for step in range(3):  # hot
            u[1:-1, :] = 0.5 * (u[2:, :] + u[:-2, :])
        result = u.get()
        """
    )
    with strict_cupy.installed():
        found = rewritten(text, tmp_path)
        before, after = run(text, ("T",), tmp_path), run(found.text, ("T",), tmp_path)
        assert not after.raised
        assert (before.values["result"] == after.values["result"]).all()


def test_arrays_of_numpys_are_not_taken_for_cupys(tmp_path):
    text = textwrap.dedent(
        """
        import cupy as cp
        import numpy as np
        a = np.arange(30.0)
        for step in range(3):  # hot
            a[1:-1] = 0.5 * (a[2:] + a[:-2]) + np.roll(a, 1)[1:-1] * 0.1
        result = cp.asarray(a)
        """
    )
    with strict_cupy.installed():
        assert not isinstance(rewritten(text, tmp_path), Fused)


def test_attributes_that_a_method_exchanges_are_fused(tmp_path):
    checked(
        """
        import cupy as cp
        class Heat:
            def __init__(self, n):
                self.u = cp.linspace(0.0, 1.0, n) ** 2
                self.v = cp.zeros(n)
            def step(self):
                self.v[1:-1] = self.u[1:-1] + 0.2 * (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2])
                self.u, self.v = self.v, self.u
        heat = Heat(40)
        for k in range(5):  # hot
            heat.step()
        result = (heat.u + heat.v).get()
        """,
        tmp_path,
    )


def test_entries_of_a_dict_are_fused(tmp_path):
    checked(
        """
        import cupy as cp
        d = {"u": cp.linspace(0.0, 1.0, 40) ** 2, "v": cp.zeros(40)}
        for k in range(5):  # hot
            d["v"][1:-1] = d["u"][1:-1] + 0.2 * (d["u"][2:] - 2 * d["u"][1:-1] + d["u"][:-2])
            d["u"][1:-1] = d["v"][1:-1]
        result = d["u"].get()
        """,
        tmp_path,
    )


def test_a_name_that_is_no_array_yet_does_no_harm(tmp_path):
    checked(
        """
        import cupy as cp
        host = None
        u = cp.linspace(0.0, 1.0, 40) ** 2
        for k in range(5):  # hot
            host = u + 0.1
            host[0] = host[1]
            u = host * 0.5 + 0.2 * cp.roll(host, 1)
        result = u.get()
        """,
        tmp_path,
    )


def test_arrays_that_come_from_the_host_in_every_turn_are_checked_there(tmp_path):
    before, after, found = checked(
        """
        import cupy as cp
        import numpy as np
        n = 24
        solid = np.arange(n * n).reshape(n, n) % 7 == 0
        a = cp.asarray(np.arange(n * n, dtype=float).reshape(n, n) / n)
        for step in range(6):  # hot
            mask = cp.asarray(solid)
            row = cp.array([0.5 + 0.1 * (j % 7) for j in range(n)])
            an = a + 0.1 * row * (cp.roll(a, 1, 0) - 2.0 * a + cp.roll(a, -1, 0))
            a = cp.where(mask, 1.0, an)
        result = a.get()
        """,
        tmp_path,
    )
    assert after == 6 < before
    assert "    if fits_kernels(" in found.text


def test_an_array_that_comes_back_from_the_host_is_checked_there(tmp_path):
    before, after, _ = checked(
        """
        import cupy as cp
        import numpy as np
        n = 24
        u = cp.asarray(np.arange(n * n, dtype=float).reshape(n, n) / n)
        v = u.copy()
        for step in range(6):  # hot
            w = 2.0 * u - v + 0.1 * (cp.roll(u, 1, 0) - 2.0 * u + cp.roll(u, -1, 0))
            h = cp.asnumpy(w)
            h[0, :] = 0.0
            w = cp.asarray(h)
            v, u = u, w
        result = u.get()
        """,
        tmp_path,
    )
    assert after < before


def test_a_method_with_a_turn_over_the_host_in_it_is_put_in(tmp_path):
    before, after, found = checked(
        """
        import cupy as cp
        import numpy as np
        class Wave:
            def __init__(self, n):
                self.u = cp.asarray(np.sin(np.arange(n * n, dtype=float)).reshape(n, n))
                self.um = self.u.copy()
            def step(self):
                un = self.um * -1.0 + 2.0 * self.u
                un[1:-1, 1:-1] += 0.25 * (self.u[2:, 1:-1] - 2.0 * self.u[1:-1, 1:-1] + self.u[:-2, 1:-1])
                h = cp.asnumpy(un)
                h[0, :] = 0.0
                h[-1, :] = 0.0
                un = cp.asarray(h)
                self.um, self.u = self.u, un
        w = Wave(24)
        for k in range(6):  # hot
            w.step()
        result = w.u.get()
        """,
        tmp_path,
    )
    assert after < before / 3
    assert "type(w) is not Wave" in found.text
