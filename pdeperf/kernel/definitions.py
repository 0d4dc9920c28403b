"""How the user's functions are defined, and what their names mean."""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pdeperf.kernel.draws import source_of
from pdeperf.kernel.paths import is_column
from pdeperf.source import Module, Project
from pdeperf.source.edits import segment
from pdeperf.source.flow import reads
from pdeperf.source.scopes import parameters, scope_of
from pdeperf.source.walking import nodes_in

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

Definition = ast.FunctionDef | ast.Lambda
_KNOWN: WeakKeyDictionary[ast.AST, dict[str, list[Definition | None]]] = WeakKeyDictionary()
"""What names are bound to in whole files, which do not change once they are parsed."""


def is_literal_constant(name: str, project: Project, module: Module) -> bool:
    """Is it bound once, at top level, to a number written in the source, and nowhere else?"""
    stores = [
        node
        for node in module.nodes
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    declared = any(
        isinstance(node, ast.Global | ast.Nonlocal) and name in node.names for node in module.nodes
    )
    outside = any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for other in project.modules.values()
        for node in other.nodes
    )
    if len(stores) != 1 or declared or outside:
        return False
    home = module.parents.get(stores[0])
    if (
        not isinstance(home, ast.Assign)
        or module.parents.get(home) is not module.tree
        or home.targets != [stores[0]]
    ):
        return False
    value = home.value.operand if isinstance(home.value, ast.UnaryOp) else home.value
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float)


def rebase(text: str, renamed: Mapping[str, str]) -> str:
    """An access path, or the stream of a generator at one, in the caller's terms.

    Parameters
    ----------
    renamed
        The caller's access paths of the objects that the function knows by other names.
    """
    owner = source_of(text)[0]
    if owner:
        return text.replace(owner, rebase(owner, renamed), 1)
    root = root_of(text)
    return renamed[root] + text[len(root) :] if root in renamed else text


def root_of(text: str) -> str:
    """The name that an access path or a condition begins with."""
    return re.split(r"\W", text, maxsplit=1)[0]


def subjects(condition: str) -> list[str]:
    """The names that a condition is about: ``bcs`` of ``len(bcs) == 2``."""
    node = ast.parse(condition, mode="eval").body
    about = node.left if isinstance(node, ast.Compare) else node
    names = [part.id for part in ast.walk(about) if isinstance(part, ast.Name)]
    return [name for name in names if name not in ("len", "list", "map", "type", "is_made_by")]


def returned(node: ast.Lambda) -> ast.stmt:
    statement = ast.Return(value=node.body)
    statement.lineno, statement.end_lineno = node.body.lineno, node.body.end_lineno
    statement.col_offset, statement.end_col_offset = node.body.col_offset, node.body.end_col_offset
    return statement


def self_of(caller: "Lowering") -> str:
    node = caller.scope.node
    is_method = isinstance(node, ast.FunctionDef) and isinstance(
        caller.module.parents.get(node), ast.ClassDef
    )
    names = parameters(node) if isinstance(node, ast.FunctionDef) and is_method else ()
    return names[0] if names else ""


def single_definition(name: str, scope: ast.AST) -> Definition | None:
    """The def or lambda that a name is bound to, if nothing else in the scope binds it."""
    found = _bound_in(scope).get(name, [])
    if len(found) == 1:
        return found[0]
    return found[0] if len(found) == 3 and found.count(None) == 1 and found[0] is not None else None


def _bound_in(scope: ast.AST) -> dict[str, list[Definition | None]]:
    """What each name is bound to in a scope; None for what is no function."""
    known = _KNOWN.get(scope)
    if known is not None:
        return known
    found: dict[str, list[Definition | None]] = {}
    methods = {id(part) for home in nodes_in(scope) if isinstance(home, ast.ClassDef) for part in home.body}
    for node in nodes_in(scope):
        match node:
            case ast.FunctionDef(name=bound) if id(node) not in methods:
                found.setdefault(bound, []).append(node)
            case ast.Assign(targets=[ast.Name(id=bound)], value=ast.Lambda() as value):
                found.setdefault(bound, []).extend((value, value))
            case ast.Name(id=bound, ctx=ast.Store()):
                found.setdefault(bound, []).append(None)
            case ast.alias():
                found.setdefault(node.asname or node.name, []).append(None)
    if isinstance(scope, ast.Module):
        _KNOWN[scope] = found
    return found


def reads_globals_only(node: ast.Lambda, module: Module) -> bool:
    """Does it read nothing but its parameters and the file's globals?"""
    scope = scope_of(module, node)
    owners = [scope.resolve(name) for name in reads(node)]
    return all(owner is None or owner.is_module for owner in owners)


def name_of_lambda(node: ast.Lambda, module: Module) -> str:
    """The top-level name that a lambda is assigned to; empty when there is none."""
    match module.parents.get(node):
        case ast.Assign(targets=[ast.Name(id=name)]) as home if module.parents.get(home) is module.tree:
            return name
    return ""


def is_import(name: str, scope: ast.AST) -> bool:
    return any(
        isinstance(node, ast.alias) and (node.asname or node.name.split(".")[0]) == name
        for node in ast.walk(scope)
    )


def is_compiled(node: ast.FunctionDef) -> bool:
    return (
        len(node.decorator_list) == 1
        and re.match(r"(numba\.|nb\.)?(njit|register_jitable)\b", ast.unparse(node.decorator_list[0]))
        is not None
    )


def signature_trouble(node: Definition, *, ready: bool) -> str:
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        return "takes a variable number of arguments"
    if isinstance(node, ast.FunctionDef) and node.decorator_list and not ready:
        return "is decorated"
    return ""


def late_defaults(node: Definition, module: Module, project: Project) -> dict[str, int]:
    """Parameters whose default is more than a number written down, ``n=grid.n``, and its place.

    What it is when the function is defined may depend on the run, and a compiled function is kept.
    """
    defaults = node.args.defaults
    names = parameters(node)[: len(node.args.args)]
    pairs = zip(names[len(names) - len(defaults) :], enumerate(defaults), strict=True)
    return {name: at for name, (at, default) in pairs if not _written_default(default, module, project)}


def _is_of_numbers(node: ast.expr) -> bool:
    """Is it a constant, or ``8 / 3``?"""
    plain = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)
    return all(isinstance(part, plain) for part in ast.walk(node))


def body_of(node: Definition) -> Sequence[ast.stmt]:
    """Statements of a function; a lambda's is its value returned."""
    return node.body if isinstance(node, ast.FunctionDef) else [returned(node)]


def written(module: Module, node: Definition, project: Project) -> str:
    """Parameter list of a definition as the user wrote it, annotations left out.

    A literal constant of the file is written out as a default, and None for what is always given.
    """
    positional = node.args.args
    defaults = [None] * (len(positional) - len(node.args.defaults)) + [*node.args.defaults]
    return ", ".join(
        name.arg + (f"={_written_default(default, module, project) or 'None'}" if default is not None else "")
        for name, default in zip(positional, defaults, strict=True)
    )


def _written_default(node: ast.expr, module: Module, project: Project) -> str:
    """The text of a default that is the same in each run; empty for others."""
    if isinstance(node, ast.Name) and is_literal_constant(node.id, project, module):
        stores = (part for part in module.all(ast.Assign) if node.id in map(ast.unparse, part.targets))
        return segment(module, next(stores).value)
    return segment(module, node) if _is_of_numbers(node) else ""


def names_another(text: str) -> bool:
    """Is it a comparison with what a second name means?"""
    if is_column(text):
        return False
    match ast.parse(text, mode="eval").body:
        case ast.Compare(comparators=[ast.Name() | ast.Attribute() | ast.Subscript()]):
            return True
    return False


def is_certain(guard: str) -> bool:
    """Is it ``flux is flux``, where a function was given by its own name?"""
    one, _, other = guard.partition(" is ")
    return one == other
