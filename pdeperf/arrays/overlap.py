"""Arrays of a region that must not share memory: which pairs are checked when it is entered."""

import ast
import copy
import itertools
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, bound_by_text, kept_of, runs_of
from pdeperf.kernel.aliases import sharing
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module


def pairs_apart(
    module: Module,
    names: Names,
    items: Sequence[Item],
    alone: frozenset[str] = frozenset(),
    late: frozenset[str] = frozenset(),
    changed: frozenset[str] = frozenset(),
    beside: frozenset[str] = frozenset(),
    passed: Sequence[tuple[str, str]] = (),
) -> tuple[tuple[str, str], ...]:
    """Pairs of arrays that must not overlap and are not known to be apart.

    Parameters
    ----------
    alone
        Names that only ever stand for arrays of their own.
    late
        Names and paths that are checked where they are used.
    changed, beside
        Arrays that other statements than those of the runs change, and that hold values of their own.
    passed
        Names, and names whose arrays such statements give them.

    Raises
    ------
    Unliftable
        If two arrays shared memory when the script ran.
    """
    written = set(changed)
    used = set(changed | beside)
    for run in runs_of(items):
        used |= {buffer.name for buffer in run.entry.values()}
        written |= {
            step.target.buffer.name
            for step in run.steps
            if hasattr(step, "target") and not step.target.buffer.is_temporary
        }
    entering = names.before | _from_outside(module, names)
    groups = _exchanged(items, names)
    written = set[str]().union(*(groups.get(name, {name}) for name in written))
    used = set[str]().union(*(groups.get(name, {name}) for name in used))
    together = [*passed, *((name, other) for name, group in groups.items() for other in group)]
    written |= {name for name in _joined(written, together) if name.split(".")[0] in entering}
    used |= {name for name in _joined(used, together) if name.split(".")[0] in entering}
    written, used = written - alone, used - alone
    pairs = sorted({tuple(sorted((one, other))) for one in written for other in used if one != other})
    by_text = bound_by_text(items)
    overlapping = names.overlapping()
    for one, other in pairs:
        is_here = {one.split(".")[0], other.split(".")[0]} <= entering
        if is_here and ((one, other) in overlapping or (other, one) in overlapping):
            raise Unliftable(f"`{one}` and `{other}` share memory")
    function = _as_function(names.scope.node, () if names.is_repeated else names.region)
    found = sharing(function, lambda node: qualified(node, module, names.scope), {})
    everywhere = sharing(
        _as_function(names.scope.node, ()), lambda node: qualified(node, module, names.scope), {}
    )
    result: set[tuple[str, str]] = set()
    for one, other in pairs:
        if {one, other} & late:
            continue
        roots = {one.split(".")[0], other.split(".")[0]}
        if roots & by_text:
            if everywhere.apart(one, other) != ():
                raise Unliftable(f"`{one}` and `{other}` may be one array")
            continue
        if not roots <= entering:
            continue  # the region itself makes one of them
        if not (one.isidentifier() and other.isidentifier()) or {one, other} & names.aliases.keys():
            result.add((one, other))
            continue
        entries = found.apart(one, other)
        if entries is None or entries:
            result.add((one, other))
    return tuple(sorted(result))


def _from_outside(module: Module, names: Names) -> frozenset[str]:
    """Names of the user's that are not the scope's own: other scopes have bound them."""
    used = {node.id for node in module.all(ast.Name)}
    return frozenset(name for name in used - names.made if names.scope.resolve(name) is not names.scope)


def _exchanged(items: Sequence[Item], names: Names) -> dict[str, set[str]]:
    """Names that come to stand for one another's arrays: ``u, v = v, u``."""
    together = [
        (name, view.buffer.name)
        for run in runs_of(items)
        for name, view in run.names.items()
        if not view.buffer.is_temporary and name in run.live
    ]
    together += [
        pair for kept in kept_of(items) if kept.keeps_sizes for pair in _handed(kept.statement, names)
    ]
    groups: dict[str, set[str]] = {}
    for name, other in together:
        joined = groups.get(name, {name}) | groups.get(other, {other})
        groups.update(dict.fromkeys(joined, joined))
    return groups


def _handed(statement: ast.stmt, names: Names) -> Iterator[tuple[str, str]]:
    """Names, and arrays that an assignment which stays as it is may give them."""
    if not isinstance(statement, ast.Assign):
        return
    for target in statement.targets:
        match target, statement.value:
            case ast.Tuple(elts=left), ast.Tuple(elts=right) if len(left) == len(right):
                pairs = [*zip(left, right, strict=True)]
            case _:
                pairs = [(target, statement.value)]
        for one, other in pairs:
            yield from itertools.product(_arrays_in(one, names), _arrays_in(other, names))


def _arrays_in(tree: ast.expr, names: Names) -> list[str]:
    match tree:
        case ast.BinOp() | ast.Compare() | ast.UnaryOp() | ast.Call(func=ast.Attribute(attr="copy")):
            return []  # a new array
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute) and is_path(node))
    return [ast.unparse(node) for node in found if names.kind_in(node, None).is_array]


def _joined(names: set[str], passed: Sequence[tuple[str, str]]) -> set[str]:
    """Some names, and those that get one another's arrays with them."""
    while wider := [pair for pair in passed if names & {*pair} and not names >= {*pair}]:
        names = names.union(*wider)
    return names


def _as_function(node: ast.AST, without: Sequence[ast.stmt]) -> ast.FunctionDef:
    """A scope's body as a function's, less some statements, for the analysis of aliases."""
    empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    arguments = node.args if isinstance(node, ast.FunctionDef) else empty
    body = _without(getattr(node, "body", []), {id(part) for part in without})
    return ast.FunctionDef(name="region", args=arguments, body=body, decorator_list=[], lineno=0)


def _without(block: list[ast.stmt], gone: set[int]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for part in block:
        if id(part) in gone:
            continue
        if isinstance(part, ast.If | ast.For | ast.While | ast.With):
            part = copy.copy(part)
            part.body = _without(part.body, gone)
            if not isinstance(part, ast.With):
                part.orelse = _without(part.orelse, gone)
        found.append(part)
    return found
