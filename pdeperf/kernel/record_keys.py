"""Variables that stand for the keys of dicts of numbers, ``for k in ("rho", "mom")``: places in tuples."""

import ast

from pdeperf.kernel.record_changes import StaysError
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import Key, RecordTypes


def places_walked(node: ast.For | ast.comprehension, types: RecordTypes) -> int | None:
    """How many places a walk over keys counts, if these ask nothing but records; None for others.

    Raises
    ------
    StaysError
        If they ask other things, too.
    """
    key = types.element(node.iter)
    if not isinstance(key, Key) or not isinstance(node.target, ast.Name):
        return None
    found = types.dicts.get(frozenset(key.fields))
    if found is None:
        return None
    slot = types.slot_of(node.target)
    uses = [
        one
        for one in types.module.all(ast.Name)
        if one.id == node.target.id and isinstance(one.ctx, ast.Load) and types.slot_of(one) == slot
    ]
    asks = [_asks(one, found, types) for one in uses]
    if any(asks) and not all(asks):
        raise StaysError(found, f"`{node.target.id}` is more than a key")
    if any(asks):
        if key.fields != found.fields:
            raise StaysError(found, "keys stand in several orders")
        return found.width
    if isinstance(types.of(node.iter), Record):
        raise StaysError(found, "it is walked")
    return None


def _asks(node: ast.Name, found: Record, types: RecordTypes) -> bool:
    above = types.module.parents[node]
    if isinstance(above, ast.DictComp) and above.key is node:
        return types.of(above) == found
    return isinstance(above, ast.Subscript) and above.slice is node and types.of(above.value) == found


def check_key(node: ast.expr, key: Key, types: RecordTypes) -> None:
    """Raise where a key is computed."""
    found = types.dicts.get(frozenset(key.fields))
    if found is not None and not isinstance(node, ast.Name):
        raise StaysError(found, "a key is more than a key")
