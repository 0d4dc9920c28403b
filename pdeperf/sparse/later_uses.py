"""What is done with a matrix after it was filled: which format serves it."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import own_nodes, uses_of
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.filling import Filling

_CONVERTING = frozenset(("tocsr", "tocsc", "tocoo", "toarray", "todense"))
_ASKING = frozenset(("shape", "ndim", "dot"))
_FACTORISING = frozenset(
    f"scipy.sparse.linalg.{name}" for name in ("spsolve", "splu", "factorized", "spilu", "inv")
)
_READING = frozenset(
    f"scipy.sparse.linalg.{name}"
    for name in "cg cgs gmres bicg bicgstab minres lgmres eigs eigsh lobpcg svds expm_multiply norm".split()
)
_TAKING = frozenset(
    f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc", "coo") for kind in ("matrix", "array")
)

_ROWS = frozenset(f"scipy.sparse.{form}_{kind}" for form in ("lil", "csr") for kind in ("matrix", "array"))


def form_after(meaning: Meaning, module: Module, filling: Filling, others: Sequence[Filling] = ()) -> str:
    """The format that the matrix is built in: that of its first conversion, or the one it had.

    Parameters
    ----------
    others
        What is written anew together with it.
    """
    if filling.form in ("csr", "csc"):
        return filling.form
    if filling.used is not None and (form := _rebound(meaning, module, filling.used, filling.path)):
        return form
    if _is_changed_converted(meaning, module, filling.path):
        return filling.form  # ``A.tocsr()`` is a new matrix only where A has another format
    known = [
        statement
        for one in (filling, *others)
        if one.path == filling.path
        for statement in (one.creation, *one.statements)
    ]
    wanted = _wanted(meaning, module, filling.path, known, depth=3)
    return wanted or filling.form


def _is_changed_converted(meaning: Meaning, module: Module, path: str) -> bool:
    """May what a conversion gives be changed, here or, given back, by somebody else?"""
    own, attr = path.rpartition(".")[::2]
    given_back = own and any(
        isinstance(node, ast.Attribute)
        and node.attr == attr
        and isinstance(call := module.parents.get(module.parents[node]), ast.Call)
        and isinstance(module.parents.get(call), ast.Return)
        for node in ast.walk(module.tree)
    )
    return bool(given_back) or Constancy(meaning).may_be_changed_converted(module, module.tree, attr)


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
    for place, node in _mentions(meaning, module, path, home):
        if any(above in known for above in place.ancestors(node)) or _is_bound(place, node):
            continue
        form = _served(meaning, place, node, depth)
        if not form:
            return ""
        forms.add(form)
    return "csc" if "csc" in forms else "csr"


def _is_bound(module: Module, node: ast.expr) -> bool:
    """Is it an attribute that gets another value, whatever it had?"""
    parent = module.parents.get(node)
    return isinstance(node, ast.Attribute) and isinstance(parent, ast.Assign) and node in parent.targets


def _mentions(
    meaning: Meaning, module: Module, path: str, home: ast.AST
) -> Iterator[tuple[Module, ast.expr]]:
    """Every place that may mean the matrix; of an attribute, whoever's it is, in whatever file."""
    attr = path.rpartition(".")[2]
    if "." in path:
        for place in meaning.project.modules.values():
            for node in ast.walk(place.tree):
                if isinstance(node, ast.Attribute) and node.attr == attr:
                    yield place, node
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == path:
            owner = meaning.scope(module, node).resolve(path)
            if owner is not None and owner.node is home:
                yield module, node


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
        case ast.UnaryOp(op=ast.USub()):
            return _served(meaning, module, parent, depth)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return "any" if _gives_rows(meaning, module, right if left is node else left) else ""
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right) if left is node or isinstance(
            op, ast.Mult
        ):
            is_number = _is_number(meaning, module, right if left is node else left)
            return _served(meaning, module, parent, depth) if is_number else ""
        case ast.Call(args=arguments, func=func) if node in arguments:
            name = meaning.full(module, func)
            if not name and isinstance(func, ast.Name) and meaning.solves(module, parent):
                return "csc" if node is arguments[0] else ""
            if not name and depth:
                return _passed(meaning, module, parent, node, depth)
            if node is not arguments[0]:
                return ""
            if name in _FACTORISING:
                return "csc"
            return "any" if name in _TAKING or name in _READING else ""
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()) if value is node:
            cuts = not isinstance(index, ast.Tuple) or any(isinstance(one, ast.Slice) for one in index.elts)
            return _served(meaning, module, parent, depth) if cuts and isinstance(parent, ast.expr) else ""
        case ast.Assign(targets=[ast.Name(id=name)]) if isinstance(node, ast.Subscript) and depth:
            return (
                _wanted(meaning, module, name, [parent], depth - 1)
                if _is_bound_by(meaning, module, [parent], name)
                else ""
            )
        case ast.Return() if depth:
            return _returned(meaning, module, node, depth, None)
        case ast.Tuple(elts=parts) if depth and isinstance(module.parents.get(parent), ast.Return):
            return _returned(meaning, module, node, depth, parts.index(node))
        case _:
            return ""


def _gives_rows(meaning: Meaning, module: Module, other: ast.expr) -> bool:
    """Is a sum with something in CSR format, as a sum of LIL matrices is: is that in LIL or CSR format?"""
    match other:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _gives_rows(meaning, module, left) and _gives_rows(meaning, module, right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return (_is_number(meaning, module, left) and _gives_rows(meaning, module, right)) or (
                _is_number(meaning, module, right) and _gives_rows(meaning, module, left)
            )
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _is_number(meaning, module, right) and _gives_rows(meaning, module, left)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _gives_rows(meaning, module, operand)
        case ast.Name() | ast.Attribute():
            at = next(above for above in module.ancestors(other) if isinstance(above, ast.stmt))
            kinds = meaning.values(module, at, ast.unparse(other), "type")
            if not kinds and isinstance(other, ast.Name):
                return _is_made_by_rows(meaning, module, other)
            return bool(kinds) and all("sparse" in one and ("lil_" in one or "csr_" in one) for one in kinds)
        case _:
            return False


def _is_made_by_rows(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """Is a name, where nobody looked, that of the one matrix in LIL or CSR format that it is bound to?"""
    bindings = [one for one in uses_of(node.id, module) if not isinstance(one.ctx, ast.Load)]
    owner = meaning.scope(module, node).resolve(node.id)
    if len(bindings) != 1 or owner is None or owner.node is not meaning.home(module, bindings[0]):
        return False
    match module.parents.get(bindings[0]):
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=func)):
            return meaning.full(module, func) in _ROWS
        case _:
            return False


def _is_number(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    """Is a factor surely a number, as far as the run showed?"""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.BinOp(left=left, right=right):
            return _is_number(meaning, module, left) and _is_number(meaning, module, right)
        case ast.UnaryOp(operand=operand):
            return _is_number(meaning, module, operand)
        case ast.Name() | ast.Attribute():
            at = next(above for above in module.ancestors(node) if isinstance(above, ast.stmt))
            home = meaning.home(module, node)
            sites = (at, *(one for one in own_nodes(home) if isinstance(one, ast.For | ast.While)))
            return any(meaning.is_number(module, site, ast.unparse(node)) for site in sites)
        case _:
            return False


def _passed(meaning: Meaning, module: Module, call: ast.Call, node: ast.expr, depth: int) -> str:
    """What a function of the user's does with the matrix that it is given."""
    functions = meaning.called(module, call)
    if not functions or len(functions) != 1:
        return ""
    home, function = functions[0]
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return ""
    forms: set[str] = set()
    for parameter, argument in passed(call, function):
        if argument is not node:
            continue
        if parameter is None or parameter in writes(ast.Module(function.body, [])):
            return ""
        mentions = [one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == parameter]
        if not all(isinstance(one.ctx, ast.Load) for one in mentions):
            return ""
        forms |= {_served(meaning, home, one, depth - 1) for one in mentions}
    return "" if "" in forms or not forms else "csc" if "csc" in forms else "any"


def _is_bound_by(meaning: Meaning, module: Module, statements: Sequence[ast.stmt], name: str) -> bool:
    """Do these statements alone, of one function, bind a name of it?"""
    home = meaning.home(module, statements[0])
    for node in ast.walk(home):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Store):
            continue
        owner = meaning.scope(module, node).resolve(name)
        above = next(one for one in module.ancestors(node) if isinstance(one, ast.stmt))
        if (owner is None or owner.node is home) and above not in statements:
            return False
    return True


def _returned(meaning: Meaning, module: Module, node: ast.expr, depth: int, place: int | None) -> str:
    """What the callers of a function do with the matrix that it returns, alone or at a place of a tuple."""
    function = next(
        (above for above in module.ancestors(node) if isinstance(above, ast.FunctionDef | ast.Lambda)), None
    )
    if not isinstance(function, ast.FunctionDef):
        return ""
    if isinstance(module.parents.get(function), ast.ClassDef):
        return ""
    calls: list[tuple[Module, ast.Call]] = []
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
            calls.append((other, call))
    forms = {_call_served(meaning, other, call, depth, place, calls) for other, call in calls}
    return "" if "" in forms else "csc" if "csc" in forms else "any"


def _call_served(
    meaning: Meaning,
    module: Module,
    call: ast.Call,
    depth: int,
    place: int | None,
    calls: Sequence[tuple[Module, ast.Call]],
) -> str:
    """What is done with one result of a call, one of those that give such matrices."""
    statement = module.parents.get(call)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return _served(meaning, module, call, depth - 1) if place is None else ""
    target = _target_at(statement, place)
    if not isinstance(target, ast.Name):
        return ""
    later = _next(module, statement)
    if later is not None and (form := _rebound(meaning, module, later, target.id)):
        return form
    home = meaning.home(module, statement)
    alike: list[ast.stmt] = []
    for other, one in calls:
        above = other.parents.get(one)
        if (
            not isinstance(above, ast.Assign)
            or other is not module
            or meaning.home(module, above) is not home
        ):
            continue
        bound = _target_at(above, place)
        if isinstance(bound, ast.Name) and bound.id == target.id:
            alike.append(above)
    if not _is_bound_by(meaning, module, alike, target.id):
        return ""
    return _wanted(meaning, module, target.id, alike, depth - 1)


def _target_at(statement: ast.Assign, place: int | None) -> ast.expr | None:
    """What a result is bound to, or what stands at a place of it."""
    match statement.targets:
        case [target] if place is None:
            return target
        case [ast.Tuple(elts=targets)] if (
            place is not None
            and place < len(targets)
            and not any(isinstance(one, ast.Starred) for one in targets)
        ):
            return targets[place]
    return None


def _next(module: Module, statement: ast.stmt) -> ast.stmt | None:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(module.parents[statement], name, None)
        if isinstance(block, list) and statement in block:
            place = block.index(statement) + 1
            return block[place] if place < len(block) else None
    return None
