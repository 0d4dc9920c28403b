"""Random programs of a kind, rewritten and compared.

``python -m tests.arrays.driver KIND FIRST LAST [LIMIT_S]``, a kind being mixed, lines, stepping, placed
or along.

Prints each difference with the smallest program that shows it; counts go to stderr. ``-v`` prints the
rewrites too, ``-r`` the reasons of refusals. ``NUMBA_DISABLE_JIT=1`` runs rewrites interpreted, many a
second; ``NUMBA_BOUNDSCHECK=1`` compiles them.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.arrays import along_programs, line_programs, placed_programs, programs, stepping_programs
from tests.arrays.given import MARK
from tests.arrays.in_process import Finding, finding, is_compiled
from tests.kernel.in_process import TookTooLong, limited

ROOT = Path(__file__).parents[2]
KINDS = {
    "mixed": programs,
    "lines": line_programs,
    "stepping": stepping_programs,
    "placed": placed_programs,
    "along": along_programs,
}
WRONG = ("crashes", "raises", "differs", "races")
LIMIT_S = 600 if is_compiled() else 60
MOST_ALIKE = 3
"""So many differences of a kind are made small."""


def differing(kind: str, first: int, last: int, *, limit_s: float, **environment: str) -> str:
    """What a run of the driver prints: nothing, if all programs compute the same."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.arrays.driver", kind, str(first), str(last), str(limit_s)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=limit_s + 120,
        check=True,
    )
    return done.stdout


def look(text: str, tried: tuple[tuple[str, ...], ...], folder: Path) -> Finding:
    """What rewriting a program came to, unless that takes too long.

    NumPy's own ``stack`` of matrices beside arrays writes beyond its result.
    """
    if "stack(" in text:
        tried = tuple(argv for argv in tried if "matrix" not in argv)
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
    lines = text.splitlines()
    start = at = lines.index(MARK) + 1
    while at < len(lines):
        shorter = lines[:at] + lines[at + 1 :]
        if "# hot" not in lines[at] and lines[at].strip():
            smaller = look("\n".join(shorter) + "\n", tried, folder)
            if smaller.word == word:
                lines, found = shorter, smaller
                continue
        at += 1
    return "\n".join(lines[start:]), found


def main(kind: str, first: int, last: int, limit_s: float = 1e9) -> None:
    """Print every difference in a range of programs, in its smallest form; counts go to stderr."""
    end = time.monotonic() + limit_s
    folder = Path(tempfile.mkdtemp())
    counts: collections.Counter[str] = collections.Counter()
    alike: collections.Counter[str] = collections.Counter()
    for seed in range(first, last):
        if time.monotonic() > end:
            break
        text, tried = KINDS[kind].program(seed), KINDS[kind].inputs(seed)
        found = look(text, tried, folder)
        counts[found.word] += 1
        if found.word == "took too long" and is_compiled():
            break  # Numba is not fit for use after an interruption.
        like = found.word + re.sub(r"\W*\d[\w.]*|`.*?`", "", found.details)[:40]
        alike[like] += found.word in WRONG
        if found.word in WRONG and alike[like] > MOST_ALIKE:
            print(f"##### {seed} {found.word} {' '.join(found.argv)}\n--- {found.details[:200]}", flush=True)
        elif found.word in WRONG:
            small, least = smallest(text, tried, folder, found.word)
            print(
                f"##### {seed} {least.word} {' '.join(least.argv)}\n{small}\n--- {least.details}", flush=True
            )
            if "-v" in sys.argv:
                print(f"--- rewrite\n{least.candidate}", flush=True)
        elif "-r" in sys.argv:
            print(seed, found.word, found.details, file=sys.stderr)
    print(kind, dict(counts), file=sys.stderr)


if __name__ == "__main__":
    numbers = [each for each in sys.argv[2:] if not each.startswith("-")]
    main(sys.argv[1], int(numbers[0]), int(numbers[1]), *map(float, numbers[2:]))
