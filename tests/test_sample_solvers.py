"""Do the sample solvers solve their equations: does the printed error shrink at the scheme's order?"""

import re
import runpy
import sys
from math import log
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "sample_solvers"

# Solver: (small size, larger size, lowest order that the scheme must show between them).
ORDERS = {
    "adi_thomas": (12, 24, 1.9),
    "advection_limiter": (80, 160, 1.6),
    "burgers_upwind": (40, 80, 0.8),
    "convection_diffusion": (10, 20, 1.9),
    "crank_nicolson_dense": (20, 40, 1.7),
    "diffusion_callbacks": (6, 12, 1.8),
    "eigenmodes": (10, 20, 1.9),
    "euler_sod": (60, 120, 0.5),
    "fdtd_cavity": (12, 24, 1.8),
    "fem_poisson": (10, 20, 1.8),
    "fipy_diffusion": (20, 40, 1.8),
    "heat2d_loops": (8, 16, 1.9),
    "implicit_heat": (20, 40, 1.8),
    "kuramoto_sivashinsky": (14, 28, 1.9),
    "lid_driven_cavity": (8, 12, 1.7),
    "nonlinear_diffusion": (20, 40, 1.9),
    "phase_field": (24, 48, 1.9),
    "poisson_sor": (10, 20, 1.9),
    "projection": (12, 24, 1.8),
    "skfem_heat": (16, 32, 1.4),
    "wave_class": (12, 24, 1.8),
}

NEEDED = {"fipy_diffusion": "fipy", "skfem_heat": "skfem"}


def printed_errors(name, n, capsys, monkeypatch):
    script = FOLDER / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(script), "--n", str(n)])
    runpy.run_path(str(script), run_name="__main__")
    return [
        float(number) for number in re.findall(r"error\b[^\d\n]*([\d.]+e[-+]\d+)", capsys.readouterr().out)
    ]


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_the_error_shrinks_at_the_order_of_the_scheme(name, capsys, monkeypatch):
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    coarse_n, fine_n, order = ORDERS[name]
    coarse = printed_errors(name, coarse_n, capsys, monkeypatch)
    fine = printed_errors(name, fine_n, capsys, monkeypatch)
    assert coarse
    assert len(coarse) == len(fine)
    for before, after in zip(coarse, fine, strict=True):
        assert 0.0 < after < before
        assert log(before / after) / log(fine_n / coarse_n) > order


def test_every_solver_has_an_order_and_a_line_in_the_readme():
    solvers = {path.stem for path in FOLDER.glob("*.py") if not path.stem.endswith("_optimized")}
    readme = (FOLDER / "README.md").read_text()
    assert solvers == set(ORDERS)
    assert {name for name in solvers if f"`{name}.py`" not in readme} == set()
