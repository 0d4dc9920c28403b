import re
from dataclasses import replace

import pytest
from rich.console import Console

from pdeperf.model import Comparison, Hotspot, Measurement, Outcome, Span, Trial, Verdict
from pdeperf.renderers import _words
from pdeperf.renderers.html import page
from pdeperf.renderers.terminal import RENDERER, comparison, suggestions

ESCAPES = "[bold]x[/bold] \x1b[31mred\x1b[0m\x07 \u202eevil"


def test_everything_that_a_user_must_know_is_said(report):
    text = " ".join(RENDERER.render(report).split())
    for words in (
        "heat.py: 1.25 s",
        "93.0 %",
        "240x",
        "Rule: scalar-loop",
        "matplotlib 4.0 % of the run",
        "note: memray was not needed",
        "wrong",
        "12.4x faster (11.9x to 12.8x): 1.25 s became 100 ms",
        "0.66x in the first run (compilation); pays off from run 2 on",
        "2 results compared, all within bounds; the largest relative difference is 5.0e-16 in u",
        "Left out, because two runs of the original differ there: elapsed.",
        "u may share memory with un",
        "swap the arrays outside the loop",
    ):
        assert words in text


def test_no_line_is_wider_than_80_columns(report):
    long = replace(report.refusals[0], reason="because " * 60, advice="x" * 300)
    text = RENDERER.render(replace(report, refusals=(long,)))
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize("is_terminal", (False, True))
def test_code_in_a_diff_is_broken_on_a_terminal_only(report, is_terminal):
    line = "u = " + " + ".join(f"x{k}" for k in range(40))
    only = report.suggestions[0]
    long = replace(only, patches=(replace(only.patches[0], after=f"{line}\n"),))
    console = Console(width=80, record=True, force_terminal=is_terminal, color_system=None)
    with console.capture() as caught:
        console.print(suggestions(replace(report, suggestions=(long,))), crop=is_terminal)
    assert (f"+{line}\n" in caught.get()) is not is_terminal


def test_text_of_users_is_neither_markup_nor_commands(report):
    evil = replace(
        report,
        workload=replace(report.workload, script=ESCAPES),
        diagnoses=(replace(report.diagnoses[0], message=ESCAPES),),
        suggestions=(
            replace(
                report.suggestions[0],
                title=ESCAPES,
                assumes=(ESCAPES,),
                patches=(replace(report.suggestions[0].patches[0], after=ESCAPES),),
            ),
        ),
        refusals=(replace(report.refusals[0], reason=ESCAPES, advice=ESCAPES),),
        steps=(replace(report.steps[0], verdict=replace(report.steps[0].verdict, reason=ESCAPES)),),
        evidence=replace(report.evidence, notes=(ESCAPES,)),
    )
    text = RENDERER.render(evil)
    assert "[bold]x[/bold]" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "\\x1b[31mred" in text


def test_a_script_left_alone_has_its_reason(report):
    text = RENDERER.render(replace(report, steps=(), overall=None, suggestions=()))
    assert "u may share memory with un" in text


def test_what_was_measured_of_memory_is_shown(report):
    where = report.evidence.rows[0].where
    rows = tuple(
        Measurement(where=where, metric=metric, value=value, collector="memray")
        for metric, value in (("temporary_bytes", 7.19e9), ("temporaries_count", 17603.0))
    )
    grown = Measurement(where=where, metric="resident_growth_bytes", value=2.0e6, collector="memory_profiler")
    shown = replace(report, evidence=replace(report.evidence, rows=(*rows, grown)))
    assert "heat.py:10: 7.2 GB of temporaries in 17,603 pieces, resident memory grew by 2.0 MB" in " ".join(
        RENDERER.render(shown).split()
    )
    assert "Memory" not in RENDERER.render(report)


def test_what_an_import_allocates_is_not_told(report):
    lines = report.sources[0].text.splitlines()
    number = next(at for at, line in enumerate(lines, 1) if line.startswith("import "))
    where = Span(file=report.sources[0].file, first=number, last=number)
    row = Measurement(where=where, metric="temporary_bytes", value=1e7, collector="memray")
    assert not _words.memory(replace(report, evidence=replace(report.evidence, rows=(row,))))
    grown = replace(row, metric="resident_growth_bytes", collector="memory_profiler")
    assert _words.memory(replace(report, evidence=replace(report.evidence, rows=(grown,))))


def test_two_ways_for_one_place_are_called_so(report):
    text = RENDERER.render(replace(report, suggestions=report.suggestions * 2))
    assert text.count("another way instead of 1") == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"steps": (), "overall": None}, "Every rewrite was refused: u may share memory with un"),
        ({"overall": None}, "It ended before the whole script was compared; `pdeperf apply` writes"),
        ({"steps": (), "overall": None, "refusals": ()}, "No technique answers what was found."),
        ({"steps": (), "overall": None, "refusals": (), "diagnoses": ()}, "No rule fits the places"),
        (
            {"steps": (), "overall": None, "refusals": (), "diagnoses": (), "short": True},
            "The whole run takes 30 ms",
        ),
    ],
)
def test_why_nothing_was_done_is_known(report, change, reason):
    if change.get("short"):
        change = {**change, "evidence": replace(report.evidence, elapsed_s=0.03)}
        del change["short"]
    assert _words.why_nothing(replace(report, **change)).startswith(reason)


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("scipy.sparse (solve)", "spent in scipy.sparse (solve), compiled code already; no rule fits."),
        ("Python's json", "spent in Python's json; no rule fits."),
        ("Python's multiprocessing", "it waits for other processes (Python's multiprocessing)"),
    ],
)
def test_time_in_a_library_is_named_for_what_it_is(report, library, said):
    where = Span(file="heat.py", first=3, last=3)
    fact = Measurement(where=where, metric="library_share", value=0.9, collector="pyspy", subject=library)
    place = Hotspot(where=where, share=0.95, headroom=0.0, scope="<module>", facts=(fact,))
    found = replace(report.evidence, hotspots=(place,))
    left = replace(report, steps=(), overall=None, refusals=(), diagnoses=(), evidence=found)
    assert said in _words.why_nothing(left)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (("Python's multiprocessing", 0.07), "Most of the time it waits for other processes"),
        (("matplotlib", 0.07), "The largest part of the time, 13.0 %, is spent in import of numpy"),
        (("Python's multiprocessing", 0.0001), "In libraries: Python's multiprocessing 0.0 % of the run."),
    ],
)
def test_who_waits_for_processes_is_seen_in_few_samples(report, second, said):
    places = []
    for line, (name, share) in enumerate((("import of numpy", 0.13), second), 1):
        where = Span(file="heat.py", first=line, last=line)
        fact = Measurement(where=where, metric="library_share", value=share, collector="pyspy", subject=name)
        places.append(Hotspot(where=where, share=share, headroom=0.0, scope="<module>", facts=(fact,)))
    found = replace(report.evidence, hotspots=tuple(places))
    left = replace(report, steps=(), overall=None, refusals=(), diagnoses=(), evidence=found)
    assert said in _words.why_nothing(left) or said == _words.rows(left)[1].evidence


def test_a_share_that_is_next_to_nothing_is_left_out(report):
    where = Span(file="heat.py", first=3, last=3)
    facts = tuple(
        Measurement(where=where, metric="library_share", value=share, collector="pyspy", subject=name)
        for name, share in (("numpy", 0.9), ("tqdm", 0.0002))
    )
    place = Hotspot(where=where, share=0.95, headroom=0.0, scope="<module>", facts=facts)
    left = replace(report, diagnoses=(), evidence=replace(report.evidence, hotspots=(place,)))
    assert _words.rows(left)[0].evidence == "In libraries: numpy 90.0 % of the run."


def test_what_is_too_small_is_not_the_reason_where_a_rewrite_was_refused(report):
    small = replace(report.refusals[0], backend="pdeperf", reason="it takes 0.20 s: too little to gain")
    left = replace(report, steps=(), overall=None, refusals=(small, *report.refusals))
    assert _words.why_nothing(left).startswith("Every rewrite was refused: u may share")
    left = replace(left, refusals=(small,))
    assert _words.why_nothing(left) == "Nothing was tried: it takes 0.20 s: too little to gain"


def test_why_nothing_was_kept_counts_what_was_tried(report):
    left = replace(report, steps=report.steps[:1] * 2, overall=None)
    assert _words.why_nothing(left) == "2 rewrites tried, none was right and faster: 2 wrong."


@pytest.mark.parametrize(("first_s", "runs"), [(0.5, 1), (1.25, 1), (1.9, 2), (12.0, 11), (0.05, 1)])
def test_the_run_from_which_compilation_pays_off(first_s, runs):
    trial = Trial(before_s=(1.25,), after_s=(0.1,), first_run_s=first_s)
    found = _words.break_even_runs(trial)
    assert found == runs
    saved = [found_runs * 1.25 - (first_s + (found_runs - 1) * 0.1) for found_runs in (runs, runs - 1)]
    assert saved[0] >= -1e-12
    assert runs == 1 or saved[1] < 0


def test_what_is_no_faster_never_pays_off():
    trial = Trial(before_s=(1.0,), after_s=(1.0,), first_run_s=2.0)
    assert _words.break_even_runs(trial) is None
    assert "does not pay off" in _words.first_run(
        trial, Verdict(outcome=Outcome.SLOWER, reason="", speedup=1.0, first_run_speedup=0.5)
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.5, 2.5, "2.00x faster"),
        (0.9, 2.5, "2.00x, no clear difference"),
        (1.0, 2.5, "2.00x, no clear difference"),
    ],
)
def test_scattered_times_claim_nothing(low, high, words):
    verdict = Verdict(outcome=Outcome.ACCEPTED, reason="", speedup=2.0, speedup_low=low, speedup_high=high)
    assert _words.whole_speed(verdict) == words


def test_a_slower_version_is_called_slower():
    verdict = Verdict(outcome=Outcome.SLOWER, reason="", speedup=0.5, speedup_low=0.4, speedup_high=0.6)
    assert _words.whole_speed(verdict) == "0.50x, slower"


@pytest.mark.parametrize(("first", "steady"), [(0.95, 1.0), (1.3, 1.0), (5.5, 6.0), (0.0, 6.0)])
def test_a_first_run_like_any_other_is_not_worth_a_line(first, steady):
    trial = Trial(before_s=(6.0,), after_s=(6.0 / steady,), first_run_s=1.0)
    verdict = Verdict(outcome=Outcome.ACCEPTED, reason="", speedup=steady, first_run_speedup=first)
    assert _words.first_run(trial, verdict) == ""


def test_what_rounding_moves_too_far_is_named(report):
    trial = replace(report.overall.trial, unjudged=("phase",))
    assert "rounding alone moves them too far: phase." in _words.left_out(trial)


def test_results_that_differ_are_named(report):
    assert _words.results(report.steps[0].trial) == "1 of 1 result differ: u (shape (5,) became (6,))."


def test_results_equal_to_the_bit_are_called_so(report):
    trial = report.overall.trial
    same = replace(trial, differences=trial.differences[1:])
    assert _words.results(same) == "1 result compared, all equal to the bit."


@pytest.mark.parametrize(
    ("factor", "words"),
    [(12.44, "12.4x"), (240.4, "240x"), (1.05, "1.05x"), (0.66, "0.66x"), (0.0, "?"), (float("nan"), "?")],
)
def test_factors_have_three_figures(factor, words):
    assert _words.times(factor) == words


def test_every_outcome_has_a_word():
    assert set(_words.OUTCOMES) == set(Outcome)


def test_it_is_told_which_text_the_lines_of_later_steps_mean(report):
    said = "Lines of a step are those of the script with the rewrites kept before it."
    steps = report.steps
    kept = next(step for step in steps if step.verdict.outcome is Outcome.ACCEPTED)
    assert said in " ".join(RENDERER.render(replace(report, steps=(kept, *steps))).split())
    assert said not in " ".join(RENDERER.render(replace(report, steps=(kept,))).split())


def test_why_a_run_failed_is_said_once(report):
    failed = "heat.py:10: RuntimeError: x"
    overall = Comparison(trial=Trial(failure=failed), verdict=Verdict(outcome=Outcome.FAILED, reason=failed))
    console = Console(width=80, color_system=None)
    with console.capture() as caught:
        console.print(comparison(overall))
    assert caught.get().count(failed) == 1


def test_of_many_refusals_the_first_are_told_and_the_small_ones_last(report):
    one = report.refusals[0]
    small = replace(one, backend="pdeperf", reason="it takes 0.20 s: too little to gain", advice="")
    many = (small, *(replace(one, reason=f"reason {number}") for number in range(9)))
    text = RENDERER.render(replace(report, refusals=many))
    assert [f"reason {number}" in text for number in range(9)] == [True] * 8 + [False]
    assert "too little to gain" not in text
    assert "... 2 more reasons: `pdeperf report --markdown`" in text
    assert "more reason" not in RENDERER.render(replace(report, refusals=many[:8]))


def test_what_was_seen_of_matrices_is_shown_by_line(report):
    def seen(line, subject, **values):
        where = Span(file="heat.py", first=line, last=line)
        return [
            Measurement(where=where, subject=subject, metric=metric, value=value, collector="sparse")
            for metric, value in values.items()
        ]

    matrix = {"matrix_shape": "9x9", "nnz_count": 9.0, "density": 1 / 9, "bandwidth": 2.0, "symmetry": "none"}
    rows = [
        *seen(3, "lil", inserts_count=1200.0),
        *seen(
            7, "numpy.linalg.solve", solves_count=5.0, same_values_count=4.0, matrix_format="dense", **matrix
        ),
        *seen(
            5, "scipy.sparse.linalg.cg", krylov_solves_count=2.0, iterations_total_count=9.0, residual=1e-9
        ),
        *seen(5, "lil to dense", conversions_count=1.0, conversion_time_s=0.002),
        *seen(5, "MatrixRankWarning", warning="singular"),
    ]
    shown = replace(report, evidence=replace(report.evidence, rows=(*report.evidence.rows, *rows)))
    text = " ".join(RENDERER.render(shown).split())
    assert "Matrices heat.py:3: 1,200 stores into LIL heat.py:5: 2 calls of `cg`, 4 iterations each" in text
    assert "residual 1.0e-09, no preconditioner; 1 conversion of LIL to dense, 2 ms" in text
    assert (
        "; MatrixRankWarning: singular heat.py:7: 5 calls of `solve`, 4 of them with the values of an" in text
    )
    assert "dense 9x9, 9 entries (11 %), bandwidth 2, not symmetric" in text
    assert "1,200 stores into LIL" in page(shown)
    assert "Matrices" not in RENDERER.render(report)
