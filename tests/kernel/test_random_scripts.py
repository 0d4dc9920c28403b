"""Random scripts print the same after a rewrite, for inputs that nobody observed too.

A script is observed with one command line and tried with seven: other sizes, single precision,
integers. ``python -m tests.kernel.test_random_scripts 0 500`` looks for more.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.kernel.in_process import TookTooLong, difference, limited
from tests.kernel.loop_scripts import inputs, script

ROOT = Path(__file__).parents[2]


def differing(first: int, last: int, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kernel.test_random_scripts", str(first), str(last)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    return done.stdout


def test_what_flows_in_and_out_of_kernels_is_kept():
    assert not differing(0, 50, NUMBA_DISABLE_JIT="1")


def test_compiled_kernels_compute_what_python_computes():
    assert not differing(100, 110)


@pytest.mark.slow
def test_many_compiled_kernels_compute_what_python_computes():
    assert not differing(200, 320)


def main() -> None:
    """Print every difference of a range of scripts."""
    folder = Path(tempfile.mkdtemp())
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        try:
            with limited(20):
                word, details = difference(script(seed), inputs(seed), folder)
        except TookTooLong:
            continue
        if word in ("differs", "raises"):
            print(f"##### {seed} {word}\n{details}\n--- script\n{script(seed)}")


if __name__ == "__main__":
    main()
