"""What is done with a matrix after it was filled: which format serves it."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.filling import Filling

_CONVERTING = frozenset(("tocsr", "tocsc", "tocoo", "toarray", "todense"))
_ASKING = frozenset(("shape", "ndim", "dot"))
_FACTORISING = frozenset(
    f"scipy.sparse.linalg.{name}" for name in ("spsolve", "splu", "factorized", "spilu", "inv")
)
_TAKING = frozenset(
    f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc", "coo") for kind in ("matrix", "array")
)


def form_after(meaning: Meaning, module: Module, filling: Filling) -> str:
    """The format that the matrix is built in: that of its first conversion, or the one it had."""
    if filling.form in ("csr", "csc"):
        return filling.form
    if filling.used is not None and (form := _rebound(meaning, module, filling.used, filling.path)):
        return form
    known = (filling.creation, *filling.statements)
    wanted = _wanted(meaning, module, filling.path, known, depth=2)
    return wanted or filling.form


def _rebound(meaning: Meaning, module: Module, statement: ast.stmt, path: str) -> str:
    """``csr`` for ``A = A.tocsr()`` or ``A = csr_matrix(A)``."""
    if not isinstance(statement, ast.Assign) or [ast.unparse(one) for one in statement.targets] != [path]:
        return ""
    match statement.value:
        case ast.Call(func=ast.Attribute(value=base, attr=("tocsr" | "tocsc") as method), keywords=[]) if (
            ast.unparse(base) == path
        ):
            return method.removeprefix("to")
        case ast.Call(func=func, args=[argument], keywords=[]) if ast.unparse(argument) == path:
            name = meaning.full(module, func)
            form = name.rpartition(".")[2][:3]
            return form if name in _TAKING and form != "coo" else ""
    return ""


def _wanted(meaning: Meaning, module: Module, path: str, known: Sequence[ast.stmt], depth: int) -> str:
    """The format that serves every mention of a name; empty if one needs what the matrix was.

    Mentions in known statements do not count.
    """
    home = meaning.home(module, known[0])
    forms: set[str] = set()
    for node in _mentions(meaning, module, path, home):
        if any(above in known for above in module.ancestors(node)):
            continue
        form = _served(meaning, module, node, depth)
        if not form:
            return ""
        forms.add(form)
    return "csc" if "csc" in forms else "csr"


def _mentions(meaning: Meaning, module: Module, path: str, home: ast.AST) -> Iterator[ast.expr]:
    """Every place that may mean the matrix; of an attribute, whoever's it is."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and "." in path and node.attr == path.rpartition(".")[2]:
            yield node
        elif isinstance(node, ast.Name) and node.id == path:
            owner = meaning.scope(module, node).resolve(path)
            if owner is not None and owner.node is home:
                yield node


def _served(meaning: Meaning, module: Module, node: ast.expr, depth: int) -> str:
    """The format that one mention is served by as well; ``any`` if it does not matter, empty for none."""
    parent = module.parents.get(node)
    match parent:
        case ast.Attribute(value=value, attr=attr) if value is node:
            if attr in _ASKING:
                return "any"
            call = module.parents.get(parent)
            plain = isinstance(call, ast.Call) and call.func is parent and not call.keywords
            return "any" if plain and attr in _CONVERTING else ""
        case ast.BinOp(op=ast.MatMult(), left=left) if left is node:
            return "any"
        case ast.Call(args=[first, *_], func=func) if first is node:
            name = meaning.full(module, func)
            if name in _FACTORISING:
                return "csc"
            return "any" if name in _TAKING else ""
        case ast.Return() if depth:
            return _returned(meaning, module, node, depth)
        case _:
            return ""


def _returned(meaning: Meaning, module: Module, node: ast.expr, depth: int) -> str:
    """What the callers of a function do with the matrix that it returns."""
    function = next(
        (above for above in module.ancestors(node) if isinstance(above, ast.FunctionDef | ast.Lambda)), None
    )
    if not isinstance(function, ast.FunctionDef):
        return ""
    if isinstance(module.parents.get(function), ast.ClassDef):
        return ""
    forms: set[str] = set()
    for other in meaning.project.modules.values():
        for inner in ast.walk(other.tree):
            if not isinstance(inner, ast.Name | ast.Attribute):
                continue
            name = inner.id if isinstance(inner, ast.Name) else inner.attr
            if name != function.name:
                continue
            call = other.parents.get(inner)
            if not isinstance(call, ast.Call) or call.func is not inner:
                return ""
            form = _call_served(meaning, other, call, depth)
            if not form:
                return ""
            forms.add(form)
    return "csc" if "csc" in forms else "any"


def _call_served(meaning: Meaning, module: Module, call: ast.Call, depth: int) -> str:
    statement = module.parents.get(call)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            home = meaning.home(module, statement)
            bound = [
                node
                for node in ast.walk(home)
                if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Store)
            ]
            later = _next(module, statement)
            if later is not None and (form := _rebound(meaning, module, later, target.id)):
                return form
            return _wanted(meaning, module, target.id, [statement], depth - 1) if len(bound) == 1 else ""
        return ""
    return _served(meaning, module, call, depth - 1)


def _next(module: Module, statement: ast.stmt) -> ast.stmt | None:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(module.parents[statement], name, None)
        if isinstance(block, list) and statement in block:
            place = block.index(statement) + 1
            return block[place] if place < len(block) else None
    return None
