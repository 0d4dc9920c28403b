"""Random time loops compute the same, to the bit, whatever the order of their rows and steps.

``python -m tests.arrays.test_stepping_programs 0 500`` looks for more, as
``tests.arrays.test_random_programs`` does for programs of all kinds.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.arrays import test_random_programs
from tests.arrays.stepping_programs import inputs, program

ROOT = Path(__file__).parents[2]


def test_sweeps_compute_what_numpy_computes():
    done = subprocess.run(
        [sys.executable, "-m", "tests.arrays.test_stepping_programs", "0", "40", "60"],
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
