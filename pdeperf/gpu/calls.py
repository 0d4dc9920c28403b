"""Statements that CuPy's own functions can do: transforms, linear algebra, what is not lifted."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from pdeperf.arrays.paths import is_path
from pdeperf.gpu.algebra import solve_of
from pdeperf.gpu.names import GpuNames
from pdeperf.gpu.words import At, Checked, is_basic, numbers_read, on_device

_NUMBERS = {"float": "float", "npfloat": "float", "int": "int", "npint": "int", "complex": "complex"}


@dataclass(frozen=True, slots=True)
class DeviceCall:
    """A statement in CuPy's words.

    Attributes
    ----------
    arrays
        Arrays that it reads or binds: element type and dimensions.
    binds
        Array names that it binds.
    text
        Given what holds each array on the GPU.
    passed
        Names that get other names' arrays, and these: all that it does.
    changes
        Arrays in which it changes cells.
    matrices
        Sparse matrices that it multiplies or solves with.
    reads
        Those of the arrays that it binds and reads before.
    is_heavy
        A library's function does more there than to go over its arrays.
    is_view
        What it binds may be part of an array that it reads.
    """

    arrays: dict[str, tuple[str, int]]
    binds: frozenset[str]
    text: Callable[[At], list[str]]
    exact: bool = True
    passed: tuple[tuple[str, str], ...] = ()
    changes: frozenset[str] = frozenset()
    matrices: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    is_heavy: bool = False
    is_view: bool = False

    @property
    def is_alias(self) -> bool:
        """Does it only give arrays other names?"""
        return bool(self.passed)


def as_device_call(statement: ast.stmt, names: GpuNames, known: frozenset[str]) -> DeviceCall | None:
    """How CuPy does an assignment; None if it does not, or no array on the GPU is concerned."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            return _alias(targets, values, names, known)
        case ast.Assign(targets=[target], value=value) if is_path(target) and is_path(value):
            return _alias([target], [value], names, known)
        case ast.Assign(targets=[ast.Tuple()]):
            return _solve(statement, names)
        case ast.Assign(targets=[target], value=value) if is_path(target):
            pass
        case ast.AugAssign(target=target) if is_path(target):
            return _changed(statement, target, names, known)
        case ast.Assign(targets=[ast.Subscript() as place], value=value):
            return _store(statement, place, value, names, known)
        case ast.AugAssign(
            target=ast.Subscript() as place, op=ast.Add() | ast.Sub() | ast.Mult(), value=value
        ):
            return _store(statement, place, value, names, known)
        case _:
            return None
    checked = Checked(names)
    if not checked.covers(value) or not checked.calls:
        return None
    if not checked.is_heavy and not any(name in known for name in checked.arrays):
        return None
    bound = ast.unparse(target)
    kind = names._kind(target)
    if kind.is_array:
        arrays = {**checked.arrays, bound: (kind.dtype, kind.ndim)}
        text = _bound_text(bound, value, names)
        return DeviceCall(
            arrays,
            frozenset((bound,)),
            text,
            checked.exact,
            matrices=frozenset(checked.matrices),
            reads=frozenset(checked.arrays),
            is_heavy=checked.is_heavy,
            is_view=_is_view(value),
        )
    if kind.base in _NUMBERS:
        number = _NUMBERS[kind.base]

        def made(at: At) -> list[str]:
            changed, _ = numbers_read(statement, names, frozenset(checked.arrays), at) or (statement, False)
            if not any(isinstance(part, ast.expr) and names.is_array(part) for part in ast.walk(changed)):
                return ast.unparse(ast.fix_missing_locations(changed)).splitlines()
            return [f"{bound} = {number}({on_device(value, names, at)})"]

        return DeviceCall(
            dict(checked.arrays), frozenset(), made, checked.exact, matrices=frozenset(checked.matrices)
        )
    return None


def _is_view(value: ast.expr) -> bool:
    """May an expression stand for the memory of an array that it reads?"""
    match value:
        case ast.Subscript() | ast.Attribute():
            return True
        case ast.Call(func=ast.Attribute(attr=attr)) | ast.Call(func=ast.Name(id=attr)):
            return attr in ("reshape", "ravel", "transpose", "real", "imag", "conj", "conjugate")
    return False


def _solve(statement: ast.stmt, names: GpuNames) -> DeviceCall | None:
    """A Krylov solve."""
    found = solve_of(statement, names)
    if found is None:
        return None
    (solution, info), call, name = found
    checked = Checked(names)
    vectors = [call.args[1], *(each.value for each in call.keywords)]
    if not all(map(checked.covers, vectors)) or not names._kind(solution).is_array:
        return None
    bound, right = ast.unparse(solution), ast.unparse(call.args[1])
    kind = names._kind(solution)

    def text(at: At) -> list[str]:
        given = ", ".join(
            [
                *(on_device(each, names, at) for each in call.args),
                *(f"{each.arg}={on_device(each.value, names, at)}" for each in call.keywords),
            ]
        )
        solver = f"cupyx.scipy.sparse.linalg.{name.rpartition('.')[2]}"
        lines = [f"{at(bound)}, {ast.unparse(info)} = {solver}({given})"]
        if right in checked.arrays and right != bound:  # of zeros, CuPy gives these back themselves
            lines += [f"if {at(bound)} is {at(right)}:", f"    {at(bound)} = {at(right)}.copy()"]
        return lines

    return DeviceCall(
        {**checked.arrays, bound: (kind.dtype, kind.ndim)},
        frozenset((bound,)),
        text,
        exact=False,
        matrices=frozenset((ast.unparse(call.args[0]), *checked.matrices)),
        reads=frozenset(checked.arrays),
    )


def _changed(
    statement: ast.AugAssign, target: ast.expr, names: GpuNames, known: frozenset[str]
) -> DeviceCall | None:
    """``r -= A @ p``: an array changed where it is."""
    name = ast.unparse(target)
    checked = Checked(names)
    if name not in known or not isinstance(statement.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        return None
    if not checked.covers(target) or not checked.covers(statement.value) or not checked.calls:
        return None
    if any(dtype != names._kind(target).dtype for dtype, _ in checked.arrays.values()):
        return None

    def text(at: At) -> list[str]:
        return [on_device(statement, names, at)]

    return DeviceCall(
        dict(checked.arrays),
        frozenset(),
        text,
        checked.exact,
        changes=frozenset((name,)),
        matrices=frozenset(checked.matrices),
    )


def device_work(statement: ast.stmt, names: GpuNames) -> bool:
    """Can CuPy do it, or is it about numbers only?"""
    if as_device_call(statement, names, EVERY) is not None:
        return True
    if not _touches_arrays(statement, names):
        return True
    match statement:
        case ast.Assign(targets=[ast.Name()], value=value) | ast.AugAssign(target=ast.Name(), value=value):
            is_object = is_path(value) and not names.is_array(value)
            return is_object or names.kind_of(value).is_scalar
    return isinstance(statement, ast.Pass)


def _touches_arrays(statement: ast.stmt, names: GpuNames) -> bool:
    """May a statement have to do with arrays, itself or through a function of the user's?"""
    for node in ast.walk(statement):
        if isinstance(node, ast.expr) and names.is_array(node):
            return True
        if isinstance(node, ast.Call) and not names.called(node.func).startswith(
            ("numpy.", "math.", "builtins.")
        ):
            return True
        if isinstance(node, ast.Return | ast.Break | ast.Continue | ast.FunctionDef | ast.With | ast.Try):
            return True
    return False


class _Every(frozenset[str]):
    """Has every name in it."""

    def __contains__(self, name: object) -> bool:
        return True


EVERY = _Every()


def _alias(
    targets: list[ast.expr], values: list[ast.expr], names: GpuNames, known: frozenset[str]
) -> DeviceCall | None:
    """``u, un = un, u`` and ``u = un``: names exchanged on the GPU as on the host."""
    if len(targets) != len(values) or not all(is_path(each) for each in (*targets, *values)):
        return None
    kinds = [names._kind(each) for each in (*targets, *values)]
    sources = [ast.unparse(each) for each in values]
    if not all(kind.is_array for kind in kinds) or not all(name in known for name in sources):
        return None
    bound = [ast.unparse(each) for each in targets]
    arrays = {name: (kind.dtype, kind.ndim) for name, kind in zip([*bound, *sources], kinds, strict=True)}

    def text(at: At) -> list[str]:
        return [f"{', '.join(map(at, bound))} = {', '.join(map(at, sources))}"]

    return DeviceCall(arrays, frozenset(bound), text, passed=tuple(zip(bound, sources, strict=True)))


def _store(
    statement: ast.stmt, place: ast.Subscript, value: ast.expr, names: GpuNames, known: frozenset[str]
) -> DeviceCall | None:
    """``u[0, :] = 1.0`` and ``u[i, j] += source(t)``: a few cells set where the array is."""
    if not is_path(place.value) or ast.unparse(place.value) not in known:
        return None
    checked = Checked(names)
    if not checked.covers(place.value) or not is_basic(place.slice, names):
        return None
    if _has_arrays(value, names) and not checked.covers(value):
        return None
    if not _has_arrays(value, names) and not names.kind_of(value).is_scalar:
        return None
    name = ast.unparse(place.value)
    floats = ("float64", "float32", "complex128")
    if names._kind(place.value).dtype not in floats and names.kind_of(value).base not in ("int", "bool"):
        return None  # what nan becomes as an integer is each machine's own
    if any(isinstance(node, ast.Call) for node in ast.walk(value)) and checked.arrays.keys() - {name}:
        return None

    def text(at: At) -> list[str]:
        return [on_device(statement, names, at)]

    return DeviceCall(dict(checked.arrays), frozenset(), text, checked.exact, changes=frozenset((name,)))


def _has_arrays(value: ast.expr, names: GpuNames) -> bool:
    return any(names.is_array(node) for node in ast.walk(value) if isinstance(node, ast.expr))


def _bound_text(bound: str, value: ast.expr, names: GpuNames) -> Callable[[At], list[str]]:
    def text(at: At) -> list[str]:
        return [f"{at(bound)} = cp.ascontiguousarray({on_device(value, names, at)})"]

    return text
