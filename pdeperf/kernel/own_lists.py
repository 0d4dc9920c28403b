"""Lists that a kernel makes for itself: they grow by ``append``, and hold numbers of one kind.

Numba gives a list one element type, that of what it is made with, and stores nothing else in it:
``[0] * n`` would cut off the fractions of what is stored later. Python's lists hold both.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.kinds import UNKNOWN, Calls, Kind, arithmetic, infer, join
from pdeperf.kernel.list_making import appended, assigned, made_lists, makes_list
from pdeperf.kernel.lowering import CalleeUse, Lowering, Problem
from pdeperf.kernel.names_bound import infer_names
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, replace

_ROUNDS = 4
_RANKS = {"bool": 0, "int": 1, "npint": 1, "float": 2, "npfloat": 2, "number": 2, "complex": 3}
_TYPES: tuple[type[int | float | complex], ...] = (bool, int, float, complex)
_DTYPES = {
    "int": "int64",
    "bool": "int64",
    "float": "float64",
    "npfloat": "npfloat",
    "number": "float64",
    "complex": "complex128",
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What makes lists hold numbers of one kind.

    Attributes
    ----------
    edits
        ``0.0`` in place of ``0``.
    problems
        Lists of which the kind is not known.
    """

    edits: tuple[Edit, ...] = ()
    problems: tuple[Problem, ...] = ()


def settled(
    lowered: Sequence[ast.stmt],
    kinds: Mapping[str, Kind],
    lowering: Lowering,
    passed: frozenset[str],
) -> Settled:
    """Give every list that statements make for themselves one kind of number.

    Parameters
    ----------
    lowered
        The statements.
    kinds
        Kinds of the other names.
    passed
        Names that the statements are given, which are no lists of their own.
    """
    names = made_lists(lowered) - passed
    calls, module = lowering.call_kind, lowering.module
    if not names:
        return Settled()
    stores = [store for part in lowered for node in ast.walk(part) for store in _stores(node)]
    known = dict(kinds)
    for _ in range(_ROUNDS):
        for name, kind in _elements(names, stores, known, calls, ignored=UNKNOWN).items():
            known[name] = Kind("list", _DTYPES.get(kind.base, ""), _depth(name, stores))
        known = infer_names(lowered, lowering, known)
    elements = _elements(names, stores, known, calls)
    edits: list[Edit] = []
    problems: list[Problem] = []
    given = _given_away(lowered, names, lowering.uses)
    for name, kind in elements.items():
        leaves = [leaf for owner, value, _ in stores if owner == name for leaf in _leaves(value)]
        ranks = [(leaf, _RANKS.get(infer(leaf, known, calls).base, len(_RANKS))) for leaf in leaves]
        lowest = min(rank for _, rank in ranks)
        wanted = _RANKS.get(kind.base, len(_RANKS))
        if lowest == wanted == len(_RANKS) and kind.base != "small":
            continue  # of another kind, throughout
        if kind.base == "small" or (wanted == len(_RANKS) and lowest <= _RANKS["int"]):
            reason = f"the list `{name}` begins with integers, and what else it holds is not known"
            problems.append(Problem(leaves[0].lineno, reason))
        elif lowest < wanted < len(_RANKS):
            for leaf, rank in ranks:
                edits.extend(_converted(module, leaf, _TYPES[wanted]) if rank < wanted else ())
        elif name in given and lowest <= _RANKS["int"]:
            reason = f"the list `{name}` of integers is given to a function that may store in it"
            problems.append(Problem(leaves[0].lineno, reason))
    return Settled(tuple(edits), tuple(problems))


Store = tuple[str, ast.expr, ast.operator | None]


def _stores(node: ast.AST) -> Iterator[Store]:
    """What goes into lists: their names, the values, and the operation of ``x[i] += v``."""
    match node:
        case ast.Assign():
            for target, value in assigned(node):
                if isinstance(target, ast.Subscript):
                    # Of what is unpacked without being written there nothing is known.
                    unknown = ast.copy_location(ast.Name(id="", ctx=ast.Load()), node)
                    yield _root(target), value or unknown, None
                elif isinstance(target, ast.Name) and value is not None and makes_list(value):
                    yield target.id, value, None
        case ast.AugAssign(target=ast.Subscript() as target, op=op, value=value):
            yield _root(target), value, op
        case ast.AugAssign(target=ast.Name(id=name), value=value) if makes_list(value):
            yield name, value, None
        case ast.Call(args=[value]) if name := appended(node):
            yield name, value, None


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that become elements of a list."""
    match node:
        case ast.List(elts=elements):
            for element in elements:
                yield from _leaves(element)
        case ast.ListComp(elt=element):
            yield from _leaves(element)
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if makes_list(node):
            yield from _leaves(left if makes_list(left) else right)
        case ast.BinOp(left=left, right=right) if makes_list(node):
            yield from _leaves(left)
            yield from _leaves(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _leaves(body)
            yield from _leaves(orelse)
        case _:
            yield node


def _elements(
    names: frozenset[str],
    stores: Sequence[Store],
    known: Mapping[str, Kind],
    calls: Calls,
    ignored: Kind | None = None,
) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for name, value, op in stores:
        if name not in names:
            continue
        for leaf in _leaves(value):
            kind = infer(leaf, known, calls)
            if kind.base == "list" or kind.is_array or kind == ignored:
                continue  # a row, which has elements of its own
            if op is not None:
                kind = arithmetic(found.get(name, kind), kind, division=isinstance(op, ast.Div))
            found[name] = kind if name not in found else join(found[name], kind)
    return found


def _depth(name: str, stores: Sequence[Store]) -> int:
    def of(node: ast.expr) -> int:
        match node:
            case ast.List(elts=[first, *_]):
                return 1 + of(first)
            case ast.ListComp(elt=element):
                return 1 + of(element)
            case ast.BinOp(left=left, right=right) if makes_list(node):
                return max(of(left), of(right))
            case _:
                return 1 if isinstance(node, ast.List) else 0

    return max((of(value) for owner, value, _ in stores if owner == name and makes_list(value)), default=1)


def _given_away(
    lowered: Sequence[ast.stmt], names: frozenset[str], uses: Mapping[int, CalleeUse]
) -> frozenset[str]:
    """Lists that a function is given, or that get a second name, and that may be stored in there."""
    found: set[str] = set()
    for part in lowered:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and id(node) in uses:
                reads = uses[id(node)].reads
                found |= {
                    argument.id
                    for index, argument in enumerate(node.args)
                    if isinstance(argument, ast.Name) and index not in reads
                }
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                found.add(node.value.id)
    return frozenset(found) & names


def _converted(module: Module, node: ast.expr, kind: type[int | float | complex]) -> Iterator[Edit]:
    """An element as a number of the kind that its list holds."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield replace(module, node, repr(kind(node.value)))
    else:
        start, end = extent(module, node)
        yield Edit(start, start, f"{kind.__name__}(")
        yield Edit(end, end, ")")
