"""Members of enumerations that stand for integers: ``Cell.WALL`` of an IntEnum, ``Cell.WALL.value``."""

import ast

from pdeperf.kernel.program import Program
from pdeperf.source import Module
from pdeperf.source.scopes import Scope

_WHOLE = frozenset(("IntEnum", "IntFlag"))


def integer_of_member(node: ast.expr, program: Program, module: Module, scope: Scope) -> str:
    """Text of the plain integer that a member is, or that its ``value`` is; empty for anything else."""
    match node:
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id=home), attr=name), attr="value"):
            kinds = _WHOLE | {"Enum"}
        case ast.Attribute(value=ast.Name(id=home), attr=name):
            kinds = _WHOLE
        case _:
            return ""
    owner, homes = scope.resolve(home), program.classes.get(home, [])
    if owner is None or not owner.is_module or len(homes) != 1:
        return ""
    node_of = homes[0][1]
    bases = {ast.unparse(base).rpartition(".")[2] for base in node_of.bases}
    if len(bases) != 1 or not bases <= kinds or not any(_binds(part, name) for part in node_of.body):
        return ""
    if any(isinstance(part, ast.FunctionDef) and part.name.startswith("__") for part in node_of.body):
        return ""  # operators, or members, of its own making
    text = ast.unparse(node)
    return text if text.endswith(".value") else f"{text}.value"


def _binds(statement: ast.stmt, name: str) -> bool:
    """Is the member bound to an integer written there, or to ``auto()``?"""
    match statement:
        case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
            match value:
                case ast.Constant(value=int() as number):
                    return not isinstance(number, bool)
                case ast.Call(func=ast.Name(id="auto") | ast.Attribute(attr="auto"), args=[], keywords=[]):
                    return True
    return False
