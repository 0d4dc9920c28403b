"""Loops that a kernel holds several times, over other arrays: what is the same, and what differs.

The stages of a Runge-Kutta step call one function, and each call has become loops of its own.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent
from pdeperf.source.flow import live_after, reach, writes
from pdeperf.source.scopes import local_names

_PLAIN = (ast.For, ast.Assign, ast.AugAssign, ast.If, ast.Expr)
_LEAVING = (
    ast.Return, ast.Raise, ast.Break, ast.Continue, ast.While, ast.Try, ast.With, ast.FunctionDef, ast.Lambda,
    ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp, ast.NamedExpr, ast.Delete, ast.Yield,
    ast.Global,
)  # fmt: skip
_FUNCTION, _PARAMETER, _LOOP = 170, 15, 40
"""What these cost a compiler beside the nodes of their syntax tree, in such nodes."""
_MAKING = frozenset("empty empty_like zeros zeros_like".split())
_LOOKED_AT = 40
"""So many candidates are looked at closely, the largest first."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in a statement where another array or number may stand.

    Attributes
    ----------
    base
        The name there.
    rest
        What belongs to it: ``[0]`` of ``U[0, i]``, ``.shape[1]``.
    edit
        Puts a name in its place, which stands for ``{}`` in the text.
    """

    base: str
    rest: str
    edit: Edit

    @property
    def text(self) -> str:
        """What is passed for it."""
        return self.base + self.rest


@dataclass(frozen=True, slots=True)
class Repeat:
    """Runs of statements that are the same but for names.

    Attributes
    ----------
    runs
        The statements, run by run.
    parameters
        A function's parameters, with what each run passes for them.
    edits
        Put the parameters into the first run.
    results
        New arrays that each run leaves, in one order: what a function returns.
    """

    runs: tuple[tuple[ast.stmt, ...], ...]
    parameters: dict[str, tuple[str, ...]]
    edits: tuple[Edit, ...]
    results: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A statement as others may be like it."""

    statement: ast.stmt
    outline: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    size: int


def repeat(module: Module, node: ast.FunctionDef) -> Repeat | None:
    """The loops of a function that are worth a function of their own, those first that save most."""
    own = local_names(node)
    blocks = list(_blocks(node.body, frozenset()))
    found: list[tuple[int, int, list[tuple[_Read, ...]]]] = []
    numbers = _numbers(node, own)
    for rank, (is_apart, factors) in enumerate(itertools.product((False, True), (frozenset(), numbers))):
        read = [
            [
                _read(each, own, module, is_apart, factors) if _is_plain(each, counters) else None
                for each in block
            ]
            for block, counters in blocks
        ]
        found += [(saved, -rank, runs) for saved, runs in _alike(read)]
    found.sort(key=lambda each: each[:2], reverse=True)
    for _, _, runs in found[:_LOOKED_AT]:
        one = _checked(node, runs)
        if one is not None:
            return one
    return None


def _blocks(
    statements: Sequence[ast.stmt], counters: frozenset[str]
) -> Iterator[tuple[Sequence[ast.stmt], frozenset[str]]]:
    """Blocks that run a few times each: not the rows of loops over cells, but the steps of a time loop."""
    yield statements, counters
    for each in statements:
        match each:
            case ast.If(body=body, orelse=orelse):
                yield from _blocks(body, counters)
                yield from _blocks(orelse, counters)
            case ast.While(body=body):
                yield from _blocks(body, counters)
            case ast.For(target=ast.Name(id=name), body=body, iter=ast.Call(func=ast.Name(id="range"))):
                yield from _blocks(body, counters | {name})


def _is_plain(statement: ast.stmt, counters: frozenset[str]) -> bool:
    """May it stand in a function of its own, called from where it stands?

    Parameters
    ----------
    counters
        Of the loops around it: what picks rows by them stays where it is.
    """
    if not isinstance(statement, _PLAIN):
        return False
    for node in ast.walk(statement):
        if isinstance(node, _LEAVING):
            return False
        if isinstance(node, ast.Subscript) and any(
            isinstance(part, ast.Name) and part.id in counters for part in ast.walk(node.slice)
        ):
            return False
    return not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Call)


def _numbers(node: ast.FunctionDef, own: frozenset[str]) -> frozenset[str]:
    """Names that can only be numbers: nothing is picked from them, and no function is given them."""
    others: set[str] = set()
    for each in ast.walk(node):
        match each:
            case ast.Subscript(value=ast.Name(id=name)) | ast.Attribute(value=ast.Name(id=name)):
                others.add(name)
            case ast.Call(args=arguments):
                others |= {argument.id for argument in arguments if isinstance(argument, ast.Name)}
    return own - others


def _is_factor(node: ast.expr, numbers: frozenset[str]) -> bool:
    """Is it a number, or such numbers times others, ``0.5 * dt``, which every run may compute before?"""
    match node:
        case ast.Name(id=name):
            return name in numbers
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            sides = [each for each in (left, right) if not _is_written(each)]
            return bool(sides) and all(_is_factor(each, numbers) for each in sides)
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=float() | int() as value)):
            return value != 0 and _is_factor(left, numbers)
    return False


def _is_written(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (float, int)


def _read(
    statement: ast.stmt, own: frozenset[str], module: Module, is_apart: bool, factors: frozenset[str]
) -> _Read:
    """A statement with its leaves taken out.

    Parameters
    ----------
    is_apart
        A component of an array counts as an array: ``U[0, i]`` is ``V[i]`` of another array.
    factors
        Names of numbers, of which products may stand where another run has a name: ``0.5 * dt``, ``dt``.
    """
    factors -= writes(statement)
    outline: list[str] = []
    leaves: list[Leaf] = []

    def leaf(base: str, rest: str, start: int, end: int, text: str = "{}") -> None:
        leaves.append(Leaf(base, rest, Edit(start, end, text)))

    def visit(node: object) -> None:
        match node:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=name), attr="shape"),
                slice=ast.Constant(value=int(axis)),
            ) if name in own:
                outline.append("size")
                leaf(name, f".shape[{axis}]", *extent(module, node))
            case ast.Subscript(value=ast.Name(id=name) as array, slice=ast.Tuple(elts=places)) if (
                is_apart and name in own and (first := _fixed(places))
            ):
                outline.append(f"part {type(node.ctx).__name__} {len(places) - len(first)}")
                start = extent(module, array)[0]
                end = module.text.index(",", extent(module, first[-1])[1]) + 1
                end += len(module.text[end:]) - len(module.text[end:].lstrip())
                leaf(name, f"[{', '.join(map(ast.unparse, first))}]", start, end, "{}[")
                for each in places[len(first) :]:
                    visit(each)
            case ast.Subscript(value=ast.Name(id=name) as array, slice=place) if is_apart and name in own:
                places = place.elts if isinstance(place, ast.Tuple) else [place]
                outline.append(f"part {type(node.ctx).__name__} {len(places)}")
                leaf(name, "", *extent(module, array))
                for each in places:
                    visit(each)
            case ast.BinOp() | ast.Name(ctx=ast.Load()) if _is_factor(node, factors):
                outline.append("number")
                leaf(ast.unparse(node), "", *_with_parentheses(module, node))
            case ast.Name(id=name) if name in own:
                outline.append(f"name {type(node.ctx).__name__}")
                leaf(name, "", *extent(module, node))
            case ast.AST():
                outline.append(type(node).__name__)
                for field, value in ast.iter_fields(node):
                    outline.append(field)
                    visit(value)
            case list():
                outline.append(f"list {len(node)}")
                for each in node:
                    visit(each)
            case _:
                outline.append(f"{type(node).__name__} {node!r}")

    visit(statement)
    size = sum(1 + _LOOP * isinstance(each, ast.For) for each in ast.walk(statement))
    return _Read(statement, tuple(outline), tuple(leaves), size)


def _with_parentheses(module: Module, node: ast.expr) -> tuple[int, int]:
    """Where an expression stands, with parentheses of its own beside an operator."""
    start, end = extent(module, node)
    is_inside = module.text[start - 1 : start] == "(" and module.text[end : end + 1] == ")"
    if is_inside and module.text[: start - 1].rstrip().endswith(("+", "-", "*", "/", "=")):
        return start - 1, end + 1
    return start, end


def _fixed(places: Sequence[ast.expr]) -> list[ast.expr]:
    """The leading places that are written numbers, if there are others after them."""
    found = list(
        itertools.takewhile(lambda each: isinstance(each, ast.Constant) and type(each.value) is int, places)
    )
    return found if len(found) < len(places) else []


def _alike(blocks: list[list[_Read | None]]) -> Iterator[tuple[int, list[tuple[_Read, ...]]]]:
    """Runs of statements with one outline, at all the places that they have, and how much they save."""
    # None ends each block: no run goes on behind it.
    rows = [each for block in blocks for each in (*block, None)]
    count, numbers = len(rows), dict[tuple[str, ...], int]()
    outlines = [numbers.setdefault(each.outline, len(numbers)) if each else -1 for each in rows]
    common = [[0] * (count + 1) for _ in range(count + 1)]
    for low in range(count - 1, -1, -1):
        for high in range(count - 1, low, -1):
            if outlines[low] == outlines[high] >= 0:
                common[low][high] = common[low + 1][high + 1] + 1
    for low in range(count):
        for length in sorted({each for each in common[low] if each}):
            starts = [low]
            for high in range(low + 1, count):
                if common[low][high] >= length and high >= starts[-1] + length:
                    starts.append(high)
            runs = [tuple(filter(None, rows[start : start + length])) for start in starts]
            saved = (len(runs) - 1) * sum(each.size for each in runs[0]) - _FUNCTION
            if saved > 0 and len(runs) > 1 and any(isinstance(each.statement, ast.For) for each in runs[0]):
                yield saved, runs


def _checked(node: ast.FunctionDef, runs: list[tuple[_Read, ...]]) -> Repeat | None:
    """The runs as calls of one function; None where names mean more than a function can see."""
    bound, left = [], []
    for run in runs:
        statements = [each.statement for each in run]
        made = frozenset[str]().union(*map(writes, statements))
        leaving = made & live_after(node, statements[-1:])
        if made & reach(statements).exposed or leaving - _new_arrays(statements):
            return None
        bound.append(made)
        left.append(leaving)
        if made & {name for each in run for leaf in each.leaves for name in _names_in(leaf)}:
            return None
    columns = list(zip(*([leaf for each in run for leaf in each.leaves] for run in runs), strict=True))
    inner: list[dict[str, str]] = [{} for _ in runs]
    outer = []
    for column in columns:
        is_inner = [leaf.base in made for leaf, made in zip(column, bound, strict=True)]
        if not any(is_inner):
            outer.append(column)
            continue
        if not all(is_inner) or len({leaf.rest for leaf in column}) > 1:
            return None
        for leaf, known in zip(column, inner, strict=True):
            if known.setdefault(leaf.base, column[0].base) != column[0].base:
                return None
    if any(len(set(known.values())) != len(known) for known in inner):
        return None
    returned = sorted({known[name] for known, leaving in zip(inner, left, strict=True) for name in leaving})
    own = [{first: name for name, first in known.items()} for known in inner]
    return _passed(runs, outer, tuple(tuple(names[each] for each in returned) for names in own))


def _names_in(leaf: Leaf) -> frozenset[str]:
    """The names of a product; none of a leaf that is one name."""
    return frozenset() if leaf.base.isidentifier() else frozenset(re.findall(r"[^\W\d]\w*", leaf.base))


def _new_arrays(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that are bound once, to an array made there."""
    found = [
        target.id
        for each in statements
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call)
        for target in each.targets
        if isinstance(target, ast.Name) and ast.unparse(each.value.func).split(".")[-1] in _MAKING
    ]
    stored = [
        part.id
        for each in statements
        for part in ast.walk(each)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    ]
    return frozenset(name for name in found if stored.count(name) == 1)


def _passed(
    runs: list[tuple[_Read, ...]], columns: list[tuple[Leaf, ...]], results: tuple[tuple[str, ...], ...]
) -> Repeat | None:
    """What each run passes, and the names for it."""
    taken = {part.id for each in runs[0] for part in ast.walk(each.statement) if isinstance(part, ast.Name)}
    free = {column[0].base for column in columns}
    whole = {
        tuple(leaf.base for leaf in column)
        for column in columns
        if len({leaf.rest for leaf in column}) == 1 and not column[0].rest.startswith(".")
    }
    known: dict[tuple[str, ...], str] = {}
    edits = []
    for column in columns:
        bases, first = tuple(leaf.base for leaf in column), column[0]
        is_same = len({leaf.rest for leaf in column}) == 1
        as_it_is = is_same and (not first.rest.startswith(".") or bases in whole)
        values = bases if as_it_is else tuple(leaf.text for leaf in column)
        if values not in known:
            stem = first.base if as_it_is or not first.rest else _stem(first)
            stem = stem if stem.isidentifier() else "factor"
            known[values] = _unused(stem, taken, free)
        name = known[values]
        if not as_it_is or name != first.base:
            text = name + first.rest if as_it_is else name
            edits.append(_put(first, text, as_it_is=as_it_is))
    saved = (len(runs) - 1) * sum(each.size for each in runs[0])
    if saved <= _FUNCTION + _PARAMETER * len(known):
        return None
    return Repeat(
        tuple(tuple(each.statement for each in run) for run in runs),
        {name: values for values, name in known.items()},
        tuple(edits),
        results,
    )


def _stem(leaf: Leaf) -> str:
    """``U_0`` for ``U[0]``, ``U_shape_1`` for ``U.shape[1]``."""
    return "_".join("".join(each if each.isalnum() else " " for each in leaf.text.replace("-", "m")).split())


def _unused(stem: str, taken: set[str], free: set[str]) -> str:
    """A parameter's name: the first array that it stands for, where no other parameter has it."""
    name, number = stem, 2
    while name in taken and name not in free:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name)
    free.discard(name)
    return name


def _put(leaf: Leaf, text: str, *, as_it_is: bool) -> Edit:
    """Puts a name where a leaf stands; a component of an array is still picked where all do."""
    edit = leaf.edit
    if as_it_is and edit.text != "{}":
        return Edit(edit.start, edit.end, f"{text[:-1]}, ")  # `U[0, i]`: the rest of the place follows
    return Edit(edit.start, edit.end, edit.text.format(text))
