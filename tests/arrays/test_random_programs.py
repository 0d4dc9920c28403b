"""Random array programs compute the same after a rewrite, to the bit, for inputs that nobody observed too.

``python -m tests.arrays.test_random_programs 0 500`` looks for more and prints each difference with the
smallest program that shows it. ``PDEPERF_NIGHTLY_S=3600 pytest -m slow tests/arrays`` goes on for an hour.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.arrays.in_process import Finding, finding
from tests.arrays.programs import inputs, program
from tests.kernel.in_process import TookTooLong, limited

ROOT = Path(__file__).parents[2]
WRONG = ("crashes", "raises", "differs")
LIMIT_S = 60
MOST_ALIKE = 3
"""So many differences of a kind are made small."""


def differing(first: int, last: int, *, limit_s: float = 280, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.arrays.test_random_programs", str(first), str(last), str(limit_s)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=limit_s + 120,
        check=True,
    )
    return done.stdout


def test_fused_loops_compute_what_numpy_computes():
    assert not differing(0, 30, limit_s=60, NUMBA_DISABLE_JIT="1")


def test_compiled_fused_loops_compute_what_numpy_computes():
    assert not differing(1000, 1004, limit_s=60, NUMBA_BOUNDSCHECK="1")


@pytest.mark.slow
@pytest.mark.timeout(8000)
def test_many_compiled_fused_loops_compute_what_numpy_computes():
    limit_s = float(os.environ.get("PDEPERF_NIGHTLY_S", "250"))
    first = int(time.time()) % 100_000_000
    assert not differing(first, first + 1_000_000, limit_s=limit_s, NUMBA_BOUNDSCHECK="1")


def look(text: str, tried: tuple[tuple[str, ...], ...], folder: Path) -> Finding:
    try:
        with limited(LIMIT_S):
            return finding(text, tried, folder)
    except TookTooLong:
        return Finding("took too long")


def smallest(text: str, tried: tuple[tuple[str, ...], ...], folder: Path, word: str) -> tuple[str, Finding]:
    """The program without the lines that a difference does not need."""
    found = look(text, tried, folder)
    if found.argv:
        tried = (found.argv,)
    at = 0
    lines = text.splitlines()
    start = next(number for number, row in enumerate(lines) if row.startswith("    return u, v")) + 1
    at = start
    while at < len(lines):
        shorter = lines[:at] + lines[at + 1 :]
        if "# hot" not in lines[at] and lines[at].strip():
            smaller = look("\n".join(shorter) + "\n", tried, folder)
            if smaller.word == word:
                lines, found = shorter, smaller
                continue
        at += 1
    return "\n".join(lines[start:]), found


def main() -> None:
    """Print every difference in a range of programs, in its smallest form; counts go to stderr."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    end = time.monotonic() + float(sys.argv[3] if len(sys.argv) > 3 else 1e9)
    folder = Path(tempfile.mkdtemp())
    counts: collections.Counter[str] = collections.Counter()
    kinds: collections.Counter[str] = collections.Counter()
    for seed in range(first, last):
        if time.monotonic() > end:
            break
        text, tried = program(seed), inputs(seed)
        found = look(text, tried, folder)
        counts[found.word] += 1
        kind = found.word + re.sub(r"\W*\d[\w.]*|`.*?`", "", found.details)[:40]
        kinds[kind] += found.word in WRONG
        if found.word in WRONG and kinds[kind] > MOST_ALIKE:
            print(f"##### {seed} {found.word} {' '.join(found.argv)}\n--- {found.details[:200]}", flush=True)
        elif found.word in WRONG:
            small, least = smallest(text, tried, folder, found.word)
            print(
                f"##### {seed} {least.word} {' '.join(least.argv)}\n{small}\n--- {least.details}", flush=True
            )
            if "-v" in sys.argv:
                print(f"--- rewrite\n{least.candidate}", flush=True)
        elif found.word == "refused" and "-r" in sys.argv:
            print(seed, found.details, file=sys.stderr)
    print(dict(counts), file=sys.stderr)


if __name__ == "__main__":
    main()
