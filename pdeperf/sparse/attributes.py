"""Where an object's matrix has its final value: after the one function that makes it."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.sharing import KEPT
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, Function, own_nodes, parameters
from pdeperf.sparse.constancy import Constancy

_HOOKS = frozenset(("__setattr__", "__getattr__", "__getattribute__", "__slots__"))


def after_completion(constancy: Constancy, module: Module, node: ast.Attribute) -> ast.stmt | str:
    """The statement of a method after which ``self.A`` stays as it is; or why there is none.

    One method alone may store the attribute or change what it holds; what follows there leaves it.
    """
    path = ast.unparse(node)
    if not isinstance(node.value, ast.Name) or node.value.id != "self":
        return f"`{path}` is an attribute of another object, which anybody may change"
    home = next((above for above in module.ancestors(node) if isinstance(above, ast.ClassDef)), None)
    if home is None or _named(home) & _HOOKS:
        return f"`{path}` belongs to a class that is not plain"
    if constancy.changes.wild:
        return "the program runs text as code"
    makers = list(_makers(constancy, node.attr))
    if len(makers) != 1 or makers[0] not in home.body:
        return f"`{path}` is stored or changed in more than one place"
    maker = makers[0]
    assert isinstance(maker, ast.FunctionDef)
    group = constancy.sharing.group(module, maker, f".{node.attr}")
    given = frozenset(parameters(maker)) - {"self"}
    own = constancy.meaning.scope(module, maker).binds - given
    outside = {key for key in group if not key.startswith((".", "<")) and key not in own}
    if KEPT in group or outside or parameters(maker)[:1] != ("self",):
        return f"`{path}` is known under other names, which may change it"
    last = _last_change(constancy, module, maker, group)
    if last is None or not owns_lines(module, [last]):
        return f"`{path}` is not made in a statement of its own"
    before = maker.body[: maker.body.index(last) + 1]
    inside = [inner for statement in before for inner in (statement, *own_nodes(statement))]
    if any(isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom) for inner in inside):
        return f"`{maker.name}` may end before `{path}` is complete"
    if any(inner is node for statement in before for inner in ast.walk(statement)):
        return f"`{path}` is used while it is made"
    users = _users(module, node.attr, maker)
    if any(_named(statement) & users for statement in before):
        return f"a function that uses `{path}` may run before it is complete"
    return last


def _makers(constancy: Constancy, attr: str) -> Iterator[ast.AST]:
    """The functions and files that store an attribute, or change what it holds; ``= None`` is no store."""
    for module in constancy.meaning.project.modules.values():
        functions = [node for node in ast.walk(module.tree) if isinstance(node, FUNCTIONS)]
        for home in (module.tree, *functions):
            nodes = [node for node in own_nodes(home) if not isinstance(node, ast.expr_context)]
            empty = {
                target
                for node in nodes
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
            }
            nodes = [node for node in nodes if node not in empty]
            stored = any(
                isinstance(node, ast.Attribute) and node.attr == attr and not isinstance(node.ctx, ast.Load)
                for node in nodes
            )
            changed = constancy.changes.changed(module, nodes)
            if stored or any(f".{attr}" in constancy.sharing.group(module, home, key) for key in changed):
                yield home


def _last_change(
    constancy: Constancy, module: Module, maker: Function, group: frozenset[str]
) -> ast.stmt | None:
    """The last statement of a method's own block that binds or changes one of some names."""
    last: ast.stmt | None = None
    assert isinstance(maker, ast.FunctionDef)
    for statement in maker.body:
        nodes = [node for node in ast.walk(statement) if not isinstance(node, ast.expr_context)]
        binds = any(
            (isinstance(node, ast.Name) and node.id in group and not isinstance(node.ctx, ast.Load))
            or (
                isinstance(node, ast.Attribute)
                and f".{node.attr}" in group
                and not isinstance(node.ctx, ast.Load)
            )
            for node in nodes
        )
        if binds or constancy.changes.changed(module, nodes) & group:
            last = statement
    return last


def _users(module: Module, attr: str, maker: ast.FunctionDef) -> frozenset[str]:
    """The functions that use an attribute, directly or through others, but for the one that makes it."""
    found: set[str] = set()
    wanted = {attr}
    definitions = [
        one for one in ast.walk(module.tree) if isinstance(one, ast.FunctionDef) and one is not maker
    ]
    while True:
        more = {
            one.name
            for one in definitions
            if one.name not in found
            and any(
                (isinstance(inner, ast.Attribute) and inner.attr in wanted)
                or (isinstance(inner, ast.Name) and inner.id in found)
                for inner in ast.walk(one)
            )
        }
        if not more:
            return frozenset(found)
        found |= more
        wanted |= more


def _named(node: ast.AST) -> frozenset[str]:
    return frozenset(
        inner.id
        if isinstance(inner, ast.Name)
        else inner.attr
        if isinstance(inner, ast.Attribute)
        else inner.name
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute | ast.FunctionDef)
    )
