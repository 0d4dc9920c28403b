"""Random scripts print the same after a rewrite, for inputs that nobody observed too.

A script is observed with one command line and tried with seven: other sizes, single precision,
integers. ``python -m tests.kernel.test_random_scripts 0 500`` looks for more.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdeperf.model import Candidate
from tests.kernel.in_process import TookTooLong, difference, limited
from tests.kernel.loop_scripts import inputs, script
from tests.parallel_orders import parallel_forms, shaken

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


def on_all_cores(text: str) -> Iterator[tuple[Candidate, str]]:
    """The kernels of a rewrite with their loops in parallel, all turns at once."""
    for form in parallel_forms(text):
        for seed in (1, 2):
            yield form, shaken(form.patches[0].after, seed)


def main() -> None:
    """Print every difference of a range of scripts; counts go to stderr."""
    folder = Path(tempfile.mkdtemp())
    counts: Counter[str] = Counter()
    end = time.monotonic() + float(sys.argv[3] if len(sys.argv) > 3 else 1e9)
    is_compiled = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        if time.monotonic() > end:
            break
        word, details = "took too long", ""
        try:
            with limited(20):
                word, details = difference(
                    script(seed), inputs(seed), folder, None if is_compiled else on_all_cores
                )
        except TookTooLong:
            pass
        except Exception as error:
            word, details = "crashes", f"{type(error).__name__}: {error}"
        counts[word] += 1
        if word in ("crashes", "differs", "raises", "races"):
            print(f"##### {seed} {word}\n{details}\n--- script\n{script(seed)}", flush=True)
    print(dict(counts), file=sys.stderr)


if __name__ == "__main__":
    main()
