"""Sums of thousands of terms, as programs that write programs make them."""

import sys

from pdeperf.guest.deep import PYTHONS_OWN, deep_recursion
from pdeperf.kernel.program import Program
from pdeperf.source import Project
from pdeperf.source.flow import reads


def test_what_python_compiles_can_be_walked():
    text = "x = a" + " + a" * 2500
    compile(text, "sum.py", "exec")
    with deep_recursion():
        project = Project.from_texts({"sum.py": text})
        assert reads(project["sum.py"].tree.body[0]) == {"a"}
        assert len(Program(project).nodes) > 5000
    assert sys.getrecursionlimit() >= PYTHONS_OWN


def test_the_limit_is_as_it_was():
    before = sys.getrecursionlimit()
    with deep_recursion():
        assert sys.getrecursionlimit() > 10_000
        with deep_recursion(PYTHONS_OWN):
            assert sys.getrecursionlimit() == PYTHONS_OWN
    assert sys.getrecursionlimit() == before
