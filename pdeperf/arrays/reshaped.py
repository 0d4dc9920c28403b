"""Arrays that a function takes out of another: ``u, v = y.reshape(2, n, n)``, ``f, g = np.split(y, 2)``.

Integrators hand a right-hand side its state in one line of numbers. What its first statements make of
that was not seen when the script ran, but it is known from what was: the state, and the sizes.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from pdeperf.kernel.observed import Observed, Seen
from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.scopes import Scope, own_nodes, scope_of

Shape = tuple[int, ...]


def with_reshaped(project: Project, file: str) -> Project:
    """A project in which it counts as seen what the functions of a file take apart."""
    module, observed = project[file], Observed(project)
    rows = [
        row for function in module.all(ast.FunctionDef) for row in _of_function(function, module, observed)
    ]
    return replace(project, observed=(*project.observed, *rows)) if rows else project


def taken_apart(function: ast.FunctionDef, module: Module) -> ast.stmt | None:
    """The last statement of a function that takes an array apart."""
    scope = scope_of(module, function.body[0])
    found = [part for part in function.body if any(_taken(part, module, scope))]
    return found[-1] if found else None


def _of_function(function: ast.FunctionDef, module: Module, observed: Observed) -> Iterator[Measurement]:
    scope = scope_of(module, function.body[0])
    bound = Counter(
        node.id
        for node in own_nodes(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    known: dict[str, tuple[str, Shape]] = {}
    taken = (each for statement in function.body for each in _taken(statement, module, scope))
    for each in taken:
        if any(bound[name] > 1 or observed.look(module, function, name) is not None for name in each.names):
            continue
        source = _array(each.base, known, function, module, observed)
        if source is None:
            continue
        dtype, whole = source
        shape: Shape | None
        if each.sizes is None:
            count = len(each.names)
            shape = (count, whole[0] // count, *whole[1:]) if whole[0] % count == 0 else None
        else:
            shape = _shape(each.sizes, prod(whole), function, module, observed)
        if shape is None or (len(each.names) > 1 and shape[0] != len(each.names)):
            continue
        own = shape if len(each.names) == 1 else shape[1:]
        if not own or not prod(own):
            continue
        where = Span(file=module.file, first=function.lineno, last=function.end_lineno or function.lineno)
        for name in each.names:
            known[name] = dtype, own
            yield from _facts(where, name, dtype, own)


def _facts(where: Span, name: str, dtype: str, shape: Shape) -> Iterator[Measurement]:
    values: Mapping[str, float | str] = {
        "type": "numpy.ndarray",
        "dtype": dtype,
        "ndim": float(len(shape)),
        "shape": "x".join(map(str, shape)),
    }
    for metric, value in values.items():
        yield Measurement(where=where, subject=name, metric=metric, value=value, collector="arguments")


@dataclass(frozen=True, slots=True)
class _Taken:
    """Names, what is taken apart for them, and the shape that it gets; None where it is split evenly."""

    names: tuple[str, ...]
    base: ast.expr
    sizes: Sequence[ast.expr] | None


def _taken(statement: ast.stmt, module: Module, scope: Scope) -> Iterator[_Taken]:
    """What a statement takes apart."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
            targets
        ) == len(values):
            pairs = [([each], value) for each, value in zip(targets, values, strict=True)]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if len(targets) > 1:
            pairs = [(targets, value)]
        case ast.Assign(targets=[target], value=value):
            pairs = [([target], value)]
        case _:
            return
    for group, value in pairs:
        names = tuple(each.id for each in group if isinstance(each, ast.Name))
        if len(names) != len(group) or not isinstance(value, ast.Call):
            continue
        full = qualified(value.func, module, scope)
        match value:
            case ast.Call(args=[base, shape], keywords=[]) if full == "numpy.reshape":
                yield _Taken(names, base, _sizes(shape))
            case ast.Call(args=[base, ast.Constant(value=int(count))], keywords=[]) if (
                full == "numpy.split" and count == len(names) > 1
            ):
                yield _Taken(names, base, None)
            case ast.Call(func=ast.Attribute(value=base, attr="reshape"), args=[shape], keywords=[]) if (
                not full
            ):
                yield _Taken(names, base, _sizes(shape))
            case ast.Call(func=ast.Attribute(value=base, attr="reshape"), args=[_, *_], keywords=[]) if (
                not full
            ):
                yield _Taken(names, base, value.args)


def _sizes(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node]


def _array(
    node: ast.expr,
    known: Mapping[str, tuple[str, Shape]],
    function: ast.FunctionDef,
    module: Module,
    observed: Observed,
) -> tuple[str, Shape] | None:
    """Type and shape of an array, or of places one behind the other in it."""
    match node:
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            seen = observed.look(module, function, name)
            if seen is None or not seen.kind.is_array or not seen.shape or min(seen.shape) < 1:
                return None
            return seen.kind.dtype, seen.shape
        case ast.Subscript(value=inner, slice=ast.Slice(lower=low, upper=high, step=None)):
            whole = _array(inner, known, function, module, observed)
            if whole is None:
                return None
            first = 0 if low is None else _number(low, function, module, observed)
            last = whole[1][0] if high is None else _number(high, function, module, observed)
            if first is None or last is None:
                return None
            count = len(range(*slice(first, last).indices(whole[1][0])))
            return (whole[0], (count, *whole[1][1:])) if count else None
    return None


def _shape(
    nodes: Sequence[ast.expr], size: int, function: ast.FunctionDef, module: Module, observed: Observed
) -> Shape | None:
    """The shape that so many numbers get; None if that is not known."""
    match nodes:
        case [ast.Attribute(value=ast.Name() as name, attr="shape")]:
            other = _look(name, function, module, observed)
            shape = other.shape if other is not None and other.kind.is_array else ()
            return shape if shape and prod(shape) == size else None
    found = [_number(node, function, module, observed) for node in nodes]
    numbers = [each for each in found if each is not None]
    if len(numbers) != len(found) or not numbers or numbers.count(-1) > 1:
        return None
    given = prod(each for each in numbers if each != -1)
    if given < 1 or (-1 in numbers and size % given) or (-1 not in numbers and given != size):
        return None
    return tuple(size // given if each == -1 else each for each in numbers)


def _look(
    node: ast.Name | ast.Attribute, function: ast.FunctionDef, module: Module, observed: Observed
) -> Seen | None:
    """What was seen of a name or path, in the function or wherever it means the same."""
    text = ast.unparse(node)
    seen = observed.look(module, function, text)
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if seen is None and isinstance(root, ast.Name):
        seen = observed.look_elsewhere(module, scope_of(module, function.body[0]), text, root.id)
    return seen


def _number(node: ast.expr, function: ast.FunctionDef, module: Module, observed: Observed) -> int | None:
    """An integer, as it always was."""
    match node:
        case ast.Constant(value=int(value)) if type(value) is int:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand, function, module, observed)
            return -inner if inner is not None else None
        case ast.BinOp(left=left, op=op, right=right):
            one = _number(left, function, module, observed)
            other = _number(right, function, module, observed)
            if one is None or other is None:
                return None
            match op:
                case ast.Add():
                    return one + other
                case ast.Sub():
                    return one - other
                case ast.Mult():
                    return one * other
                case ast.FloorDiv() if other > 0:
                    return one // other
            return None
        case ast.Name() | ast.Attribute():
            seen = _look(node, function, module, observed)
            if seen is None or seen.kind.base not in ("int", "npint"):
                return None
            return int(seen.value) if seen.value.lstrip("-").isdigit() else None
    return None
