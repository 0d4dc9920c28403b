"""Which arrays of a function may share memory."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pdeperf.kernel.exchanges import Binding, Root, handed_on, met
from pdeperf.kernel.vocabulary import FRESH
from pdeperf.source.scopes import own_nodes, parameters

Resolve = Callable[[ast.expr], str]


@dataclass(frozen=True, slots=True)
class Sharing:
    """What is known about the memory behind a function's array names.

    Attributes
    ----------
    roots
        For each name, everything that it may have been bound to.
    body
        The function's statements.
    bindings
        What these bind, by statement.
    otherwise
        Names that something else binds too: loops, ``with``, ``:=``.
    entering
        What names stand for at first.
    """

    roots: Mapping[str, frozenset[Root]]
    body: Sequence[ast.stmt] = ()
    bindings: Mapping[ast.stmt, Sequence[Binding]] = field(default_factory=dict)
    otherwise: frozenset[str] = frozenset()
    entering: Mapping[str, Root] = field(default_factory=dict)

    def apart(self, one: str, other: str) -> tuple[tuple[str, str], ...] | None:
        """Pairs of names that must differ at the function's entry for two arrays to differ.

        None when they cannot be shown to differ at all; empty when they differ in any case.
        """
        mine, theirs = (self.roots.get(name, frozenset((("entry", name),))) for name in (one, other))
        if any(kind == "unknown" for kind, _ in mine | theirs):
            return None
        together = frozenset((a, b) for a in mine for b in theirs)
        if mine & theirs:
            found = met(self.body, self.bindings, self.otherwise, self.entering, (one, other))
            if found is None:
                return None
            together = found
        entries = ((a, b) for (kind_a, a), (kind_b, b) in together if kind_a == kind_b == "entry")
        return tuple(sorted({(min(pair), max(pair)) for pair in entries}))


def shared_memory(
    function: ast.FunctionDef, resolve: Resolve, callees: Mapping[str, ast.FunctionDef]
) -> Sharing:
    """What :func:`sharing` finds, worked out once for all the loops of a function."""
    return _sharing(function, resolve, frozenset(callees.items()))


@lru_cache(maxsize=64)
def _sharing(
    function: ast.FunctionDef, resolve: Resolve, callees: frozenset[tuple[str, ast.FunctionDef]]
) -> Sharing:
    return sharing(function, resolve, dict(callees))


def sharing(function: ast.FunctionDef, resolve: Resolve, callees: Mapping[str, ast.FunctionDef]) -> Sharing:
    """Follow every binding of a function."""
    made: dict[ast.stmt, list[tuple[str, ast.expr]]] = {}
    other: list[tuple[str, ast.expr]] = []
    lost: set[str] = set()
    for node in own_nodes(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                made[node] = [pair for target in targets for pair in _pairs(target, value)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                made[node] = [(name, value)]
            case ast.For(target=target, iter=source):
                other.extend(_pairs(target, source))
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                other.append((name, value))
            case ast.With() | ast.Try() | ast.Global() | ast.Nonlocal():
                lost.update(
                    inner.id
                    for inner in ast.walk(node)
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
                )
                if isinstance(node, ast.Global | ast.Nonlocal):
                    lost.update(node.names)
    bindings = [*other, *(pair for pairs in made.values() for pair in pairs)]
    roots: dict[str, frozenset[Root]] = {name: frozenset((("entry", name),)) for name in parameters(function)}
    for name in lost:
        roots[name] = frozenset((("unknown", name),))
    entry = dict(roots)
    names = {name for name, _ in bindings}
    while True:
        before = dict(roots)
        for name, value in bindings:
            found = _roots_of(value, roots, names, resolve, callees)
            roots[name] = roots.get(name, entry.get(name, frozenset())) | found
        if roots == before:
            break

    def bound(name: str, value: ast.expr, is_alone: bool) -> Binding:
        if source := handed_on(value):
            return Binding(name, source)
        found = _roots_of(value, roots, set(), resolve, callees)
        is_known = (is_alone and found == {_fresh(value)}) or all(kind == "entry" for kind, _ in found)
        return Binding(name, "", found if is_known else frozenset((("unknown", name),)))

    followed = {
        node: tuple(bound(name, value, sum(each is value for _, each in pairs) == 1) for name, value in pairs)
        for node, pairs in made.items()
    }
    given = {each.source for pairs in followed.values() for each in pairs}
    entering = {name: ("entry", name) for name in {*parameters(function), *given - names}}
    return Sharing(roots, function.body, followed, frozenset(lost.union(name for name, _ in other)), entering)


def _fresh(value: ast.expr) -> Root:
    return "fresh", f"{value.lineno}:{value.col_offset}"


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case (
            ast.Tuple(elts=targets) | ast.List(elts=targets),
            ast.Tuple(elts=values) | ast.List(elts=values),
        ) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from _pairs(one, other)
        case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), _):
            for one in targets:
                yield from _pairs(one, value)
        case ast.Starred(value=inner), _:
            yield from _pairs(inner, value)


def _roots_of(
    value: ast.expr,
    roots: Mapping[str, frozenset[Root]],
    bound: set[str],
    resolve: Resolve,
    callees: Mapping[str, ast.FunctionDef],
) -> frozenset[Root]:
    fresh: frozenset[Root] = frozenset((_fresh(value),))
    unknown: frozenset[Root] = frozenset((("unknown", _fresh(value)[1]),))

    def of(node: ast.expr) -> frozenset[Root]:
        return _roots_of(node, roots, bound, resolve, callees)

    match value:
        case ast.Name(id=name):
            if name in roots:
                return roots[name]
            return frozenset() if name in bound else frozenset((("entry", name),))
        case ast.Attribute(attr="shape" | "size" | "ndim"):
            return fresh
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            return of(inner)
        case ast.IfExp(body=one, orelse=other):
            return of(one) | of(other)
        case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Compare():
            return fresh
        case ast.BoolOp(values=values):
            return frozenset[Root]().union(*(of(inner) for inner in values))
        case ast.Call(func=ast.Attribute(attr="copy"), args=[], keywords=[]):
            return fresh
        case ast.Call(func=ast.Attribute(attr="astype"), args=[_], keywords=[]):
            return fresh
        case ast.Call(func=func, args=arguments, keywords=keywords):
            name = resolve(func)
            if name == "numpy.meshgrid" and all(k.arg == "indexing" for k in keywords):
                return fresh
            if name.startswith(_TRANSFORMS) and all(
                k.arg in ("axis", "axes", "s", "n", "norm") for k in keywords
            ):
                return fresh
            if name == "numpy.array":
                return fresh if not keywords else unknown
            if name in FRESH or name.startswith("math.") or is_elementary(name, value):
                return fresh
            if isinstance(func, ast.Name) and func.id in callees:
                return fresh.union(*(of(argument) for argument in [*arguments, *(k.value for k in keywords)]))
            return unknown
        case _:
            return unknown


_TRANSFORMS = ("numpy.fft.", "scipy.fft.", "scipy.fftpack.")
_ONE = frozenset(
    (
        "sqrt exp expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
        "arctanh abs absolute fabs floor ceil trunc sign square isnan isinf isfinite negative cbrt exp2 "
        "reciprocal deg2rad rad2deg float64 float32 int64 int32 sum max min mean any all argmax argmin"
    ).split()
)
_TWO = frozenset(
    "maximum minimum fmax fmin power arctan2 hypot mod fmod copysign add subtract multiply divide dot".split()
)
_PYTHON = frozenset("abs min max int float bool complex len round pow".split())


def is_elementary(name: str, call: ast.Call) -> bool:
    """Does a call compute a new value from its arguments alone, with no ``out`` among them?"""
    if call.keywords or any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    home, _, last = name.rpartition(".")
    if home == "numpy":
        return len(call.args) == (1 if last in _ONE else 2 if last in _TWO else -1)
    return home == "math" or (home == "builtins" and last in _PYTHON)
