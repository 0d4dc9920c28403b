"""Where a sparse matrix is filled entry by entry: from its creation to its first use as a matrix."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, own_nodes

_FORMATS = ("lil", "dok", "csr", "csc")
_CREATORS = {f"scipy.sparse.{form}_{kind}": (form, kind) for form in _FORMATS for kind in ("matrix", "array")}
_BLOCKS = ("body", "orelse", "finalbody")
_FLOATS = ("float", "float64", "double", "d", "f8", "")
_COMPLEX = ("complex", "complex128", "cdouble", "D", "c16")


class Act(IntEnum):
    """What one store does; the numbers are those of the written code."""

    SET = 0
    ADD = 1
    CLEAR_ROW = 2
    CLEAR_COLUMN = 3


@dataclass(frozen=True, slots=True)
class Store:
    """What a statement does to an entry, to a row, to a column or to a block.

    Attributes
    ----------
    row, column
        None where all are meant.
    negative
        The value is subtracted.
    loops
        The loops around it within the filled region, the outermost first.
    block
        It is ``A[np.ix_(rows, columns)]``.
    """

    statement: ast.stmt
    act: Act
    row: ast.expr | None
    column: ast.expr | None
    value: ast.expr
    negative: bool
    loops: tuple[ast.For | ast.While, ...]
    block: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """One matrix from its creation to its first other use.

    Attributes
    ----------
    path
        The matrix as the source names it, ``A`` or ``self.K``.
    form, kind
        ``lil`` and ``matrix`` for ``lil_matrix``.
    shape, start
        What it is created from: a shape, or another matrix.
    scalar
        ``float`` or ``complex``.
    statements
        The statements after the creation, up to the last that only stores.
    used
        The first statement that uses the matrix otherwise; None if the block has none.
    """

    creation: ast.Assign
    path: str
    form: str
    kind: str
    shape: ast.expr | None
    start: ast.expr | None
    scalar: str
    statements: tuple[ast.stmt, ...]
    stores: tuple[Store, ...]
    used: ast.stmt | None

    @property
    def loops(self) -> tuple[ast.stmt, ...]:
        """The outermost loops that store."""
        return tuple(dict.fromkeys(store.loops[0] for store in self.stores if store.loops))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a matrix that is filled entry by entry is left alone."""

    line: int
    reason: str


def fillings(meaning: Meaning, module: Module) -> Iterator[Filling | Problem]:
    """Every matrix of a file that loops fill entry by entry."""
    for node in ast.walk(module.tree):
        for name in _BLOCKS:
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            for position, statement in enumerate(block):
                if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                    yield from _filled(meaning, module, statement, block[position + 1 :])


def _filled(
    meaning: Meaning, module: Module, creation: ast.Assign, later: Sequence[ast.stmt]
) -> Iterator[Filling | Problem]:
    target = creation.targets[0]
    if not isinstance(target, ast.Name | ast.Attribute):
        return
    created = _created(meaning, module, creation.value)
    if created is None:
        return
    path = ast.unparse(target)
    form, kind, shape, start, scalar = created
    statements: list[ast.stmt] = []
    stores: list[Store] = []
    used: ast.stmt | None = None
    reason = ""
    for statement in later:
        if _mentions(statement, path):
            found = list(_stores(meaning, module, statement, path))
            reason = _not_only_stores(statement, path, found)
            if reason:
                used = statement
                break
            stores += found
        statements.append(statement)
    while statements and not _mentions(statements[-1], path):
        statements.pop()
    filling = Filling(
        creation, path, form, kind, shape, start, scalar, tuple(statements), tuple(stores), used
    )
    if not filling.loops:
        if used is not None and reason and _has_store_in_loop(used, path):
            yield Problem(used.lineno, f"`{path}` is filled entry by entry, but {reason}")
        return
    if filling.start is not None:
        seen = meaning.values(module, filling.loops[0], path, "dtype")
        scalar = (
            {"float64": "float", "complex128": "complex"}.get(next(iter(seen)), "other")
            if len(seen) == 1
            else "other"
        )
        filling = replace(filling, scalar=scalar)
    problem = _problem(meaning, module, filling)
    yield Problem(filling.loops[0].lineno, problem) if problem else filling


def _created(
    meaning: Meaning, module: Module, value: ast.expr
) -> tuple[str, str, ast.expr | None, ast.expr | None, str] | None:
    """Format, kind, shape, other matrix and type of the numbers of a new matrix."""
    match value:
        case ast.Call(func=ast.Attribute(value=start, attr=("tolil" | "todok") as method), args=[]):
            if value.keywords or meaning.full(module, value.func):
                return None
            return method.removeprefix("to"), "", None, start, ""
        case ast.Call(func=func, args=[shape], keywords=keywords) if (
            not isinstance(func, ast.Attribute) or f"scipy.sparse.{func.attr}" in _CREATORS
        ):
            name = meaning.full(module, func)
            if name not in _CREATORS or any(keyword.arg != "dtype" for keyword in keywords):
                return None
            is_shape = isinstance(shape, ast.Tuple) or (
                isinstance(shape, ast.Attribute) and shape.attr == "shape"
            )
            scalar = _scalar(keywords[0].value) if keywords else "float"
            if not is_shape or (isinstance(shape, ast.Tuple) and len(shape.elts) != 2):
                return None
            return (*_CREATORS[name], shape, None, scalar)
        case _:
            return None


def _scalar(dtype: ast.expr) -> str:
    text = dtype.value if isinstance(dtype, ast.Constant) else ast.unparse(dtype).rpartition(".")[2]
    if text in _FLOATS or text is None:
        return "float"
    return "complex" if text in _COMPLEX else "other"


def _mentions(node: ast.AST, path: str) -> bool:
    return any(
        isinstance(inner, ast.Name | ast.Attribute) and ast.unparse(inner) == path for inner in ast.walk(node)
    )


def _mentions_count(node: ast.AST, path: str) -> int:
    return sum(
        isinstance(inner, ast.Name | ast.Attribute) and ast.unparse(inner) == path for inner in ast.walk(node)
    )


def _stores(meaning: Meaning, module: Module, statement: ast.stmt, path: str) -> Iterator[Store]:
    for node in ast.walk(statement):
        negative = False
        match node:
            case ast.Assign(targets=targets, value=value):
                act = Act.SET
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as op, value=value):
                act, negative, targets = Act.ADD, isinstance(op, ast.Sub), [target]
            case _:
                continue
        if _mentions(value, path) or (len(targets) > 1 and not _can_repeat(meaning, module, value)):
            continue
        found = [_target(meaning, module, target, path, act, value) for target in targets]
        if all(found):
            loops = _loops(module, node, statement)
            for one in found:
                assert one is not None
                yield Store(node, one[0], one[1], one[2], value, negative, loops, one[3])


def _can_repeat(meaning: Meaning, module: Module, value: ast.expr) -> bool:
    """May a value be computed again for the next target of ``A[i, j] = A[j, i] = value``?"""
    calls = (node for node in ast.walk(value) if isinstance(node, ast.Call))
    return all(meaning.is_pure(module, call) for call in calls)


def _target(
    meaning: Meaning, module: Module, target: ast.expr, path: str, act: Act, value: ast.expr
) -> tuple[Act, ast.expr | None, ast.expr | None, bool] | None:
    if not isinstance(target, ast.Subscript) or ast.unparse(target.value) != path:
        return None
    index = target.slice
    if _mentions(index, path):
        return None
    match index:
        case ast.Call(func=func, args=[rows, columns], keywords=[]) if (
            meaning.full(module, func) == "numpy.ix_"
        ):
            return act, rows, columns, True
    found = _entry(index, act, value)
    return (*found, False) if found is not None else None


def _entry(index: ast.expr, act: Act, value: ast.expr) -> tuple[Act, ast.expr | None, ast.expr | None] | None:
    """What an index stands for: an entry, a row or a column."""
    clears = (
        act is Act.SET and isinstance(value, ast.Constant) and value.value == 0 and value.value is not False
    )
    match index:
        case ast.Tuple(elts=[ast.Slice() as whole, column]) if clears and _is_whole(whole):
            return None if isinstance(column, ast.Slice) else (Act.CLEAR_COLUMN, None, column)
        case ast.Tuple(elts=[row, ast.Slice() as whole]) if clears and _is_whole(whole):
            return Act.CLEAR_ROW, row, None
        case ast.Tuple(elts=[row, column]) if not any(
            isinstance(part, ast.Slice | ast.Starred) for part in (row, column)
        ):
            return act, row, column
        case _:
            return None


def _is_whole(part: ast.Slice) -> bool:
    return part.lower is None and part.upper is None and part.step is None


def _loops(module: Module, node: ast.AST, top: ast.stmt) -> tuple[ast.For | ast.While, ...]:
    found: list[ast.For | ast.While] = []
    for above in (node, *module.ancestors(node)):
        if isinstance(above, ast.For | ast.While):
            found.append(above)
        if above is top:
            break
    return tuple(reversed(found))


def _not_only_stores(statement: ast.stmt, path: str, found: list[Store]) -> str:
    if _mentions_count(statement, path) == len(found):
        return ""
    known = {id(store.statement) for store in found}
    for node in ast.walk(statement):
        if (
            isinstance(node, ast.stmt)
            and id(node) not in known
            and not hasattr(node, "body")
            and _mentions(node, path)
        ):
            return f"line {node.lineno} does more with it: `{ast.unparse(node)[:60]}`"
    return f"line {statement.lineno} does more with it"


def _has_store_in_loop(statement: ast.stmt, path: str) -> bool:
    return isinstance(statement, ast.For | ast.While) and any(
        isinstance(node, ast.Subscript)
        and not isinstance(node.ctx, ast.Load)
        and ast.unparse(node.value) == path
        for node in ast.walk(statement)
    )


def _problem(meaning: Meaning, module: Module, filling: Filling) -> str:
    """Why the stores cannot be gathered; empty if they can."""
    path = filling.path
    if filling.scalar == "other":
        return f"`{path}` holds neither float64 nor complex128 numbers"
    clears = any(store.act in (Act.CLEAR_ROW, Act.CLEAR_COLUMN) for store in filling.stores)
    if clears and filling.form in ("csr", "csc"):
        return f"clearing a row of a {filling.form.upper()} matrix stores zeros"
    for statement in filling.statements:
        for node in (statement, *own_nodes(statement)):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Await):
                return f"line {node.lineno} leaves the function while `{path}` is filled"
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and _mentions(node, path):
                return f"a function sees `{path}` while it is filled"
    if any(isinstance(above, ast.Try) for above in module.ancestors(filling.creation)):
        return f"`{path}` is filled in a `try` block"
    if not owns_lines(module, [filling.creation]):
        return "the creation shares its line with another statement"
    for store in filling.stores:
        if store.block:
            continue
        for index in (store.row, store.column):
            if index is not None and not _is_scalar(meaning, module, store.statement, index):
                return f"line {store.statement.lineno}: `{ast.unparse(index)}` may be more than one index"
    seen = _seen_by(meaning, module, filling)
    return f"`{seen}` is called while `{path}` is filled, and may see it" if seen else ""


def _is_scalar(meaning: Meaning, module: Module, at: ast.stmt, node: ast.expr) -> bool:
    """Is an index surely one integer, as far as the run showed?"""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.BinOp(left=left, right=right, op=op):
            return not isinstance(op, ast.Div) and all(
                _is_scalar(meaning, module, at, part) for part in (left, right)
            )
        case ast.UnaryOp(operand=operand):
            return _is_scalar(meaning, module, at, operand)
        case ast.Name() | ast.Attribute():
            text = ast.unparse(node)
            return any(
                meaning.is_number(module, site, text) for site in _sites(meaning, module, at)
            ) and not any(meaning.is_array(module, site, text) for site in _sites(meaning, module, at))
        case ast.Subscript(value=base, slice=index):
            return _is_element(meaning, module, at, base, index)
        case ast.Call(func=func, args=arguments):
            plain = not node.keywords and all(
                _is_scalar(meaning, module, at, argument) for argument in arguments
            )
            name = meaning.full(module, func)
            return plain and (name in ("builtins.int", "builtins.min", "builtins.max") or not name)
        case _:
            return False


def _sites(meaning: Meaning, module: Module, at: ast.stmt) -> Iterator[ast.stmt]:
    """Where the names of a statement were looked at: there, or at another loop of its function."""
    yield at
    home = meaning.home(module, at)
    yield from (node for node in own_nodes(home) if isinstance(node, ast.For | ast.While))


def _is_element(meaning: Meaning, module: Module, at: ast.stmt, base: ast.expr, index: ast.expr) -> bool:
    if isinstance(base, ast.Subscript):
        inner = ast.unparse(base.value)
        kinds = meaning.values(module, at, inner, "type")
        nested = bool(kinds) and all(
            kind.startswith(("list[list[", "list[tuple[", "tuple[tuple[")) for kind in kinds
        )
        deep = meaning.values(module, at, inner, "ndim") == {"2.0"} and not isinstance(base.slice, ast.Tuple)
        return (nested or deep) and all(_is_scalar(meaning, module, at, part) for part in (base.slice, index))
    name = ast.unparse(base)
    kinds = meaning.values(module, at, name, "type")
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if kinds == {"dict"} or (kinds and all(kind.startswith("dict[") for kind in kinds)):
        return all(_is_scalar(meaning, module, at, part) for part in parts)
    if any(isinstance(part, ast.Slice) or not _is_scalar(meaning, module, at, part) for part in parts):
        return False
    if kinds and all(kind.startswith(("list[", "tuple")) and "list" not in kind[5:] for kind in kinds):
        return len(parts) == 1
    dimensions = meaning.values(module, at, name, "ndim")
    return kinds == {"numpy.ndarray"} and dimensions == {str(float(len(parts)))}


def _seen_by(meaning: Meaning, module: Module, filling: Filling) -> str:
    """A function of the user's that runs while the matrix is filled and that names it."""
    attribute = filling.path.rpartition(".")[2]
    pending = [
        node
        for statement in filling.statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name | ast.Attribute)
    ]
    done: set[str] = set()
    while pending:
        node = pending.pop()
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in done or name not in meaning.functions:
            continue
        done.add(name)
        for home, function in meaning.functions[name]:
            inside = [inner for inner in ast.walk(function) if isinstance(inner, ast.Name | ast.Attribute)]
            for inner in inside:
                if isinstance(inner, ast.Attribute) and inner.attr == attribute and "." in filling.path:
                    return name
                if (
                    isinstance(inner, ast.Name)
                    and inner.id == filling.path
                    and filling.path not in meaning.scope(home, function).binds
                ):
                    return name
            pending += inside
    return ""
