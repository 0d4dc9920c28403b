"""The user's own compiled functions, of which a division by zero raises whoever calls them first.

Numba compiles a function that names no ``error_model`` by the model of the function that calls it first.
Called by a kernel, of which the model is NumPy's, ``@njit def slope(a, b, h): return (a - b) / h`` would
divide by zero.
"""

import ast
import re
from typing import TYPE_CHECKING

from pdeperf.kernel.zero_checks import is_never_zero
from pdeperf.source import Project
from pdeperf.source.edits import Edit, extent

if TYPE_CHECKING:
    from pdeperf.kernel.callees import Callees

_DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)
_MODEL = 'error_model="python"'


def add_models(edits: dict[str, list[Edit]], callees: "Callees") -> None:
    """Name Python's model where the user's own functions name none, by edits of their files."""
    for callee in callees.built.values():
        node, module = callee.node, callee.module
        if not (callee.ready and isinstance(node, ast.FunctionDef)):
            continue
        decorator = node.decorator_list[0]
        text = ast.unparse(decorator)
        is_open = re.match(r"([\w.]+\.)?njit\b", text) is not None and "error_model" not in text
        if not is_open or not any(map(_divides, ast.walk(node))):
            continue
        if _has_models_caller(node.name, callees.project):
            continue
        start, end = extent(module, decorator)
        match decorator:
            case ast.Call(args=[], keywords=[]):
                edit = Edit(end - 1, end, f"{_MODEL})")
            case ast.Call(args=[*_, last], keywords=[]) | ast.Call(keywords=[*_, ast.keyword(value=last)]):
                _, behind = extent(module, last)
                edit = Edit(behind, behind, f", {_MODEL}")
            case _:
                edit = Edit(start, end, f"{module.text[start:end]}({_MODEL})")
        if edit not in (made := edits.setdefault(module.file, [])):
            made.append(edit)


def _divides(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(op=op, right=divisor) | ast.AugAssign(op=op, value=divisor):
            return isinstance(op, _DIVISIONS) and not is_never_zero(divisor)
    return False


def _has_models_caller(name: str, project: Project) -> bool:
    """Does a compiled function that names its model call it? Then its own may be that one's."""
    return any(
        any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
        for module in project.modules.values()
        for node in module.all(ast.FunctionDef)
        if node.name != name and any("error_model" in ast.unparse(one) for one in node.decorator_list)
    )
