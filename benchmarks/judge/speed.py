"""Prints how often the judge calls an equal script slower, and a slower one slower.

Usage: ``python benchmarks/judge/speed.py [--rounds 20] [--neighbours 0] [--max-slowdown 1.05]``

A small stencil script and slowed copies of it run in turns, so many rounds. Then validations are played
on stretches of these runs, with the judge's own rule for when to stop: hundreds, for the cost of one.
``--neighbours 2`` keeps two more processes busy meanwhile.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pdeperf.guest.scratch import scratch
from pdeperf.judge import is_decided, verdict
from pdeperf.model import Difference, Outcome, Trial, Workload
from pdeperf.pipeline.validation import PAIRS_COUNT
from pdeperf.trial import Run, run_once, setting
from pdeperf.trial.run import Terms

SCRIPT = "stencil.py"
SOURCE = """
import numpy as np
u = np.zeros((200, 200))
u[80:120, 80:120] = 1.0
for step in range({steps}):
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.2 * (
        un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1])
"""
STEPS = 3000
FACTORS = (1.0, 1.05, 1.1, 1.2)
PLAYED_COUNT = 400
AGREES = Difference(observable="u", l2=0.0, linf=0.0, allowed=1e-13)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep other processes busy."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def measure(rounds_count: int) -> tuple[list[Run], dict[float, list[Run]]]:
    """The script and its slowed copies, once a round each, in an order that changes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / SCRIPT).write_text(SOURCE.format(steps=STEPS))
        workload = Workload(script=SCRIPT)
        with scratch(SCRIPT, Path(folder)) as place, setting() as where:

            def run(steps: float) -> Run:
                text = SOURCE.format(steps=round(steps))
                return run_once(workload, place, {SCRIPT: text}, where, Terms(functions=False))

            alone = min(run(0).wall_s for _ in range(3))
            work_s = max(run(STEPS).wall_s - alone, 0.05)
            olds: list[Run] = []
            news: dict[float, list[Run]] = {factor: [] for factor in FACTORS}
            for number in range(rounds_count):
                order: list[float | None] = [None, *FACTORS]
                order = order[number % len(order) :] + order[: number % len(order)]
                for factor in order:
                    if factor is None:
                        olds.append(run(STEPS))
                    else:  # of the whole run, the interpreter's start and imports counted
                        more = (factor - 1) * (alone + work_s) / work_s
                        news[factor].append(run(STEPS * (1 + more)))
            return olds, news


def play(
    olds: Sequence[Run], news: Sequence[Run], least: float, source: random.Random
) -> tuple[Outcome, int]:
    """One validation on a stretch of the runs; the outcome and how many pairs it took."""
    start = source.randrange(len(olds))
    pairs = [(olds[(start + k) % len(olds)], news[(start + k) % len(news)]) for k in range(PAIRS_COUNT)]
    for count in range(1, PAIRS_COUNT + 1):
        trial = Trial(
            before_s=tuple(old.wall_s for old, _ in pairs[:count]),
            after_s=tuple(new.wall_s for _, new in pairs[:count]),
            before_cpu_s=tuple(old.cpu_s for old, _ in pairs[:count]),
            after_cpu_s=tuple(new.cpu_s for _, new in pairs[:count]),
            differences=(AGREES,),
        )
        if is_decided(trial, least):
            break
    return verdict(trial, min_speedup=least).outcome, count


def main() -> None:
    """Measure, play, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--neighbours", type=int, default=0)
    parser.add_argument("--max-slowdown", type=float, default=1.05)
    asked = parser.parse_args()
    with busy(asked.neighbours):
        olds, news = measure(asked.rounds)
    source = random.Random(1)
    print(f"slower than {asked.max_slowdown:g}x? in % of {PLAYED_COUNT} validations of {asked.rounds} rounds")
    print(f"{'true':>8}{'accepted':>10}{'slower':>10}{'open':>10}{'pairs':>8}")
    for factor in FACTORS:
        played = [play(olds, news[factor], 1 / asked.max_slowdown, source) for _ in range(PLAYED_COUNT)]
        counts = Counter(outcome for outcome, _ in played)
        shares = [
            100 * counts[outcome] / PLAYED_COUNT
            for outcome in (Outcome.ACCEPTED, Outcome.SLOWER, Outcome.UNPROVEN)
        ]
        pairs = sum(count for _, count in played) / PLAYED_COUNT
        print(f"{factor:>7g}x" + "".join(f"{share:>10.1f}" for share in shares) + f"{pairs:>8.1f}")


if __name__ == "__main__":
    main()
