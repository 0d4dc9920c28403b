"""Systems whose matrices share one pattern: an order of the unknowns serves them all."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.sparse.solves import NARROW, Form, Solve, facts_of, is_repeated, solves_in

_OFTEN_COUNT = 5


def of_one_pattern(
    meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement]
) -> Iterator[tuple[Solve, int]]:
    """The sparse solves in some lines with ever new values in old patterns, and how many there were.

    Not those whose band is narrow: LAPACK orders nothing.
    """
    for solve in solves_in(meaning, module, where):
        node = solve.node
        if solve.form is not Form.SPARSE or not isinstance(node, ast.Call):
            continue
        if any(keyword.arg != "use_umfpack" for keyword in node.keywords):
            continue  # the user's own order
        seen = facts_of(solve, facts)
        solves, patterns, values = (
            sum(float(value) for value in seen.get(f"{metric}_count", ()))
            for metric in ("solves", "same_pattern", "same_values")
        )
        widths = [float(value) for value in seen.get("bandwidth", ())]
        is_again = solves >= _OFTEN_COUNT and 2 * patterns >= solves and 2 * values < solves
        if is_again and widths and max(widths) > NARROW and is_repeated(meaning, module, solve):
            yield solve, int(solves)
