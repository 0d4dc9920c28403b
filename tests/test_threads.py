"""Parallel kernels compute the same with one thread and with two, in whatever chunks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "what",
    [("cases",), ("stepping", "0", "12", "200"), ("mixed", "0", "12", "200"), ("loops", "0", "60", "200")],
)
def test_real_threads_compute_what_one_thread_does(what):
    done = subprocess.run(
        [sys.executable, "-m", "tests.threads", *what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1100,
        check=True,
    )
    assert not done.stdout
    assert "'same'" in done.stderr
