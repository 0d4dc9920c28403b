"""Random programs and scripts, rewritten and compared for as long as one likes.

``python -m tests.nightly [SECONDS [SEED]]``, an hour unless told: array programs of each kind and loop
scripts, interpreted and every tenth compiled with bounds checks, and programs that Hypothesis draws. Each
slice is a process of its own, so that a crash ends no more than that. Differences are printed as soon
as they are found, each with its seed and made small; a table of counts comes last. Ends with 1 if anything
differed. The same SEED gives the same programs; it is printed first.
"""

import ast
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.arrays.driver import KINDS

ROOT = Path(__file__).parents[1]
INTERPRETED, COMPILED = {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_BOUNDSCHECK": "1", "NUMBA_DISABLE_JIT": "0"}
COUNT = 20
"""Programs of an interpreted slice; a compiled one holds a tenth."""
SLICE_S, LONGEST_S = 300, 700
"""When a slice begins no further program, and when it is ended."""


@dataclass(frozen=True)
class Slice:
    """Some programs of one kind, looked at by one process."""

    title: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a slice came to: how many programs came to what, and all that differs, in words."""

    counts: Counter[str]
    differences: str = ""


def slices(seed: int) -> Iterator[Slice]:
    """Without end, other programs in each."""
    r = random.Random(seed)
    while True:
        for kind in KINDS:
            yield from _two(kind, ("tests.arrays.driver", kind), r.randrange(10**8))
        yield from _two("loops", ("tests.kernel.test_random_scripts",), r.randrange(10**8))
        drawn = str(r.randrange(10**8))
        command = ("pytest", "-n", "0", "-q", "tests/arrays/test_drawn_programs.py", "--timeout=0")
        yield Slice("drawn", (*command, f"--hypothesis-seed={drawn}"), {"PDEPERF_DRAWN": str(COUNT)})


def _two(title: str, module: tuple[str, ...], first: int) -> Iterator[Slice]:
    for name, count, environment in (
        (title, COUNT, INTERPRETED),
        (f"{title} compiled", COUNT // 10, COMPILED),
    ):
        yield Slice(name, (*module, str(first), str(first + count), str(SLICE_S)), environment)


def look(one: Slice) -> Found:
    """Run a slice; what ends it by force is a difference too."""
    command = [sys.executable, "-m", *one.command]
    told = f"##### {' '.join(f'{k}={v}' for k, v in one.environment.items())} {' '.join(one.command)}"
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **one.environment},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Found(Counter({"took too long": 1}))
    if one.title == "drawn":
        word = "differs" if done.returncode else "same"
        return Found(Counter({word: COUNT}), f"{told}\n{done.stdout[-6000:]}" if done.returncode else "")
    if done.returncode:
        return Found(Counter({"crashes": 1}), f"{told}\nended with {done.returncode}\n{done.stderr[-2000:]}")
    last = done.stderr.strip().splitlines()[-1]
    counts: Counter[str] = Counter(ast.literal_eval(last[last.index("{") :]))
    return Found(counts, f"{told}\n{done.stdout}" if done.stdout else "")


def main(limit_s: float = 3600, seed: int | None = None) -> int:
    """Look at slices until the time is over; 1 if anything differed."""
    seed = int(time.time()) if seed is None else seed
    begun = time.monotonic()
    print(f"python -m tests.nightly {limit_s:.0f} {seed}", flush=True)
    counts: dict[str, Counter[str]] = {}
    differs = False
    for one in slices(seed):
        if time.monotonic() - begun > limit_s:
            break
        found = look(one)
        counts.setdefault(one.title, Counter()).update(found.counts)
        if found.differences:
            differs = True
            print(found.differences, flush=True)
    hours = (time.monotonic() - begun) / 3600
    total = sum(each.total() for each in counts.values())
    for title, each in counts.items():
        print(f"{title:20} {each.total():6}  {', '.join(f'{n} {word}' for word, n in each.most_common())}")
    print(f"{total} programs in {hours:.2f} h, {total / hours:.0f} an hour")
    return int(differs)


if __name__ == "__main__":
    given = [float(sys.argv[1])] if len(sys.argv) > 1 else []
    sys.exit(main(*given, seed=int(sys.argv[2]) if len(sys.argv) > 2 else None))
