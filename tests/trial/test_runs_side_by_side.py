"""Runs that nobody times go side by side, and give what they give one after the other."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from pdeperf.trial import again
from pdeperf.trial import run as runs
from pdeperf.trial.run import Terms

GROWING = """
import os
import numpy as np
x = np.linspace(0.1, 0.9, 20)
for step in range(40):
    x = 3.9 * x * (1.0 - x)
if os.path.exists("seen.txt"):
    raise SystemExit("another run's file is here")
open("seen.txt", "w").write(str(x[0]))
print(x.sum())
"""


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many runs started side by side each time."""
    counts: list[int] = []

    def launch_beside(commands: list) -> list:
        counts.append(len(commands))
        return original(commands)

    original = runs.launch_beside
    monkeypatch.setattr(runs, "launch_beside", launch_beside)
    return counts


def test_noise_is_what_it_is_one_after_the_other(
    bench: Callable, together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again.Again, "at_once_count", 2)
    beside = bench(GROWING).original.noise()
    assert together[-2:] == [2, 1]
    monkeypatch.setattr(again.Again, "at_once_count", 1)
    alone = bench(GROWING).original.noise()
    assert together[-3:] == [1, 1, 1]
    assert beside.spreads == alone.spreads and beside.spreads


@pytest.mark.parametrize(
    ("changes", "count"),
    (
        ({}, 2),
        ({"cpu_s": 4.0}, 1),
        ({"wall_s": 0.5, "cpu_s": 0.5}, 1),
        ({"peak_bytes": 1 << 60}, 1),
        ({"tells_place": True}, 1),
    ),
)
def test_each_run_needs_a_core_and_memory(changes, count, monkeypatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1})
    run = replace(runs.Run(wall_s=2.0, cpu_s=2.1, peak_bytes=1 << 20), **changes)
    assert again.Again(None, None, {}, None, (run,)).at_once_count == count


def test_what_prints_its_folder_is_seen_to(bench: Callable) -> None:
    assert bench("import os\nprint(os.getcwd(), 0.5)\n").original.runs[0].tells_place
    assert not bench("print(0.5)\n").original.runs[0].tells_place


def test_what_fails_beside_others_is_run_alone(bench: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    script = bench("print(0.5)\n")
    again_of = script.original._again
    monkeypatch.setattr(again.Again, "at_once_count", 2)
    fails = [runs.Run(failure="no memory"), script.original.runs[0]]
    monkeypatch.setattr(again, "run_beside", lambda *where: fails)
    alone = runs.Run(wall_s=7.0)
    monkeypatch.setattr(again, "run_once", lambda *where: alone)
    assert list(again_of.each([Terms(), Terms()])) == [alone, fails[1]]
