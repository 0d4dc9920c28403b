"""Systems whose matrices share one pattern: an order of the unknowns serves them all."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.sparse.solves import NARROW, Form, Solve, facts_of, is_repeated, solves_in

_OFTEN_COUNT = 5
_LARGE = 2000
"""Unknowns from which one system may take a time that shows."""


def of_one_pattern(
    meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement]
) -> Iterator[tuple[Solve, int]]:
    """The sparse solves in some lines with ever new values in old patterns, and how many there were.

    Not those whose band is narrow: LAPACK orders nothing.
    """
    for solve in _in_no_order(meaning, module, where):
        seen = facts_of(solve, facts)
        solves, patterns, values = (
            sum(float(value) for value in seen.get(f"{metric}_count", ()))
            for metric in ("solves", "same_pattern", "same_values")
        )
        widths = [float(value) for value in seen.get("bandwidth", ())]
        is_again = solves >= _OFTEN_COUNT and 2 * patterns >= solves and 2 * values < solves
        if is_again and widths and max(widths) > NARROW and is_repeated(meaning, module, solve):
            yield solve, int(solves)


def costly(meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement]) -> Iterator[Solve]:
    """The sparse solves in some lines with few, large matrices of symmetric patterns, each another."""
    for solve in _in_no_order(meaning, module, where):
        seen = facts_of(solve, facts)
        solves, values = (
            sum(float(value) for value in seen.get(f"{metric}_count", ()))
            for metric in ("solves", "same_values")
        )
        sizes = [int(str(value).partition("x")[0]) for value in seen.get("matrix_shape", ())]
        widths = [float(value) for value in seen.get("bandwidth", ())]
        is_large = bool(widths) and min(sizes, default=0) >= _LARGE and max(widths) > NARROW
        is_symmetric = "symmetry" in seen and seen["symmetry"] <= {"values", "pattern"}
        if 0 < solves < _OFTEN_COUNT and values == 0 and is_large and is_symmetric:
            yield solve


def _in_no_order(meaning: Meaning, module: Module, where: Span) -> Iterator[Solve]:
    """The sparse solves for which the user asks for no order of his own."""
    for solve in solves_in(meaning, module, where):
        keywords = solve.node.keywords if isinstance(solve.node, ast.Call) else []
        if solve.form is Form.SPARSE and all(one.arg == "use_umfpack" for one in keywords):
            yield solve
