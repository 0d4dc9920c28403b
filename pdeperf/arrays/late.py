"""Runs whose sizes come about inside the region: checked where they stand, beside the user's statements."""

import ast
from collections.abc import Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.source.flow import reads, writes


def where_it_holds(run: Run, rest: Sequence[Item], names: Names) -> list[Item]:
    """A run and what is left of the statement after it, or their statements where its guards fail.

    Raises
    ------
    Unliftable
        If a number has to be known before the guards and may not be computed twice.
    """
    if not run.guards:
        return [run, *rest]
    test = ast.parse(" and ".join(run.guards), mode="eval").body
    first = {id(kept.statement) for kept in run.before}
    others = [part for part in (*run.statements, *run.reduced) if id(part) not in first]
    numbers = frozenset[str]().union(*(writes(kept.statement) for kept in run.before))
    if numbers & frozenset[str]().union(*(writes(part) for part in others)):
        raise Unliftable(f"`{min(numbers)}` is bound beside arrays whose sizes come about here")
    if (reads(test) | numbers) & {step.name for step in run.steps if hasattr(step, "name")}:
        raise Unliftable("sizes that are computed here")
    where = others[0] if others else run.statements[0]
    choice = ast.If(test=test, body=[ast.Pass()], orelse=[ast.Pass()])
    for node in ast.walk(choice):
        ast.copy_location(node, where)
    names.rewritten.add(id(choice))
    names.kept_alive.append(choice)
    before, run.before = list(run.before), []
    return [*before, Nested(choice, {"body": [run, *rest], "orelse": [Kept(part) for part in others]})]
