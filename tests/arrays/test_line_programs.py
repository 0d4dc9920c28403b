"""Random solvers of many lines compute the same, to the bit, a few lines at a time or all at once.

``python -m tests.arrays.test_line_programs 0 500`` looks for more, as
``tests.arrays.test_random_programs`` does for programs of all kinds.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.arrays import test_random_programs
from tests.arrays.line_programs import inputs, program

ROOT = Path(__file__).parents[2]


def test_lines_side_by_side_compute_what_numpy_computes():
    done = subprocess.run(
        [sys.executable, "-m", "tests.arrays.test_line_programs", "0", "30", "50"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    assert not done.stdout


if __name__ == "__main__":
    test_random_programs.program, test_random_programs.inputs = program, inputs
    test_random_programs.main()
