"""Bands that objects hold, and bands that are only added to others; not where somebody may look at them."""

import numpy as np
import pytest
from rewriting import observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.sparse.banded import banded

TEXT = """
import copy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

class Heat:
    def __init__(self, n, dt):
        self.n, self.dt = n, dt
        self.A = None
        self.x = np.linspace(0, 1, n)
        self.u = np.sin(np.pi * self.x)
        self.L = sp.diags([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1])
        self.I = sp.identity(n)

    def step(self, k):
        STEP

heat = Heat(30, 0.1)
for k in range(12):
    heat.step(k)
    EACH
u = heat.u
"""
STEPS = {
    "implicit": "self.u = spsolve((self.I - self.dt * self.L).tocsc(), self.u)",
    "in halves": "B = self.I + 0.5 * self.dt * self.L\n        "
    "self.u = spsolve((self.I - 0.5 * self.dt * self.L).tocsc(), B @ self.u)",
    "kept": "if self.A is None or k == 6:\n            "
    "self.A = (self.I - (1 + k) * self.dt * self.L).tocsc()\n        self.u = spsolve(self.A, self.u)",
    "a potential": "self.u = spsolve(self.I - self.dt * self.L + sp.diags(self.u**2, 0), self.u)",
    "a potential by columns": "V = sp.spdiags(self.u**2, 0, self.n, self.n)\n        "
    "self.u = spsolve(self.I - self.dt * (self.L - V), self.u)",
    "changed for good": "self.L = self.L * (1 + 0.1 * (k == 5))\n        "
    "self.u = spsolve(self.I - self.dt * self.L, self.u)",
    "added to": "self.L -= self.I * 0.01\n        self.u = spsolve(self.I - self.dt * self.L, self.u)",
    "multiplied only": "rhs = self.u + (self.I * 2).dot(self.u)\n        "
    "self.u = spsolve(self.I - self.dt * self.L, rhs)",
}


def filled(text, folder):
    project = observed(text, folder)
    found = banded(Meaning(project), project["script.py"])
    return found.text if found is not None else ""


def script(step, each="pass", text=TEXT):
    return text.replace("STEP", step).replace("EACH", each)


@pytest.mark.parametrize("name", STEPS)
def test_bands_of_objects_give_the_same_results(name, tmp_path, recwarn):
    text = script(STEPS[name])
    after = filled(text, tmp_path)
    assert "self.L = band_of_diagonals(" in after and "self.I = band_of_diagonals([1.0]" in after
    assert "spsolve(self" not in after
    before, now = run(text, tmp_path)[0], run(after, tmp_path)[0]
    np.testing.assert_allclose(now["u"], before["u"], rtol=1e-11, atol=1e-14)
    assert type(now["heat"].L).__name__ == "BandMatrix"
    np.testing.assert_array_equal(now["heat"].L.tocsr().toarray(), before["heat"].L.toarray())
    assert now["heat"].L.nnz == before["heat"].L.tocsr().nnz


def test_what_objects_hold_is_compared_as_the_matrix_that_it_is(tmp_path):
    text = script(STEPS["implicit"])
    project = observed(text, tmp_path)
    found = banded(Meaning(project), project["script.py"])
    assert not any("L" in name or "I" in name for name in found.forgets)


IMPLICIT = STEPS["implicit"]
LOOKED_AT = {
    "read outside": script(IMPLICIT, "print(heat.L.nnz)"),
    "changed outside": script(IMPLICIT, "heat.L.data[1, 3] -= 0.1"),
    "bound outside": script(IMPLICIT, "heat.L = heat.L.tolil()"),
    "read by name": script(IMPLICIT, "v = getattr(heat, 'L').sum()"),
    "all attributes": script(IMPLICIT, "v = heat.__dict__"),
    "an entry": script("self.L.tolil()[0, 0]; " + IMPLICIT),
    "its data": script("self.L.data[0, 2] = 3.0; " + IMPLICIT),
    "given away": script("copy.copy(self.L); " + IMPLICIT),
    "another name of it": script("L = self.L; L.data[:] *= 1.1; " + IMPLICIT),
    "another object": script(IMPLICIT, "pass").replace(
        "heat = ", "class Other:\n    def __init__(self):\n        self.L = 3\n\nother = Other()\nheat = "
    ),
    "a property": script(IMPLICIT)
    .replace("    def step", "    @property\n    def L(self):\n        return self.n\n\n    def step")
    .replace("self.L =", "self.Lap =")
    .replace("self.dt * self.L)", "self.dt * self.Lap * self.L / 30)"),
    "a friend": script(IMPLICIT).replace(
        "    def step", "    def like(self, other):\n        self.L = other.L\n\n    def step"
    ),
    "a method that goes elsewhere": script(IMPLICIT, "heat.step = heat.step").replace(
        "    def step", "    @staticmethod\n    def of(self):\n        return self.L\n\n    def step"
    ),
    "wrapped": script(IMPLICIT, "work = lambda: heat.L"),
}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_bands_that_may_be_looked_at_stay(name, tmp_path, recwarn):
    after = filled(LOOKED_AT[name], tmp_path)
    assert "self.L = band_of" not in after
    if after:
        before, now = run(LOOKED_AT[name], tmp_path)[0], run(after, tmp_path)[0]
        np.testing.assert_allclose(now["u"], before["u"], rtol=1e-11, atol=1e-14)


def test_what_leads_to_no_solve_stays(tmp_path):
    text = script("self.u = self.u + self.dt * (self.L @ self.u)")
    assert filled(text, tmp_path) == ""
    two = script(
        "C = sp.diags([0.1, 0.2], [0, 1], shape=(self.n, self.n))\n        v = C @ self.u; " + IMPLICIT
    )
    assert "C = sp.diags(" in filled(two, tmp_path)


def test_few_rows_have_the_format_that_was_asked_for(tmp_path, recwarn):
    text = script(IMPLICIT).replace("sp.identity(n)", "sp.identity(n, format='csc')")
    after = filled(text, tmp_path).replace("Heat(30", "Heat(2")
    assert "shape=(n, n), format='csc')" in after
    assert run(after, tmp_path)[0]["heat"].I.format == "csc"
    np.testing.assert_array_equal(
        run(after, tmp_path)[0]["u"], run(text.replace("Heat(30", "Heat(2"), tmp_path)[0]["u"]
    )
