"""The table of past runs fits the terminal without cutting words."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pdeperf.model import PastRun
from pdeperf.renderers import _history

RUNS = tuple(
    PastRun(
        created=f"2026-11-21T12:3{number}:00+00:00", script="heat2d.py", argv=(), command=command,
        against=against, elapsed_s=0.316, speedup=speedup, word=word,
    )
    for number, (command, against, speedup, word) in enumerate(
        [("profile", "", 0.0, "profiled"), ("validate", "base", 0.975, "inconclusive")]
    )
)  # fmt: skip


def shown(width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(_history.table(RUNS))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 50, 60, 70, 80, 120])
def test_no_word_is_cut_whatever_the_width(width: int) -> None:
    text = shown(width)
    assert max(map(len, text.splitlines())) <= width
    assert "inconclusive" in text
    assert "heat2d.py" in text
    assert "\u2026" not in text
    assert len(text.splitlines()) == 3


def test_a_wide_terminal_is_shown_all() -> None:
    text = shown(120)
    for part in ("2026-11-21 12:31", "validate base", "316 ms", "0.97x", "\u2502"):
        assert part in text


def test_a_long_call_is_folded_and_whole() -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    argv = ("--resolution", "65", "--scheme", "upwind", "--out", "there.npz")
    console.print(
        _history.table(
            [
                PastRun(
                    created=RUNS[0].created, script="heat2d.py", argv=argv, command="profile", word="profiled"
                )
            ]
        )
    )
    assert "".join(console.file.getvalue().split()).count("there.npz") == 1


def test_a_name_with_a_line_end_takes_one_line() -> None:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(_history.table([replace(RUNS[0], script="he\nat.py")]))
    assert "he\\nat.py" in console.file.getvalue()


def test_many_runs_have_labels_that_stand_apart() -> None:
    runs = [replace(RUNS[1], speedup_low=0.9, speedup_high=1.1) for _ in range(120)]
    drawn = _history.svg(runs)
    assert drawn.count("<circle") == 120
    assert drawn.count(">12:31<") <= 18
    assert "heat2d.py: time before / time after" in drawn
