"""Whether everything that is bound to a list that becomes an array is an array, too."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.record_groups import has_lists, with_slot
from pdeperf.source.scopes import FUNCTIONS, parameters

if TYPE_CHECKING:
    from pdeperf.kernel.record_lists import RecordLists


def check_bindings(lists: "RecordLists") -> None:
    """Raise where a list is bound to a variable that stands for an array.

    Raises
    ------
    KeptError
        For the list that the variable stands for.
    """
    for slot, value in _bindings(lists):
        head = lists.groups.head(slot)
        if head in lists.active and not lists.is_building(value, head):
            with_slot(head, lambda value=value: _check(value, lists))  # type: ignore[misc]


def _check(value: ast.expr, lists: "RecordLists") -> None:
    if not _is_array(value, lists):
        raise NoArrayError(f"`{ast.unparse(value)[:40]}` stays a list")


def _bindings(lists: "RecordLists") -> Iterator[tuple[Slot, ast.expr]]:
    types = lists.types
    for node in types.module.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _parts(target, value, lists)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                yield from _parts(target, value, lists)
            case ast.Return(value=ast.expr() as value):
                function = next(one for one in types.module.ancestors(node) if isinstance(one, FUNCTIONS))
                slot = types.slot("result", function, "")
                if has_lists(types.types.get(slot)):
                    yield slot, value
            case ast.FunctionDef():
                is_method = isinstance(types.module.parents.get(node), ast.ClassDef)
                for name in parameters(node)[is_method:]:
                    slot = types.slot("name", node, name)
                    if has_lists(types.types.get(slot)):
                        for given in types.arguments(node, name, is_method=is_method):
                            if given is not None:
                                yield slot, given


def _parts(target: ast.expr, value: ast.expr, lists: "RecordLists") -> Iterator[tuple[Slot, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List):
        several = value.elts if isinstance(value, ast.Tuple) else []
        for at, part in enumerate(target.elts):
            yield from _parts(part, several[at] if len(several) == len(target.elts) else value, lists)
    elif isinstance(target, ast.Name | ast.Attribute):
        slot = lists.types.slot_of(target)
        if slot is not None and has_lists(lists.types.types.get(slot)):
            yield slot, value


def _is_array(value: ast.expr, lists: "RecordLists") -> bool:
    """Is it an array already, or written as one?"""
    if (
        id(value) in lists.rendering.made
        or id(lists.types.module.parents[value]) in lists.rendering.statements
    ):
        return True
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            return _is_array(body, lists) and _is_array(orelse, lists)
        case ast.Tuple(elts=parts):
            return all(_is_array(one, lists) for one in parts if has_lists(lists.types.of(one)))
        case ast.NamedExpr(value=inner):
            return _is_array(inner, lists)
        case ast.Name() | ast.Attribute() | ast.Call():
            return lists.head(value) is not None
    return False
