"""Prints which planted rewrites the judge accepts and which it rejects: the confusion table.

Usage: ``python benchmarks/judge/rewrites.py [--all] [SOLVER ...]``

Without ``--all`` or names, three of the solvers are tried. Each rewrite is held to its original as
``pdeperf validate`` does it, results only, with tolerances derived. The exit code is 1 if an equivalent
rewrite was rejected or a wrong one was accepted.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edits import EQUIVALENT, WRONG, Rewrite, planted

from pdeperf.guest.scratch import scratch
from pdeperf.judge import verdict
from pdeperf.model import Outcome, Trial, Workload
from pdeperf.trial import Effort, Setting, measure_original, setting, try_candidate
from pdeperf.trial.immaterial import immaterial_names

HERE = Path(__file__).parent / "rewrites"
FEW = ("crank_nicolson", "jacobi_plate", "weather_chaos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A rewrite, and what the judge says of it."""

    rewrite: Rewrite
    trial: Trial

    @property
    def word(self) -> str:
        """``accepted``, ``rejected`` or ``unproven``."""
        if not self.trial.failure and not self.trial.differences:
            return "unproven"
        return "accepted" if self.agrees else "rejected"

    @property
    def agrees(self) -> bool:
        """Did the results agree?"""
        return not self.trial.failure and all(one.within for one in self.trial.differences)

    @property
    def is_right(self) -> bool:
        """Is this the word that the rewrite deserves?"""
        return self.word == ("accepted" if self.rewrite.truth == EQUIVALENT else "rejected")

    @property
    def said(self) -> str:
        """Why, in one line."""
        found = verdict(self.trial)
        if found.outcome is Outcome.UNPROVEN and self.trial.differences:
            closest = max(self.trial.differences, key=lambda one: max(one.l2, one.linf) / (one.allowed or 1))
            size = max(closest.l2, closest.linf)
            return f"{closest.observable} {size:.2g} of {closest.allowed:.2g}; {self.trial.tolerance}"
        return found.reason


def judge(solver: Path, rewrites: Sequence[Rewrite], where: Setting) -> Iterator[Judged]:
    """Try each rewrite of one solver."""
    with _project(solver) as folder, scratch(solver.name, folder) as place:
        workload = Workload(script=solver.name, timeout_s=60.0)
        files = {solver.name: solver.read_text()}
        original = measure_original(workload, place, files, where)
        if original.failure:
            raise SystemExit(f"{solver.name}: {original.failure}")
        forgets = immaterial_names(files, solver.name)
        for rewrite in rewrites:
            trial = try_candidate(
                workload, place, files, {solver.name: rewrite.text}, original,
                forgets=forgets, effort=Effort(timed=False), lenient=True,
            )  # fmt: skip
            yield Judged(rewrite=rewrite, trial=trial)


@contextmanager
def _project(solver: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / solver.name).write_text(solver.read_text())
        yield folder


WORDS = ("accepted", "rejected", "unproven")


def rows(name: str, judged: Sequence[Judged]) -> Iterator[str]:
    """Rows are what rewrites are, columns what the judge says."""
    for truth in (EQUIVALENT, WRONG):
        counts = Counter(one.word for one in judged if one.rewrite.truth == truth)
        yield f"{name:<20}{truth:<12}" + "".join(f"{counts[word]:>10}" for word in WORDS)


def main() -> int:
    """Judge, print the table and what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("solvers", nargs="*", help="names of scripts in rewrites/")
    parser.add_argument("--all", action="store_true", help="all the solvers, several minutes")
    parser.add_argument("-v", "--verbose", action="store_true", help="each rewrite in a line")
    asked = parser.parse_args()
    names = sorted(path.stem for path in HERE.glob("*.py")) if asked.all else asked.solvers or FEW
    judged: list[Judged] = []
    print(f"{'':<32}" + "".join(f"{word:>10}" for word in WORDS))
    with setting() as where:
        for name in names:
            solver = HERE / f"{name}.py"
            found: list[Judged] = []
            for one in judge(solver, list(planted(solver)), where):
                found.append(one)
                if asked.verbose or not one.is_right:
                    mark = "  " if one.is_right else "! "
                    told = f"{name}, {one.rewrite.truth}, {one.rewrite.title}: {one.word}: {one.said}"
                    print(mark + told, flush=True)
            print("\n".join(rows(name, found)), flush=True)
            judged += found
    print("\n".join(rows("all", judged)))
    return 0 if all(one.is_right for one in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
