"""Prints where the time of ``pdeperf optimize`` goes: every run of a child process, by what it was for.

Usage: ``python benchmarks/overhead/optimizing.py SCRIPT [SCRIPT ...]``

CPU seconds are those of the child processes (``os.wait4``), so that neighbours on the machine count
little; ``planning`` is this process's own, between the runs.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from pdeperf import pipeline
from pdeperf.collectors import passes, runs
from pdeperf.guest.launch import Finished, launch
from pdeperf.guest.observe import Order
from pdeperf.model import Step, Workload
from pdeperf.store import Store
from pdeperf.trial import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One child process."""

    purpose: str
    began_s: float
    wall_s: float
    cpu_s: float
    timed_out: bool


class Account:
    """Takes down what each child process was for and what it took."""

    def __init__(self) -> None:
        self.spent: list[Spent] = []
        self._began_s = time.perf_counter()
        self._original = ""

    def launch(
        self, args: Sequence[str], *, cwd: Path, environment: Mapping[str, str], timeout_s: float
    ) -> Finished:
        """Stand in for :func:`pdeperf.guest.launch.launch`."""
        began_s = time.perf_counter() - self._began_s
        purpose = self._purpose(list(args), environment)
        finished = launch(args, cwd=cwd, environment=environment, timeout_s=timeout_s)
        self.spent.append(
            Spent(
                purpose=purpose,
                began_s=began_s,
                wall_s=finished.wall_s,
                cpu_s=finished.cpu_s,
                timed_out=finished.timed_out,
            )
        )
        return finished

    def _purpose(self, args: list[str], environment: Mapping[str, str]) -> str:
        if "pdeperf.guest" not in args:
            job = Path(args[-1])
            return f"profile: {job.parent.name}" if job.suffix == ".json" else "profile: machine"
        order = Order.read(Path(args[-1]))
        text = Path(order.script).read_text()
        self._original = self._original or text
        side = "original" if text == self._original else "rewrite"
        if order.perturbation:
            return f"{side}: perturbed"
        if order.horizon_turns or order.tightened:
            return f"{side}: cut short or tightened"
        if environment.get("NUMBA_BOUNDSCHECK"):
            return f"{side}: bounds checked"
        if not order.functions:
            return f"{side}: timed"
        return f"{side}: for its results"

    def rows(self) -> list[tuple[str, int, float, float]]:
        """Purpose, runs, wall and CPU seconds, the costliest first."""
        found: dict[str, tuple[int, float, float]] = {}
        for one in self.spent:
            count, wall_s, cpu_s = found.get(one.purpose, (0, 0.0, 0.0))
            found[one.purpose] = count + 1, wall_s + one.wall_s, cpu_s + one.cpu_s
        return sorted(((name, *each) for name, each in found.items()), key=lambda row: -row[3])


def account(script: Path, *, log: bool) -> None:
    """Optimize one script and print the table."""
    book = Account()
    steps: list[str] = []

    def on_step(step: Step) -> None:
        steps.append(f"{step.verdict.outcome:9} {step.candidate.title}: {step.verdict.reason}")

    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(run, "launch", book.launch),
        mock.patch.object(runs, "launch", book.launch),
        mock.patch.object(passes, "launch", book.launch),
    ):
        began_s, own_s = time.perf_counter(), time.process_time()
        report = pipeline.optimize(
            Workload(script=script.name),
            script.parent,
            store=Store(Path(folder)),
            settings=pipeline.Settings(),
            progress=lambda stage, detail="": None,
            on_step=on_step,
        )
        wall_s, own_s = time.perf_counter() - began_s, time.process_time() - own_s
    print(f"{script.name}: {report.evidence.elapsed_s:.1f} s itself")
    for step in steps:
        print(f"  {step}")
    if report.overall is not None:
        print(f"  in all: {report.overall.verdict.reason}")
    print(f"  {'purpose':34} {'runs':>4} {'wall s':>7} {'CPU s':>7}")
    for name, count, each_wall_s, cpu_s in book.rows():
        print(f"  {name:34} {count:4} {each_wall_s:7.1f} {cpu_s:7.1f}")
    print(f"  {'planning':34} {'':4} {'':7} {own_s:7.1f}")
    cpu_s = own_s + sum(one.cpu_s for one in book.spent)
    print(f"  {'all':34} {len(book.spent):4} {wall_s:7.1f} {cpu_s:7.1f}", flush=True)
    if log:
        for one in book.spent:
            ended = " (stopped)" if one.timed_out else ""
            print(f"  {one.began_s:7.1f} {one.purpose:34} {one.wall_s:7.1f} {one.cpu_s:7.1f}{ended}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", nargs="+", type=Path)
    parser.add_argument("--log", action="store_true", help="also print every run in order")
    asked = parser.parse_args()
    for script in asked.scripts:
        account(script.resolve(), log=asked.log)


if __name__ == "__main__":
    main()
