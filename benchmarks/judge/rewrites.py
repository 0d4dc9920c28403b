"""Prints which planted rewrites the judge accepts and which it rejects: the confusion table.

Usage: ``python benchmarks/judge/rewrites.py [--all] [--keep FILE] [SOLVER ...]``

A solver is a name in ``rewrites/``, or the path of a script with its ``.edits`` beside it.


Without ``--all`` or names, three of the solvers are tried. Each rewrite is held to its original as
``pdeperf validate`` does it, results only, with tolerances derived. The exit code is 1 if an equivalent
rewrite was rejected or a wrong one was accepted.

All of them take half an hour and more. ``--keep FILE`` writes each verdict down as it is reached and does
not ask for it again, so that the run may be stopped and go on, and pieces run apart are summed up; the file
is to be removed when the judge has changed.
"""

import argparse
import hashlib
import json
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

HERE = Path(__file__).parent / "rewrites"
FEW = ("crank_nicolson", "jacobi_plate", "weather_chaos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A rewrite, and what the judge says of it.

    Attributes
    ----------
    word
        ``accepted``, ``rejected`` or ``unproven``.
    said
        Why, in one line.
    """

    rewrite: Rewrite
    word: str
    said: str

    @property
    def is_right(self) -> bool:
        """Is this the word that the rewrite deserves?"""
        return self.word == ("accepted" if self.rewrite.truth == EQUIVALENT else "rejected")


def _word(trial: Trial) -> str:
    if not trial.failure and not trial.differences:
        return "unproven"
    agrees = not trial.failure and all(one.within for one in trial.differences)
    return "accepted" if agrees else "rejected"


def _said(trial: Trial) -> str:
    found = verdict(trial)
    if found.outcome is Outcome.UNPROVEN and trial.differences:
        closest = max(trial.differences, key=lambda one: max(one.l2, one.linf) / (one.allowed or 1))
        size = max(closest.l2, closest.linf)
        return f"{closest.observable} {size:.2g} of {closest.allowed:.2g}; {trial.tolerance}"
    return found.reason


class Kept:
    """The verdicts of earlier runs, one a line in a file; without a file there are none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path is not None and path.exists() else []
        self._found = {row["key"]: (row["word"], row["said"]) for row in map(json.loads, lines)}

    def find(self, solver: Path, rewrite: Rewrite) -> Judged | None:
        """What was said of this very text."""
        found = self._found.get(_key(solver, rewrite))
        return found and Judged(rewrite=rewrite, word=found[0], said=found[1])

    def add(self, solver: Path, judged: Judged) -> None:
        """Write a verdict down."""
        if self._path is None:
            return
        row = {"key": _key(solver, judged.rewrite), "word": judged.word, "said": judged.said}
        with self._path.open("a") as lines:
            lines.write(json.dumps(row) + "\n")


def _key(solver: Path, rewrite: Rewrite) -> str:
    both = f"{solver.read_text()}\0{rewrite.text}"
    return f"{solver.stem} {hashlib.sha256(both.encode()).hexdigest()[:16]}"


def judge(solver: Path, rewrites: Sequence[Rewrite], where: Setting) -> Iterator[Judged]:
    """Try each rewrite of one solver."""
    with _project(solver) as folder, scratch(solver.name, folder) as place:
        workload = Workload(script=solver.name, timeout_s=60.0)
        files = {solver.name: solver.read_text()}
        original = measure_original(workload, place, files, where)
        if original.failure:
            raise SystemExit(f"{solver.name}: {original.failure}")
        for rewrite in rewrites:
            trial = try_candidate(
                workload, place, files, {solver.name: rewrite.text}, original,
                effort=Effort(timed=False), lenient=True,
            )  # fmt: skip
            yield Judged(rewrite=rewrite, word=_word(trial), said=_said(trial))


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


def tell(one: Judged, *, verbose: bool) -> None:
    """Print what went wrong; everything when asked."""
    if verbose or not one.is_right:
        mark = "  " if one.is_right else "! "
        told = f"{one.rewrite.solver}, {one.rewrite.truth}, {one.rewrite.title}: {one.word}: {one.said}"
        print(mark + told, flush=True)


def main() -> int:
    """Judge, print the table and what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("solvers", nargs="*", help="names of scripts in rewrites/, or paths")
    parser.add_argument("--all", action="store_true", help="all the solvers, half an hour and more")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write verdicts down, and go on from there")
    parser.add_argument("-v", "--verbose", action="store_true", help="each rewrite in a line")
    asked = parser.parse_args()
    names = sorted(path.stem for path in HERE.glob("*.py")) if asked.all else asked.solvers or FEW
    judged: list[Judged] = []
    kept = Kept(asked.keep)
    print(f"{'':<32}" + "".join(f"{word:>10}" for word in WORDS))
    with setting() as where:
        for name in names:
            solver = Path(name) if name.endswith(".py") else HERE / f"{name}.py"
            rewrites = list(planted(solver))
            found = [one for one in (kept.find(solver, each) for each in rewrites) if one is not None]
            known = {one.rewrite for one in found}
            rest = [one for one in rewrites if one not in known]
            for one in found:
                tell(one, verbose=asked.verbose)
            for one in judge(solver, rest, where) if rest else ():
                found.append(one)
                kept.add(solver, one)
                tell(one, verbose=asked.verbose)
            print("\n".join(rows(solver.stem, found)), flush=True)
            judged += found
    print("\n".join(rows("all", judged)))
    return 0 if all(one.is_right for one in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
