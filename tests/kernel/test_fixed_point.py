"""What has come to rest is not computed again, and what has not is."""

from pdeperf.kernel.fixed_point import FixedPoint
from pdeperf.kernel.kinds import FLOAT, INT


def test_what_a_settled_question_rests_on_is_not_computed_again():
    facts, counts = FixedPoint(), {"a": 0, "b": 0}

    def first():
        counts["a"] += 1
        return frozenset((INT,)) | facts.variable("b", second)

    def second():
        counts["b"] += 1
        return frozenset((FLOAT,)) | facts.variable("a", first)

    assert facts.settled(lambda: facts.variable("a", first)) == {INT, FLOAT}
    before = dict(counts)
    assert facts.settled(lambda: facts.variable("b", second)) == {INT, FLOAT}
    assert counts == before


def test_a_later_question_computes_what_no_other_has_asked():
    facts = FixedPoint()
    facts.settled(lambda: facts.variable("a", lambda: frozenset((INT,))))
    found = facts.settled(lambda: facts.variable("c", lambda: facts.variable("a", frozenset) | {FLOAT}))
    assert found == {INT, FLOAT}
