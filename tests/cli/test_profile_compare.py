"""Where the time went between two sessions: lines are matched by what they say, not by their numbers."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from pdeperf.model import Measurement, SourceFile, Span
from pdeperf.renderers._changes import changes, shown
from pdeperf.store import Store

OLD = "import numpy as np\nu = start()\nfor k in range(9):\n    slow(u)\n    also(u)\n"
NEW = "import numpy as np\n# a comment\nu = start()\nfor k in range(9):\n    fast(u)\n    also(u)\n"


def session(report, text, elapsed_s, shares):
    rows = tuple(
        Measurement(
            where=Span(file="heat.py", first=line, last=line),
            metric="line_share",
            value=share,
            collector="pyspy",
        )
        for line, share in shares.items()
    )
    evidence = replace(report.evidence, elapsed_s=elapsed_s, rows=rows)
    return replace(report, evidence=evidence, sources=(SourceFile(file="heat.py", text=text),))


@pytest.fixture
def pair(report):
    return session(report, OLD, 10.0, {4: 0.8, 5: 0.2}), session(report, NEW, 4.0, {5: 0.5, 6: 0.5})


def test_a_line_that_moved_is_the_same_line(pair):
    found = {one.text: one for one in changes(*pair)}
    kept = found["also(u)"]
    assert (kept.old, kept.new) == ("heat.py:5", "heat.py:6")
    assert kept.gained_s == pytest.approx(0.0)


def test_lines_that_went_and_came_are_told_with_their_times(pair):
    found = {one.text: one for one in changes(*pair)}
    assert (found["slow(u)"].new, found["slow(u)"].gained_s) == ("", pytest.approx(8.0))
    assert (found["fast(u)"].old, found["fast(u)"].gained_s) == ("", pytest.approx(-2.0))
    assert changes(*pair)[0].text == "slow(u)"


def test_two_sessions_are_compared_and_nothing_runs(pdeperf, folder, pair):
    store = Store(folder / ".pdeperf")
    names = []
    for one in pair:
        names.append(store.new_session())
        store.save(replace(one, session=names[-1]))
    said = pdeperf("profile", "--compare", *names)
    assert said.code == 0
    assert "10.00 s" in said.out
    assert "2.50x" in said.out
    assert "heat.py:4 -> gone" in " ".join(said.out.split())
    assert pdeperf("profile", "--compare", names[0], "latest").out == said.out


def test_a_long_line_leaves_the_numbers_whole(report):
    text = f"{'x' * 50} = {'y' * 70}\n"
    pair = session(report, text, 1234.0, {1: 0.9}), session(report, text, 4.0, {1: 0.9})
    console = Console(width=80, file=StringIO())
    console.print(shown(*pair))
    assert "-1107 s" in console.file.getvalue()
    assert "heat.py:1" in console.file.getvalue()


def test_an_unknown_session_and_no_script_are_told(pdeperf, folder):
    assert pdeperf("profile", "--compare", "a", "b").code == 4
    assert "which script" in pdeperf("profile").err
