"""Whether statements that build matrices may run less often, or earlier."""

import ast
from collections.abc import Sequence

from pdeperf.lifetimes.sharing import CAPTURED
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import bound_before, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.building import is_computed_number
from pdeperf.sparse.constancy import PARTS, Constancy
from pdeperf.sparse.dependencies import Impure, hidden_reads
from pdeperf.sparse.multiplied import matrices_in
from pdeperf.sparse.solves import Loop

_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Raise, ast.Try, ast.With)


def can_be_before(
    constancy: Constancy,
    module: Module,
    loop: Loop,
    statements: Sequence[ast.stmt],
    results: Sequence[str],
    keys: Sequence[str],
    made: frozenset[str],
) -> bool:
    """Can all of it stand before the loop?"""
    rest = [one for one in loop.body if one not in statements]
    written = frozenset[str]().union(*(writes(one) for one in rest)) | (
        writes(loop.target) if isinstance(loop, ast.For) else reads(loop.test)
    )
    if not made or not owns_lines(module, [loop]) or made & (reach(rest).exposed - frozenset(results)):
        return False
    if set(results) & (written | reach(loop.body).exposed) or made & constancy.changes.outside:
        return False
    home = constancy.meaning.home(module, loop)
    inside = {id(node) for one in statements for node in ast.walk(one)}
    stored = {
        node.id
        for node in own_nodes(home)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in inside
    }
    if set(results) & stored:
        return False  # a loop that does not run leaves what was there
    early = loop.body[: loop.body.index(statements[-1])]
    try:
        seen = _hidden(constancy, module, [node for one in early for node in ast.walk(one)])
    except Impure:
        seen = made if any(_is_read(constancy, module, home, name) for name in made) else frozenset()
    if seen & made:
        return False
    nodes = [node for key in keys for node in ast.walk(ast.parse(key))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)} - {"len"}
    parts = {f".{node.attr}" for node in nodes if isinstance(node, ast.Attribute)}
    known = bound_before(constancy.meaning.home(module, loop), loop)
    scope = constancy.meaning.scope(module, loop)
    return all(
        not constancy.stays(module, loop, key)
        and (
            key in known
            or key.startswith(".")
            or (owner := scope.resolve(key)) is None
            or owner.node is not home
        )
        for key in (*names, *parts)
    )


def _is_read(constancy: Constancy, module: Module, home: ast.AST, name: str) -> bool:
    """Does a function read a name of the scope around?"""
    return any(
        isinstance(node, FUNCTIONS) and node is not home and name in reads(node)
        for other in constancy.meaning.project.modules.values()
        for node in ast.walk(other.tree)
    )


def check_keys(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    scope: ast.AST,
    statements: Sequence[ast.stmt],
    keys: Sequence[str],
    made: frozenset[str],
) -> None:
    """All keys have their values where the last statement stands, and what is between does not matter."""
    parts = [node for key in keys for node in ast.walk(ast.parse(key))]
    roots = frozenset(node.id for node in parts if isinstance(node, ast.Name))
    if roots & made or reach(statements).exposed & made:
        raise Impure("a name is read before it is bound")
    if any(isinstance(one, ast.Global | ast.Nonlocal) and made & set(one.names) for one in ast.walk(scope)):
        raise Impure("a name is another scope's")
    first, last = home.body.index(statements[0]), home.body.index(statements[-1])
    between = [one for one in home.body[first : last + 1] if one not in statements]
    nodes = [node for one in between for node in ast.walk(one) if not isinstance(node, ast.expr_context)]
    used = frozenset[str]().union(*(reach([one]).exposed for one in between))
    read = roots | frozenset[str]().union(*(reach([one]).exposed for one in statements))
    if used & made or any(
        writes(one) & _read_before(constancy, module, statements, one, roots) for one in between
    ):
        raise Impure("what stands between the statements that build has to do with them")
    leaves = any(isinstance(node, _LEAVING) for node in nodes)
    if leaves or not _keeps(constancy, module, scope, nodes, read, made):
        raise Impure("what stands between the statements that build may change what they are built of")


def _read_before(
    constancy: Constancy,
    module: Module,
    statements: Sequence[ast.stmt],
    later: ast.stmt,
    roots: frozenset[str],
) -> frozenset[str]:
    """What those of some statements read that stand before another one, with the functions that they call."""
    early = [one for one in statements if one.lineno < later.lineno]
    nodes = [node for one in early for node in ast.walk(one)]
    try:
        hidden = hidden_reads(constancy.meaning, module, nodes)
    except Impure:  # it fills what it has made itself
        hidden = roots
    return reach(early).exposed | hidden


def _keeps(
    constancy: Constancy,
    module: Module,
    scope: ast.AST,
    nodes: Sequence[ast.AST],
    read: frozenset[str],
    made: frozenset[str],
) -> bool:
    """Do some nodes surely leave alone what is read elsewhere, and ask for nothing that is made there?"""
    changed = constancy.changes.changed(module, nodes)
    if any(changed & constancy.sharing.group(module, scope, name) for name in read):
        return False
    return not _hidden(constancy, module, nodes) & made


def _hidden(constancy: Constancy, module: Module, nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Names that functions read which some nodes call; Impure if they do more than compute and print."""
    prints = (
        isinstance(node, ast.Call) and constancy.meaning.full(module, node.func) == "builtins.print"
        for node in nodes
    )
    others = [node for node, is_print in zip(nodes, prints, strict=True) if not is_print]
    return hidden_reads(constancy.meaning, module, others)


def check_results(
    constancy: Constancy,
    module: Module,
    scope: ast.AST,
    statements: Sequence[ast.stmt],
    results: Sequence[str],
    made: frozenset[str],
) -> None:
    """Nobody changes what was built, or may keep it."""
    inside = {id(node) for one in statements for node in ast.walk(one)}
    nodes = [
        node for node in own_nodes(scope) if id(node) not in inside and not isinstance(node, ast.expr_context)
    ]
    changed = constancy.changes.changed(module, nodes)
    if holds_part(constancy, module, scope, changed):
        raise Impure("a part of a matrix is changed, or may be")
    for name in results:
        group = constancy.sharing.group(module, scope, name)
        if changed & group:
            raise Impure(f"`{name}` is changed")
        others = {
            key for key in group if key not in made and not is_computed_number(constancy, module, scope, key)
        }
        if not _is_captured(constancy, module, scope, name):
            others -= {CAPTURED}
        if others:
            raise Impure(f"`{name}` may be seen by {min(others)}")
        if constancy.may_be_changed_converted(module, scope, name):
            raise Impure(f"a conversion of `{name}` is changed")


def _is_captured(constancy: Constancy, module: Module, scope: ast.AST, name: str) -> bool:
    """Does a function within mean this very name?"""
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name:
            home = constancy.meaning.scope(module, node)
            owner = home.resolve(name)
            if home.node is not scope and (owner is None or owner.node is scope):
                return True
    return False


def holds_part(constancy: Constancy, module: Module, scope: ast.AST, changed: frozenset[str]) -> bool:
    """Is the ``.data`` of some matrix, by whatever name, changed in a function, or kept elsewhere?"""
    for part in PARTS:
        group = constancy.sharing.group(module, scope, f".{part}")
        if changed & group or any(not key.isidentifier() for key in group - {f".{part}"}):
            return True
    return False


def binds_attribute(
    constancy: Constancy, module: Module, home: ast.FunctionDef | Loop, statement: ast.stmt
) -> bool:
    """Is it ``self.A = self.build()``, of a matrix that the function uses, and whose parts nobody changes?"""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attr) as target]) if (
            isinstance(home, ast.FunctionDef)
        ):
            text = ast.unparse(target)
        case _:
            return False
    if not any(one == text for one in matrices_in(constancy, module, home, attributes=True)):
        return False
    every = (
        (other, node) for other in constancy.meaning.project.modules.values() for node in ast.walk(other.tree)
    )
    scopes = ((other, node) for other, node in every if isinstance(node, (ast.Module, *FUNCTIONS)))
    return all(_leaves_alone(constancy, other, scope, attr) for other, scope in scopes) and not (
        constancy.may_be_changed_converted(module, module.tree, attr)
    )


def _leaves_alone(constancy: Constancy, module: Module, scope: ast.AST, attr: str) -> bool:
    """Does a function change nothing of what an attribute holds, and hand it to no other object?"""
    nodes = [
        node
        for node in own_nodes(scope)
        if not isinstance(node, ast.expr_context)
        and not (isinstance(node, ast.Attribute) and node.attr == attr and isinstance(node.ctx, ast.Store))
    ]
    group = constancy.sharing.group(module, scope, f".{attr}")
    others = {key for key in group if not key.isidentifier()} - {f".{attr}"}
    changed = constancy.changes.changed(module, nodes)
    return not others and not changed & group and not holds_part(constancy, module, scope, changed)
