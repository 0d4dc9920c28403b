"""Where a sparse matrix is filled entry by entry: from its creation to its first use as a matrix."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.filling import Act, Filling, Problem, Store, mentions
from pdeperf.sparse.gatherable import problem_of
from pdeperf.sparse.index_ranges import indices_of

_FORMATS = ("lil", "dok", "csr", "csc")
_CREATORS = {f"scipy.sparse.{form}_{kind}": (form, kind) for form in _FORMATS for kind in ("matrix", "array")}
_BLOCKS = ("body", "orelse", "finalbody")
_FLOATS = ("float", "float64", "double", "d", "f8", "")
_COMPLEX = ("complex", "complex128", "cdouble", "D", "c16")


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
    made = created(meaning, module, creation.value)
    if made is None:
        return
    path = ast.unparse(target)
    form, kind, shape, start, scalar = made
    statements: list[ast.stmt] = []
    stores: list[Store] = []
    used: ast.stmt | None = None
    reason = ""
    for statement in later:
        if mentions(statement, path):
            found = list(_stores(meaning, module, statement, path))
            reason = _not_only_stores(statement, path, found)
            if reason:
                used = statement
                break
            stores += found
        statements.append(statement)
    while statements and not mentions(statements[-1], path):
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
        kinds = {one.rpartition("_")[2] for one in meaning.values(module, filling.loops[0], path, "type")}
        is_known = len(kinds) == 1 and kinds <= {"matrix", "array"}
        filling = replace(filling, scalar=scalar if is_known else "other", kind=min(kinds, default=""))
    problem = problem_of(meaning, module, filling)
    yield Problem(filling.loops[0].lineno, problem) if problem else filling


def created(
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
        if isinstance(node, ast.Assign) and (summand := _summand(node)) is not None:
            act, (negative, value) = Act.ADD, summand
        if mentions(value, path) or (len(targets) > 1 and not _can_repeat(meaning, module, value)):
            continue
        found = [_target(meaning, module, target, path, act, value) for target in targets]
        if all(found):
            loops = _loops(module, node, statement)
            for one in found:
                assert one is not None
                yield Store(node, one[0], one[1], one[2], value, negative, loops, one[3])


def _summand(statement: ast.Assign) -> tuple[bool, ast.expr] | None:
    """Whether ``A[i, j] = A[i, j] + value`` subtracts, and the value; None of any other statement."""
    match statement:
        case ast.Assign(
            targets=[ast.Subscript() as target],
            value=ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right),
        ):
            place = ast.unparse(target)
            if ast.unparse(left) == place and _is_entry(target.slice):
                return isinstance(op, ast.Sub), right
            if ast.unparse(right) == place and isinstance(op, ast.Add) and _is_entry(target.slice):
                return False, left
    return None


def _is_entry(index: ast.expr) -> bool:
    """Is it two indices that can be computed twice, not a part of the matrix?"""
    plain = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Subscript, ast.Tuple)
    more = (ast.operator, ast.unaryop, ast.expr_context)
    is_pair = isinstance(index, ast.Tuple) and len(index.elts) == 2
    return is_pair and all(isinstance(one, (*plain, *more)) for one in ast.walk(index))


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
    if mentions(index, path):
        return None
    match index:
        case ast.Call(func=func, args=[rows, columns], keywords=[]) if (
            meaning.full(module, func) == "numpy.ix_"
        ):
            return act, rows, columns, True
        case ast.Tuple(elts=[row, column]) if isinstance(column, ast.Slice) and not _clears(act, value):
            several = indices_of(row) if isinstance(row, ast.Slice) else ast.List([row], ast.Load())
            places = indices_of(column)
            return (act, several, places, True) if several is not None and places is not None else None
    found = _entry(index, act, value)
    return (*found, False) if found is not None else None


def _entry(index: ast.expr, act: Act, value: ast.expr) -> tuple[Act, ast.expr | None, ast.expr | None] | None:
    """What an index stands for: an entry, a row or a column."""
    clears = _clears(act, value)
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


def _clears(act: Act, value: ast.expr) -> bool:
    return (
        act is Act.SET and isinstance(value, ast.Constant) and value.value == 0 and value.value is not False
    )


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
    twice = sum(
        isinstance(store.statement, ast.Assign) and _summand(store.statement) is not None for store in found
    )
    if _mentions_count(statement, path) == len(found) + twice:
        return ""
    known = {id(store.statement) for store in found}
    for node in ast.walk(statement):
        if (
            isinstance(node, ast.stmt)
            and id(node) not in known
            and not hasattr(node, "body")
            and mentions(node, path)
        ):
            return f"line {node.lineno} does more with it: `{ast.unparse(node)[:60]}`"
    return f"line {statement.lineno} does more with it"


def stored_paths(statement: ast.stmt) -> Iterator[str]:
    """What a statement stores entries into: ``self.K`` of ``self.K[i, j] += value``."""
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(value=ast.Name() | ast.Attribute() as value, ctx=ast.Store() | ast.Del()):
                yield ast.unparse(value)


def _has_store_in_loop(statement: ast.stmt, path: str) -> bool:
    return isinstance(statement, ast.For | ast.While) and any(
        isinstance(node, ast.Subscript)
        and not isinstance(node.ctx, ast.Load)
        and ast.unparse(node.value) == path
        for node in ast.walk(statement)
    )
