"""After a rewrite is kept, lines are told so that the user finds them."""

from dataclasses import replace

from pdeperf.model import Diagnosis, Kind, Refusal, Span
from pdeperf.pipeline.origin import in_original

OLD = "import numpy\n\nfor i in range(3):\n    print(i)\n"
NEW = (
    "import numpy\nfrom numba import njit\n\n\ndef kernel():\n    pass\n\nfor i in range(3):\n    print(i)\n"
)


def refusal(line: int) -> Refusal:
    where = Span(file="heat.py", first=line, last=line)
    diagnosis = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message="")
    return Refusal(backend="numba", diagnosis=diagnosis, where=where, reason="it prints")


def test_a_line_of_the_users_is_told_with_its_number_in_the_users_file() -> None:
    found = in_original(refusal(9), {"heat.py": OLD}, {"heat.py": NEW})
    assert (found.where.first, found.where.last) == (4, 4)
    assert found.reason == "it prints"


def test_a_line_that_a_rewrite_has_added_is_told_as_such() -> None:
    found = in_original(refusal(6), {"heat.py": OLD}, {"heat.py": NEW})
    assert found.where.first == 6
    assert "in the file as rewritten" in found.reason


def test_before_any_rewrite_nothing_is_changed() -> None:
    one = refusal(4)
    assert in_original(one, {"heat.py": OLD}, {"heat.py": OLD}) == one


def test_a_place_of_several_lines_keeps_its_length() -> None:
    whole = replace(refusal(8), where=Span(file="heat.py", first=8, last=9))
    found = in_original(whole, {"heat.py": OLD}, {"heat.py": NEW})
    assert (found.where.first, found.where.last) == (3, 4)
