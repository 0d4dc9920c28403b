"""Objects whose fields are stored in elements of a list, ``cells[i].rho -= d``: may another name see that?

A row of an array has no other name. So an object that changes must never be known by one: it is made where
it is stored, and what is looked at elsewhere is looked at before anything changes.
"""

import ast
from collections.abc import Sequence

from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import Records, RecordTypes
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source.scopes import scope_of


class StaysError(ValueError):
    """Objects of a class have to stay what they are.

    Parameters
    ----------
    record
        The class, or the keys.
    reason
        Why.
    """

    def __init__(self, record: Record, reason: str) -> None:
        super().__init__(reason)
        self.record = record


_READS = frozenset("dict print str repr zip enumerate tuple list sum max min len abs".split())


def check_changes(found: Record, whole: Sequence[ast.expr], types: RecordTypes) -> None:
    """Raise where an object of a class that changes has a second name.

    Parameters
    ----------
    whole
        Where objects are used, not their fields.

    Raises
    ------
    StaysError
        If that is possible.
    """
    for one in whole:
        if not _is_brief(one, found, types):
            raise StaysError(found, f"`{ast.unparse(one)[:40]}` may change under another name")
    for node in types.module.nodes:
        match node:
            case ast.BinOp() | ast.Subscript(slice=ast.Slice()) if types.of(node) == Records(found):
                raise StaysError(found, "lists share objects that change")
            case ast.Call() if types.of(node) == Records(found) and _is_shallow(node, types):
                raise StaysError(found, "lists share objects that change")
            case ast.For(target=target) | ast.comprehension(target=target) if _gives(target, found, types):
                walk: ast.AST = node
                if isinstance(node, ast.comprehension):
                    walk = types.module.parents[node]
                if not _reads_only(walk, found, types, frozenset()):
                    raise StaysError(found, "objects change while they are walked")


def _gives(target: ast.expr, found: Record, types: RecordTypes) -> bool:
    return any(isinstance(one, ast.Name) and types.of(one) == found for one in ast.walk(target))


def _is_shallow(call: ast.Call, types: RecordTypes) -> bool:
    """Is it a copy of a list, which shares its elements?"""
    full = qualified(call.func, types.module, scope_of(types.module, call))
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "copy" and not call.args
    return full in (*COPIES, "copy.copy", "builtins.list") or is_method


def _is_brief(node: ast.expr, found: Record, types: RecordTypes) -> bool:
    """Is an object only looked at, by a function that changes none, or its copy taken?"""
    module = types.module
    above = module.parents[node]
    if isinstance(above, ast.FormattedValue):
        return True
    if isinstance(above, ast.comprehension | ast.For):
        return True
    if isinstance(above, ast.Assign) and found.is_tuple:
        return all(isinstance(target, ast.Tuple) for target in above.targets)
    if not isinstance(above, ast.Call):
        return False
    full = qualified(above.func, module, scope_of(module, above))
    if full in ("copy.copy", "copy.deepcopy") or full.removeprefix("builtins.") in _READS:
        return True
    return not full and _only_reads(above, found, types, frozenset())


def _only_reads(call: ast.Call, found: Record, types: RecordTypes, known: frozenset[int]) -> bool:
    """Does a function neither change nor keep nor return such objects that it is given?"""
    function = types.function_called(call)
    if function is None:
        return not any(types.of(one) in (found, Records(found)) for one in call.args)
    return id(function) in known or _reads_only(function, found, types, known | {id(function)})


def _reads_only(home: ast.AST, found: Record, types: RecordTypes, known: frozenset[int]) -> bool:
    """Do statements neither change nor keep nor return such objects?"""
    for node in ast.walk(home):
        match node:
            case ast.Attribute(ctx=ast.Store(), value=base) | ast.Subscript(ctx=ast.Store(), value=base):
                if types.of(base) in (found, Records(found)):
                    return False
            case ast.Attribute(attr="append" | "extend" | "insert" | "pop" | "remove", value=base):
                if types.of(base) == Records(found):
                    return False
            case ast.Assign(targets=[ast.Tuple()]):
                pass
            case (
                ast.Assign(value=ast.Name() | ast.Attribute() | ast.Subscript() | ast.IfExp() as value)
                | ast.Return(value=ast.Name() | ast.Attribute() | ast.Subscript() | ast.IfExp() as value)
            ):
                if types.of(value) == found:
                    return False
            case ast.Call():
                full = qualified(node.func, types.module, scope_of(types.module, node))
                if not full and not _only_reads(node, found, types, known):
                    return False
    return True


def check_class(node: ast.Name, types: RecordTypes) -> None:
    """Raise where the name of a class stands for more than what makes objects, or an annotation."""
    found = types.makers.get(node.id)
    if found is None or isinstance(node.ctx, ast.Store):
        return
    below: ast.AST = node
    for above in types.module.ancestors(node):
        match above:
            case ast.Call(func=func) if func is below:
                return
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation) if annotation is below:
                return
            case ast.FunctionDef(returns=annotation) if annotation is below:
                return
            case ast.stmt():
                break
        below = above
    raise StaysError(found, f"`{node.id}` is used as a class")
