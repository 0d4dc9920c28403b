from dataclasses import replace

import numpy as np

from pdeperf.judge import Capture, Laps, Observable
from pdeperf.judge.compare import compare
from pdeperf.judge.loops import counterpart, with_loop_named


def capture(header, *names, turns=8, entries=1):
    loop = f"loop {header!r}"
    found = [Observable(name=f"{loop}[2]:{name}", values=np.ones(3), shape=(3,)) for name in names]
    return Capture(observables={one.name: one for one in found}, loops={loop: Laps(entries, turns)})


OLD = capture("for n in range(nt)", "u", "v")
NAME = "loop 'for n in range(nt)'"


def test_a_loop_with_the_same_first_line_is_the_same():
    assert counterpart(NAME, OLD, capture("for n in range(nt)", "w")) == NAME


def test_a_loop_that_carries_the_same_names_is_its_counterpart():
    assert (
        counterpart(NAME, OLD, capture("for k in range(1, nt + 1)", "u"))
        == "loop 'for k in range(1, nt + 1)'"
    )


def test_a_loop_that_carries_other_names_or_is_entered_often_is_none():
    assert counterpart(NAME, OLD, capture("for k in range(4)", "w")) == ""
    assert counterpart(NAME, OLD, capture("for k in range(4)", "u", entries=2)) == ""


def test_two_that_could_be_it_are_none():
    one, two = capture("for k in a", "u"), capture("for k in b", "u")
    both = Capture(observables={**one.observables, **two.observables}, loops={**one.loops, **two.loops})
    assert counterpart(NAME, OLD, both) == ""


def test_a_renamed_loop_takes_its_results_along():
    new = with_loop_named(capture("for k in a", "u"), "loop 'for k in a'", NAME)
    assert set(new.observables) == {f"{NAME}[2]:u"}
    assert new.observables[f"{NAME}[2]:u"].name == f"{NAME}[2]:u"
    assert set(new.loops) == {NAME}


def test_what_a_name_holds_within_a_loop_may_be_forgotten_apart_from_what_it_holds_in_the_end():
    old = capture("for n in range(nt)", "u", "v")
    moved = {name: replace(one, values=one.values + 1) for name, one in old.observables.items()}
    for forgets, wrong in ((["loop u"], [f"{NAME}[2]:v"]), (["u"], [f"{NAME}[2]:v"]), ([], [*moved])):
        found = compare([old], replace(old, observables=moved), forgets)
        assert [one.observable for one in found.differences if not one.within] == wrong
    at_end = Capture(observables={"u": replace(old.observables[f"{NAME}[2]:u"], name="u")})
    other = Capture(observables={"u": replace(moved[f"{NAME}[2]:u"], name="u")})
    assert not compare([at_end], other, ["loop u"]).agrees
