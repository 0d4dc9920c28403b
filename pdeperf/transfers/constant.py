"""Does what an expression names stay the same while a loop runs?"""

import ast

from pdeperf.lifetimes.changes import Changes
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import Sharing
from pdeperf.source import Module, Project
from pdeperf.source.flow import bound_before, writes

Loop = ast.For | ast.While
_COUNTING = frozenset(
    ("builtins.range", "builtins.enumerate", "builtins.zip", "builtins.list", "builtins.tuple")
)
"""What comprehensions go over."""


def changing(project: Project, module: Module, loop: Loop, argument: ast.expr) -> str:
    """Why an expression may be something else in each turn; empty if it is not."""
    meaning = Meaning(project)
    for call in (node for node in ast.walk(argument) if isinstance(node, ast.Call)):
        if not meaning.is_pure(module, call) and meaning.full(module, call.func) not in _COUNTING:
            return f"`{ast.unparse(call)[:40]}` may give something else each time"
    names = {
        node.id
        for node in ast.walk(argument)
        if isinstance(node, ast.Name) and not meaning.full(module, node)
    }
    attributes = {
        f".{node.attr}"
        for node in ast.walk(argument)
        if isinstance(node, ast.Attribute) and not meaning.full(module, node)
    }
    return changing_names(project, module, loop, frozenset(names), frozenset(attributes))


def changing_names(
    project: Project, module: Module, loop: Loop, names: frozenset[str], attributes: frozenset[str]
) -> str:
    """Why what some names and attributes (``.x``) stand for may change; empty if it does not."""
    meaning = Meaning(project)
    if unknown := names - bound_before(meaning.home(module, loop), loop) - writes(loop):
        scope = meaning.scope(module, loop)
        unknown = frozenset(
            name for name in unknown if (owner := scope.resolve(name)) and owner.node is scope.node
        )
        if unknown:
            return f"`{sorted(unknown)[0]}` is not known before the loop"
    changes = Changes(meaning, Sharing(meaning))
    for key in (*sorted(names), *sorted(attributes)):
        if reason := changes.stays(module, loop, key):
            return reason
    return ""
