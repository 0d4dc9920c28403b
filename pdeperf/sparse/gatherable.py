"""Whether the stores into a matrix can be gathered: what stands against it."""

import ast
import itertools
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.filling import Act, Filling, mentions


def problem_of(meaning: Meaning, module: Module, filling: Filling) -> str:
    """Why the stores cannot be gathered; empty if they can."""
    path = filling.path
    if filling.scalar == "other":
        return f"`{path}` holds neither float64 nor complex128 numbers"
    clears = any(store.act in (Act.CLEAR_ROW, Act.CLEAR_COLUMN) for store in filling.stores)
    if clears and filling.form in ("csr", "csc"):
        return f"clearing a row of a {filling.form.upper()} matrix stores zeros"
    for statement in filling.statements:
        inside = [] if isinstance(statement, (*FUNCTIONS, ast.ClassDef)) else own_nodes(statement)
        for node in (statement, *inside):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Await):
                return f"line {node.lineno} leaves the function while `{path}` is filled"
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and mentions(node, path):
                return f"a function sees `{path}` while it is filled"
    if any(isinstance(above, ast.Try) for above in module.ancestors(filling.creation)):
        return f"`{path}` is filled in a `try` block"
    if not owns_lines(module, [filling.creation]):
        return "the creation shares its line with another statement"
    for store in filling.stores:
        if store.block:
            continue
        for index in (store.row, store.column):
            if index is not None and not is_scalar(meaning, module, store.statement, index):
                return f"line {store.statement.lineno}: `{ast.unparse(index)}` may be more than one index"
    seen = _seen_by(meaning, module, filling)
    return f"`{seen}` is called while `{path}` is filled, and may see it" if seen else ""


def is_scalar(meaning: Meaning, module: Module, at: ast.stmt, node: ast.expr) -> bool:
    """Is an index surely one integer, as far as the run showed?"""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.BinOp(left=left, right=right, op=op):
            return not isinstance(op, ast.Div) and all(
                is_scalar(meaning, module, at, part) for part in (left, right)
            )
        case ast.UnaryOp(operand=operand):
            return is_scalar(meaning, module, at, operand)
        case ast.Name() | ast.Attribute():
            text = ast.unparse(node)
            for sites in (_around(module, at), list(_sites(meaning, module, at))):
                if any(meaning.is_array(module, site, text) for site in sites):
                    return False
                if any(meaning.is_number(module, site, text) for site in sites):
                    return True
            return isinstance(node, ast.Name) and _is_bound_to_scalar(meaning, module, node)
        case ast.Subscript(value=base, slice=index):
            return _is_element(meaning, module, at, base, index)
        case ast.Call(func=func, args=arguments):
            plain = not node.keywords and all(
                is_scalar(meaning, module, at, argument) for argument in arguments
            )
            name = meaning.full(module, func)
            return plain and (name in ("builtins.int", "builtins.min", "builtins.max") or not name)
        case _:
            return False


def _is_bound_to_scalar(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """Is a name bound once, in a statement of its own, to what is surely one integer?"""
    owner = meaning.scope(module, node).resolve(node.id)
    if owner is None:
        return False
    stores = [
        inner
        for inner in own_nodes(owner.node)
        if isinstance(inner, ast.Name) and inner.id == node.id and not isinstance(inner.ctx, ast.Load)
    ]
    if len(stores) != 1:
        return False
    match module.parents.get(stores[0]):
        case ast.Assign(targets=[ast.Name()], value=ast.expr() as value) as bound:
            named = {inner.id for inner in ast.walk(value) if isinstance(inner, ast.Name)}
            return node.id not in named and is_scalar(meaning, module, bound, value)
    return False


def _around(module: Module, at: ast.stmt) -> list[ast.stmt]:
    """A statement and the loops around it, within its function: a script uses its names again elsewhere."""
    above = itertools.takewhile(
        lambda one: not isinstance(one, (*FUNCTIONS, ast.ClassDef)), module.ancestors(at)
    )
    return [at, *(one for one in above if isinstance(one, ast.For | ast.While))]


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
        return (nested or deep) and all(is_scalar(meaning, module, at, part) for part in (base.slice, index))
    name = ast.unparse(base)
    kinds = meaning.values(module, at, name, "type")
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if kinds == {"dict"} or (kinds and all(kind.startswith("dict[") for kind in kinds)):
        keys = meaning.values(module, at, ast.unparse(index), "type")
        is_tuple = bool(keys) and all(kind.startswith("tuple[") for kind in keys)
        return is_tuple or all(is_scalar(meaning, module, at, part) for part in parts)
    if any(isinstance(part, ast.Slice) or not is_scalar(meaning, module, at, part) for part in parts):
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
