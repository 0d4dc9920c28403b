"""Loops over a few written numbers, as the statements of their iterations: ``for k in range(9)``."""

import ast
import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pdeperf.arrays.inline import Renamed
from pdeperf.arrays.integers import integer
from pdeperf.arrays.outdated import is_outdated
from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.source import Module

MOST = 27
"""Iterations that are written out."""

Called = Callable[[ast.expr], str]
Length = Callable[[ast.expr], int | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A list or an array of a few entries that a file writes out once.

    Attributes
    ----------
    length
        Number of entries.
    integers
        They themselves, lists of them where they are nested, if they are integers.
    is_array
        It is a NumPy array.
    check
        What shows at run time that it is still that.
    is_numbers
        It holds numbers, whatever they are; not lists, arrays or names.
    """

    length: int
    integers: list[object] | None
    is_array: bool
    check: str
    is_numbers: bool = True


def table(name: str, module: Module, called: Called) -> Table | None:
    """The list that a name always means; None if that is not certain."""
    binders = [
        node
        for node in module.nodes
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.arg) and node.arg == name)
    ]
    found = [node.value for node in module.nodes if isinstance(node, ast.Assign) and node.targets == binders]
    if len(binders) != 1 or len(found) != 1:
        return None
    value, is_array = found[0], False
    if isinstance(value, ast.Call):
        full, is_array = called(value.func), True
        if full == "numpy.arange" and len(value.args) == 1 and not value.keywords:
            count = _count(value.args[0], module, called)
            if count is None:
                return None
            places: list[object] = list(range(count))
            return Table(count, places, True, f"{name}.tolist() == {places}")
        if full != "numpy.array" or len(value.args) != 1:
            return None
        if any(key.arg != "dtype" for key in value.keywords):
            return None
        is_whole = all(_is_int(key.value) for key in value.keywords)
        value = value.args[0]
    else:
        is_whole = True
    if not isinstance(value, ast.List | ast.Tuple) or len(value.elts) > MOST:
        return None
    try:
        entries = _plain(ast.literal_eval(value)) if is_whole else None
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        is_numbers = all(_is_number(each) for each in value.elts)
        return Table(len(value.elts), None, is_array, f"len({name}) == {len(value.elts)}", is_numbers)
    check = f"{name}.tolist() == {entries}" if is_array else f"{name} == {ast.unparse(value)}"
    is_numbers = not any(isinstance(each, list) for each in entries)
    return Table(len(entries), entries, is_array, check, is_numbers)


def _is_number(node: ast.expr) -> bool:
    """Is it made of numbers that are written out, ``-1 / 12``?"""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
    return False


def _is_int(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] in ("int", "int64", "int_")


def _plain(value: object) -> object:
    """Nested lists of integers; None for anything else."""
    if isinstance(value, list | tuple):
        parts = [_plain(part) for part in value]
        return None if None in parts else parts
    return value if type(value) is int else None


def _count(node: ast.expr, module: Module, called: Called) -> int | None:
    """A number of iterations that the file writes out; at most ``MOST``."""
    match node:
        case ast.Constant(value=int(count)):
            pass
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)], keywords=[]):
            known = table(name, module, called)
            count = known.length if known is not None else MOST + 1
        case ast.Name(id=name):
            values = [
                part.value
                for part in module.nodes
                if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == name
            ]
            stored = [
                part
                for part in module.nodes
                if (isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load))
                or (isinstance(part, ast.arg) and part.arg == name)
                or (isinstance(part, ast.alias) and (part.asname or part.name) == name)
            ]
            value = values[0] if len(values) == len(stored) == 1 else None
            count = value.value if isinstance(value, ast.Constant) and type(value.value) is int else MOST + 1
        case _:
            return None
    return count if 0 <= count <= MOST else None


def element(node: ast.expr, module: Module, called: Called) -> tuple[int, Table] | None:
    """``CX[3]``: the integer that it is, and the table; None for anything else."""
    places: list[int] = []
    while isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        here = [part.value for part in parts if isinstance(part, ast.Constant) and type(part.value) is int]
        if len(here) != len(parts):
            return None
        places = here + places
        node = node.value
    known = table(node.id, module, called) if isinstance(node, ast.Name) and places else None
    value: object = known.integers if known is not None else None
    for place in places:
        if not isinstance(value, list) or not -len(value) <= place < len(value):
            return None
        value = value[place]
    return (value, known) if known is not None and type(value) is int else None


def tables_in(nodes: Sequence[ast.AST], module: Module, called: Called) -> dict[str, Table]:
    """The tables that some code reads."""
    names = {node.id for tree in nodes for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = {name: table(name, module, called) for name in sorted(names)}
    return {name: known for name, known in found.items() if known is not None}


def _unknown(node: ast.expr) -> int | None:
    return None


def unrolled(
    loop: ast.For,
    module: Module,
    called: Called,
    length: Length = _unknown,
    counted: Collection[str] = (),
) -> list[ast.stmt] | None:
    """The statements of all iterations; None where they are many, or not known.

    Parameters
    ----------
    length
        Number of arrays in a list that a name stands for; None for anything else.
    counted
        Names that the body gives integers which it computes of written ones: those of ``counted_in``.
    """
    if loop.orelse or any(
        isinstance(node, ast.Break | ast.Continue | ast.Return | ast.While | ast.Yield)
        for part in loop.body
        for node in ast.walk(part)
    ):
        return None
    rounds = _rounds(loop.iter, module, called, length)
    targets = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    used = {node.id for part in loop.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    stored = {
        node.id
        for part in loop.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    if rounds is None or not targets & used or targets & (stored - _updated(loop.body)):
        return None
    match loop:
        case ast.For(target=ast.Name(id=counter), iter=ast.Call()) if not _chooses(counter, loop.body):
            return None
    every: list[dict[str, ast.expr]] = []
    for value in rounds:
        names: dict[str, ast.expr] = {}
        if not _bind(loop.target, value, names, module, called):
            return None
        if stored & {
            node.id for each in names.values() for node in ast.walk(each) if isinstance(node, ast.Name)
        }:
            return None
        every.append(names)
    if is_outdated(loop.body, every, module, called):
        return None
    result: list[ast.stmt] = []
    body = [_InPlace(targets).visit(copy.deepcopy(part)) for part in loop.body]
    for names in every:
        for part in body:
            found = Renamed(names).visit(copy.deepcopy(part))
            if isinstance(found, ast.Assign) and ast.unparse(found.targets[0]) in counted:
                if (number := integer(found.value)) is None:
                    return None
                names[ast.unparse(found.targets[0])] = number
                continue
            result += [
                ast.fix_missing_locations(each) for each in (found if isinstance(found, list) else [found])
            ]
    return result


def _updated(body: Sequence[ast.stmt]) -> set[str]:
    """Names of which the body changes the arrays in place, ``f *= taper``, and does not bind them."""
    targets = [node.target for part in body for node in ast.walk(part) if isinstance(node, ast.AugAssign)]
    updated = {id(each): each.id for each in targets if isinstance(each, ast.Name)}
    bound = {
        node.id
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in updated
    }
    return {*updated.values()} - bound


class _InPlace(ast.NodeTransformer):
    """Writes ``f[...] *= taper`` for ``f *= taper``: the same for arrays, and nothing for numbers."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if isinstance(node.target, ast.Name) and node.target.id in self._names:
            home = ast.Name(id=node.target.id, ctx=ast.Load())
            node.target = ast.Subscript(value=home, slice=ast.Constant(value=...), ctx=ast.Store())
        return ast.fix_missing_locations(node)


def _chooses(name: str, body: Sequence[ast.stmt]) -> bool:
    """Does a number decide what is computed, not only with which value?"""
    for part in body:
        for node in ast.walk(part):
            match node:
                case ast.Subscript(slice=ast.expr() as chosen) | ast.If(test=chosen) | ast.IfExp(test=chosen):
                    places: list[ast.AST] = [chosen]
                case ast.Call(args=arguments, keywords=keywords):
                    places = [*arguments, *keywords]
                case ast.For(iter=ast.expr() as source):
                    places = [source]
                case _:
                    continue
            if any(isinstance(each, ast.Name) and each.id == name for at in places for each in ast.walk(at)):
                return True
    return False


def written_out(
    node: ast.ListComp | ast.GeneratorExp, module: Module, called: Called, length: Length
) -> list[ast.expr] | None:
    """The expressions of all rounds of a comprehension; None where they are many, or not known.

    Parameters
    ----------
    length
        Number of arrays in a list that a name stands for; None for anything else.
    """
    if len(node.generators) != 1 or node.generators[0].ifs or node.generators[0].is_async:
        return None
    generator = node.generators[0]
    rounds = _rounds(generator.iter, module, called, length)
    if rounds is None:
        return None
    result: list[ast.expr] = []
    for value in rounds:
        names: dict[str, ast.expr] = {}
        if not _bind(generator.target, value, names, module, called):
            return None
        result.append(ast.fix_missing_locations(Renamed(names).visit(copy.deepcopy(node.elt))))
    return result


def _rounds(
    node: ast.expr, module: Module, called: Called, length: Length = _unknown
) -> Sequence[ast.expr] | None:
    """What the loop variable stands for in each iteration."""
    if isinstance(node, ast.Name) and (count := length(node)) is not None:
        return [_entry(node, at) for at in range(count)]
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts if len(parts) <= MOST and all(_is_plain(part) for part in parts) else None
        case ast.Name(id=name) if (known := table(name, module, called)) is not None:
            return [_entry(node, at) for at in range(known.length)]
        case ast.Call(func=func, args=args, keywords=[]):
            name = called(func)
        case _:
            return None
    if name == "builtins.range" and args:
        bounds = [_count(argument, module, called) for argument in args]
        if any(bound is None for bound in bounds) or len(bounds) > 2:
            return None
        return [ast.Constant(value=at) for at in range(*(bound for bound in bounds if bound is not None))]
    if name == "builtins.zip" and args:
        columns = [_rounds(argument, module, called, length) for argument in args]
        filled = [column for column in columns if column is not None]
        if len(filled) != len(columns):
            return None
        return [ast.Tuple(elts=list(parts), ctx=ast.Load()) for parts in zip(*filled, strict=False)]
    if name == "builtins.enumerate" and len(args) == 1:
        inner = _rounds(args[0], module, called, length)
        if inner is None:
            return None
        return [
            ast.Tuple(elts=[ast.Constant(value=at), each], ctx=ast.Load()) for at, each in enumerate(inner)
        ]
    return None


def _bind(
    target: ast.expr, value: ast.expr, names: dict[str, ast.expr], module: Module, called: Called
) -> bool:
    if isinstance(target, ast.Name):
        names[target.id] = _literal(value, module, called)
        return True
    if not isinstance(target, ast.Tuple | ast.List):
        return False
    if isinstance(value, ast.Tuple | ast.List):
        if len(value.elts) != len(target.elts):
            return False
        parts: Sequence[ast.expr] = value.elts
    else:
        parts = [_entry(value, at) for at in range(len(target.elts))]
        if any(element(part, module, called) is None for part in parts):
            return False
    return all(
        _bind(each, part, names, module, called) for each, part in zip(target.elts, parts, strict=True)
    )


def _entry(value: ast.expr, place: int) -> ast.expr:
    return ast.Subscript(value=value, slice=ast.Constant(value=place), ctx=ast.Load())


def _literal(value: ast.expr, module: Module, called: Called) -> ast.expr:
    """An entry of a Python list as its number."""
    known = element(value, module, called)
    return ast.Constant(value=known[0]) if known is not None and not known[1].is_array else value


def _is_plain(node: ast.expr) -> bool:
    """Is it a name, an attribute, a number, a text, an entry of a dict, or a tuple of these?"""
    if isinstance(node, ast.Tuple | ast.List):
        return all(_is_plain(part) for part in node.elts)
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return (
        is_path(node)
        or is_entry(node)
        or (isinstance(node, ast.Constant) and isinstance(node.value, int | float | str))
    )
