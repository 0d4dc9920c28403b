"""The long look for differences tells what it found, and how to find it again."""

from collections import Counter

import pytest

from tests import nightly
from tests.arrays import driver
from tests.arrays.given import MARK
from tests.arrays.in_process import Finding


def test_a_slice_that_is_killed_is_a_difference_with_its_command():
    command = ("timeit", "-n", "1", "import os; os.kill(os.getpid(), 9)")
    found = nightly.look(nightly.Slice("mixed", command))
    assert found.counts == {"crashes": 1}
    assert "os.kill" in found.differences


def test_a_slice_tells_how_many_programs_came_to_what():
    command = ("tests.arrays.driver", "mixed", "1", "3", "100")
    found = nightly.look(nightly.Slice("mixed", command, nightly.INTERPRETED))
    assert found.counts.total() == 2


@pytest.mark.parametrize(("differences", "code"), [("", 0), ("##### mixed 7 differs", 1)])
def test_a_night_ends_with_one_if_anything_differed_and_prints_its_seed(
    differences, code, monkeypatch, capsys
):
    monkeypatch.setattr(nightly, "look", lambda one: nightly.Found(Counter(same=2), differences))
    monkeypatch.setattr(nightly, "slices", lambda seed: iter([nightly.Slice("mixed", ())]))
    assert nightly.main(5, 42) == code
    told = capsys.readouterr().out
    assert "tests.nightly 5 42" in told
    assert differences in told
    assert "2 same" in told


def test_one_seed_gives_the_same_slices():
    first, again = nightly.slices(3), nightly.slices(3)
    assert [next(first) for _ in range(30)] == [next(again) for _ in range(30)]


def test_a_difference_is_made_small(monkeypatch, tmp_path):
    def look(text, tried, folder):
        wrong = "u[1:] = v[:-1]" in text and "v = 2 * u" in text
        return Finding("differs", argv=("3", "3")) if wrong else Finding("same")

    monkeypatch.setattr(driver, "look", look)
    body = ["u = 1", "v = 2 * u", "w = u", "for t in range(3):  # hot", "    u[1:] = v[:-1]", "w = v"]
    text = "\n".join(["import numpy", MARK, *body])
    small, found = driver.smallest(text, ((),), tmp_path, "differs")
    assert small.splitlines() == ["v = 2 * u", "for t in range(3):  # hot", "    u[1:] = v[:-1]"]
    assert found.argv == ("3", "3")
