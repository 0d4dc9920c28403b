"""Integers of index expressions, and what happens when isl has done as much as it may."""

import islpy as isl
import pytest

from pdeperf.kernel.affine import Frame, Number, single_constant


def test_an_integer_is_read() -> None:
    frame = Frame(frozenset())
    assert single_constant(Number((frame.constant(3, 0),))) == 3


def test_an_integer_that_cannot_be_told_any_more_is_an_error_of_isl(monkeypatch: pytest.MonkeyPatch) -> None:
    number = Number((Frame(frozenset()).constant(3, 0),))
    monkeypatch.setattr(isl.Val, "to_str", lambda _: None)  # as when all operations are used up
    with pytest.raises(isl.Error):
        single_constant(number)
