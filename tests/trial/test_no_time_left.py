"""A version that is stopped at the time limit is run once: with every index checked it takes longer."""

import pytest

from pdeperf.trial import Effort, trial


def test_a_hanging_version_is_run_once(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = bench("import numpy as np\nu = np.arange(6.0)\nprint(u.sum())\n")
    assert not quick.original.failure
    monkeypatch.setattr(trial, "COMPILE_ALLOWANCE_S", -3.0)
    monkeypatch.setattr(trial, "NEIGHBOURS_ALLOWANCE_S", -3.0)
    runs: list[bool] = []
    once = trial.run_once

    def counted(workload, place, files, setting, terms):
        runs.append(terms.boundscheck)
        return once(workload, place, files, setting, terms)

    monkeypatch.setattr(trial, "run_once", counted)
    hanging = {"solver.py": "import numba\nwhile True: pass\n"}
    effort = Effort(gives_up=True)
    found = trial.try_candidate(
        quick.workload, quick.place, quick.files, hanging, quick.original, effort=effort
    )
    assert "time limit" in found.failure
    assert runs == [False]
