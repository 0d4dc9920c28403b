"""Past runs are listed and plotted; nothing is run for it, and nothing damaged is in the way."""

import json
from dataclasses import replace

import pytest

from pdeperf.model import PastRun
from pdeperf.renderers import _history
from pdeperf.store import Store

RUN = PastRun(
    created="2026-01-02T03:04:05+00:00",
    command="validate",
    script="heat.py",
    against="default",
    elapsed_s=1.5,
    speedup=2.0,
    speedup_low=1.9,
    speedup_high=2.1,
    word="pass",
)


@pytest.fixture
def store(folder, report):
    """A session and two validations."""
    kept = Store(folder / ".pdeperf")
    session = kept.new_session()
    kept.save(replace(report, session=session))
    kept.record(RUN)
    kept.record(replace(RUN, created="2026-02-02T03:04:05+00:00", speedup=0.5, word="slower"))
    return kept


def test_runs_are_listed_in_the_order_of_time(pdeperf, store):
    said = pdeperf("history")
    assert said.code == 0
    lines = [line for line in said.out.splitlines() if line.startswith("2026")]
    assert [line[:10] for line in lines] == ["2026-01-01", "2026-01-02", "2026-02-02"]
    assert "12.4x" in lines[0]
    assert lines[1].rstrip().endswith("pass")
    assert lines[2].rstrip().endswith("slower")


def test_the_runs_of_one_script_and_the_last_ones_only(pdeperf, store):
    store.record(replace(RUN, script="other.py"))
    assert "heat.py" not in pdeperf("history", "other.py").out
    runs = json.loads(pdeperf("history", "heat.py", "--last", "1", "--json").out)
    assert [run["word"] for run in runs] == ["slower"]


def test_a_plot_has_a_point_a_run_and_a_whisker(pdeperf, store, folder):
    assert pdeperf("history", "--plot", "h.svg").code == 0
    text = (folder / "h.svg").read_text()
    assert text.count("<circle") == 3
    assert "1x</text>" in text
    (folder / "mine.svg").write_text("<svg/>")
    assert pdeperf("history", "--plot", "mine.svg").code == 2
    assert pdeperf("history", "--plot", "h.png").code == 2


def test_a_cut_line_is_left_out_and_the_rest_is_kept(pdeperf, store):
    path = store.folder / "validations.jsonl"
    path.write_bytes(path.read_bytes()[:-40] + b"\n\xff{}\n[1]\n")
    store.record(RUN)
    assert len(store.validations()) == 2
    assert pdeperf("history").code == 0


def test_nothing_yet_says_what_to_do(pdeperf, folder):
    said = pdeperf("history")
    assert said.code == 0
    assert "pdeperf profile" in said.out
    assert "Nothing was compared" in _history.svg(())


def test_names_are_shown_as_text(pdeperf, store):
    store.record(replace(RUN, script="<b>\x1b[31m"))
    pdeperf("history", "--plot", "h.svg")
    assert "\x1b" not in pdeperf("history").both
    assert "<b>" not in (store.folder.parent / "h.svg").read_text()


def test_a_validation_is_kept(pdeperf, folder):
    (folder / "a.py").write_text("u = [0.5 * k for k in range(10)]\nprint(sum(u))\n")
    assert pdeperf("baseline", "a.py", "-q").code == 0
    assert pdeperf("validate", "a.py", "-q", "--no-timing").code == 0
    (run,) = json.loads(pdeperf("history", "--json").out)
    assert (run["command"], run["script"], run["against"], run["word"]) == (
        "validate",
        "a.py",
        "default",
        "pass",
    )
