"""What the prange backend writes computes what was there before, however the threads run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases" / "backends" / "prange"

COMPARE = """
import runpy, sys
import numpy as np

def results(path):
    space = runpy.run_path(path)
    return {name: value for name, value in space.items() if isinstance(value, (np.ndarray, float))}

before, exact = results(sys.argv[1]), sys.argv[3] == "exact"
for turn in range(5):
    after = results(sys.argv[2])
    assert before.keys() == after.keys()
    for name, value in before.items():
        got = after[name]
        assert np.array_equal(value, got) if exact else np.allclose(value, got, rtol=1e-12, atol=0), name
"""

SHARED = """
import runpy, sys
import numpy as np

space = [runpy.run_path(path) for path in sys.argv[1:3]]
grids = [np.random.default_rng(1).random((60, 40)) for _ in space]
for names, grid in zip(space, grids):
    names["step"](grid, grid, 60, 40, 0.1)
    names["step"](grid[:-3], grid[3:], 57, 40, 0.1)
assert np.array_equal(*grids)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NUMBA_NUM_THREADS": "3", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def copies(folder: Path, case: str) -> list[str]:
    paths = []
    for end in ("before", "after"):
        path = folder / f"{case}_{end}.py"
        path.write_text((CASES / f"{case}.{end}.py").read_text())
        paths.append(str(path))
    return paths


@pytest.mark.parametrize(
    ("case", "how"),
    [
        ("jacobi_on_two_arguments", "exact"),
        ("largest_change", "rounding"),
        pytest.param("compiled_driver", "exact", marks=pytest.mark.slow),
        ("slices_stay_serial", "exact"),
    ],
)
def test_a_parallel_kernel_computes_what_the_serial_one_did(tmp_path, case, how):
    done = run(COMPARE, *copies(tmp_path, case), how)
    assert done.returncode == 0, done.stderr


def test_arrays_that_share_memory_take_the_serial_kernel(tmp_path):
    done = run(SHARED, *copies(tmp_path, "jacobi_on_two_arguments"))
    assert done.returncode == 0, done.stderr
