"""What an optimisation need not run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pdeperf import pipeline
from pdeperf.model import (
    Candidate,
    Diagnosis,
    Environment,
    Evidence,
    Kind,
    Measurement,
    Outcome,
    Refusal,
    Safety,
    SourceFile,
    Span,
    Step,
    Trial,
    Verdict,
    Workload,
)
from pdeperf.pipeline import optimisation, worth
from pdeperf.pipeline.budget import Budget
from pdeperf.store import Store
from tests.conftest import make_report

NOTHING_TO_DO = """
import numpy as np
np.seterr(all="raise")
u = np.zeros(300)
for n in range(3000):
    for i in range(1, 300):
        u[i] = 0.5 * (u[i] + u[i - 1]) + 1e-3
print(u.sum())
"""


def test_a_script_without_a_rewrite_is_not_run_for_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("there is nothing to compare")

    monkeypatch.setattr(optimisation, "measure_original", refused)
    monkeypatch.setattr(worth, "NUMBA_IMPORT_S", 0.0)
    (tmp_path / "heat.py").write_text(NOTHING_TO_DO)
    said: list[str] = []
    report = pipeline.optimize(
        Workload(script="heat.py"),
        tmp_path,
        store=Store(tmp_path / "kept"),
        settings=pipeline.Settings(),
        progress=lambda stage, detail="": said.append(stage),
        on_step=lambda step: None,
    )
    assert any(refusal.backend == "numba" for refusal in report.refusals), "its loop was looked at"
    assert (report.steps, report.overall) == ((), None)
    assert "original" not in said


@pytest.mark.parametrize(("cpu_s", "tried"), [(0.4, False), (4.0, True), (None, True)])
def test_a_busy_machine_does_not_make_a_short_place_worth_a_try(cpu_s: float | None, tried: bool) -> None:
    where = Span(file="script.py", first=1, last=9)
    rows = (
        ()
        if cpu_s is None
        else (Measurement(where=where, metric="user_s", value=cpu_s, collector="process"),)
    )
    evidence = Evidence(
        elapsed_s=4.0,
        environment=Environment(cpu_model="", cores_count=2, threads_count=2, python_version="", platform=""),
        rows=rows,
        hotspots=(),
        notes=(),
        profiling_s=0.0,
    )
    place = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message="", share=0.9, headroom=50.0)
    kept = worth.worthwhile((place,), evidence, pipeline.Settings(), {"script.py": ""})
    assert bool(kept) is tried


@pytest.mark.parametrize(("small_s", "tried"), [(0.2, False), (2.0, True)])
def test_what_is_left_beside_a_refused_place_is_tried_if_it_pays_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_s: float, tried: bool
) -> None:
    elapsed_s = 4.0
    text = "".join(f"x{line} = {line}\n" for line in range(9))
    main, small = (
        Diagnosis(
            rule="scalar-loop",
            kind=Kind.LOOP,
            where=Span(file="heat.py", first=line, last=line + 1),
            message="",
            share=share,
            headroom=100.0,
        )
        for line, share in ((1, 1 - small_s / elapsed_s), (5, small_s / elapsed_s))
    )
    candidate = Candidate(backend="numba", title="compile", diagnosis=small, patches=(), safety=Safety.EXACT)

    def proposals(diagnosis: Diagnosis, project: object) -> Iterator[Candidate | Refusal]:
        if diagnosis is main:
            yield Refusal(backend="numba", diagnosis=main, where=main.where, reason="it prints")
        else:
            yield candidate

    def try_candidate(self: object, proposal: Candidate, best: object) -> Step:
        tries.append(proposal)
        return Step(candidate=proposal, trial=Trial(), verdict=Verdict(outcome=Outcome.SLOWER, reason=""))

    tries: list[Candidate] = []
    monkeypatch.setattr(optimisation, "proposals", proposals)
    monkeypatch.setattr(optimisation._Loop, "_try", try_candidate)
    report = make_report()
    evidence = replace(report.evidence, elapsed_s=elapsed_s, rows=())
    report = replace(
        report,
        evidence=evidence,
        diagnoses=(main, small),
        sources=(SourceFile(file="heat.py", text=text),),
        steps=(),
        refusals=(),
    )
    loop = optimisation._Loop(
        report.workload, None, None, Store(tmp_path), pipeline.Settings(),  # type: ignore[arg-type]
        lambda stage, detail="": None, lambda step: None, report, Budget(),
    )  # fmt: skip
    assert not loop._round()
    assert bool(tries) is tried
    told = [refusal.reason for refusal in loop.refusals]
    assert ("it takes 0.20 s: too little to gain" in told) is not tried


@pytest.mark.parametrize(
    ("share", "is_tried", "is_told"), [(0.2, False, True), (0.2, True, True), (0.04, True, False)]
)
def test_a_place_that_is_too_short_for_a_compiler_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, is_tried: bool, is_told: bool
) -> None:
    where = Span(file="heat.py", first=1, last=2)
    place = Diagnosis(
        rule="scalar-loop", kind=Kind.LOOP, where=where, message="", share=share, headroom=100.0
    )
    monkeypatch.setattr(optimisation, "without_compiler", lambda found, *_, **__: found)
    monkeypatch.setattr(optimisation, "proposals", lambda *_, compiles=True: iter(()))
    report = make_report()
    report = replace(
        report,
        evidence=replace(report.evidence, elapsed_s=2.0, rows=()),
        diagnoses=(place,),
        sources=(SourceFile(file="heat.py", text="x = 1\ny = 2\n"),),
        steps=report.steps[:1] if is_tried else (),
        refusals=(),
    )
    loop = optimisation._Loop(
        report.workload, None, None, Store(tmp_path), pipeline.Settings(),  # type: ignore[arg-type]
        lambda stage, detail="": None, lambda step: None, report, Budget(),
    )  # fmt: skip
    assert not loop._round()
    told = [refusal.reason for refusal in loop.refusals]
    assert told == [f"it takes {2 * share:.2f} s: too little to gain"] * is_told


@pytest.mark.parametrize(("spent_s", "is_tried"), [(10.0, True), (200.0, False)])
def test_a_small_place_of_a_later_round_is_left_alone_after_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spent_s: float, is_tried: bool
) -> None:
    where = Span(file="heat.py", first=1, last=2)
    place = Diagnosis(rule="serial-kernel", kind=Kind.LOOP, where=where, message="", share=0.3, headroom=2.0)
    asked: list[Diagnosis] = []
    monkeypatch.setattr(optimisation, "proposals", lambda asked_of, *_: iter(asked.append(asked_of) or ()))
    monkeypatch.setattr(optimisation, "diagnoses_of", lambda *_: (place,))
    report = make_report()
    text = "x = 1\ny = 2\n"
    report = replace(report, sources=(SourceFile(file="heat.py", text=text),), steps=(), refusals=())
    now_s = [0.0]
    loop = optimisation._Loop(
        report.workload, None, None, Store(tmp_path), pipeline.Settings(),  # type: ignore[arg-type]
        lambda stage, detail="": None, lambda step: None, report, Budget(clock=lambda: now_s[0]),
    )  # fmt: skip
    now_s[0] = spent_s
    loop.texts = {"heat.py": f"{text}import numba\nfresh(x)\n"}
    loop.evidence = replace(report.evidence, elapsed_s=3.0, rows=())
    assert not loop._round()
    assert bool(asked) is is_tried
    told = [refusal.reason for refusal in loop.refusals]
    assert any("is the most to gain" in reason for reason in told) is not is_tried
