"""Matrices that objects hold: whether all that is done with them can be seen by the name of the attribute."""

import ast
import re

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS

_BY_NAME = re.compile(r"\b(getattr|setattr|delattr|hasattr|attrgetter)\(|\b__(dict__|slots__|\w*attr\w*__)")
_COPYING = re.compile(r"\b(pickle|dataclass|namedtuple|joblib|multiprocessing)\b")


def why_not_followed(meaning: Meaning, module: Module, target: ast.Attribute) -> str:
    """Why some use of what is kept in an attribute may not be seen; empty if all are."""
    path = ast.unparse(target)
    if _BY_NAME.search(module.text) or _COPYING.search(module.text):
        return f"`{path}` may be read by its name"
    for other in meaning.project.modules.values():
        for node in ast.walk(other.tree):
            match node:
                case ast.Attribute(attr=attr, value=value) if attr == target.attr:
                    if other is not module or not _is_own(module, node, value):
                        return f"`{path}` is an attribute of other objects too"
                case ast.FunctionDef(name=name) | ast.Name(id=name) if name == target.attr:
                    if isinstance(other.parents.get(_statement(other, node)), ast.ClassDef):
                        return f"`{path}` is something else in a class"
    return ""


def _is_own(module: Module, node: ast.AST, value: ast.expr) -> bool:
    """Is it an attribute of the object whose method this is?"""
    if not isinstance(value, ast.Name):
        return False
    method = next((one for one in module.ancestors(node) if isinstance(one, FUNCTIONS)), None)
    if not isinstance(method, ast.FunctionDef) or not isinstance(module.parents.get(method), ast.ClassDef):
        return False
    home = module.parents[method]
    plain = (
        isinstance(home, ast.ClassDef)
        and not home.decorator_list
        and isinstance(module.parents.get(home), ast.Module)
    )
    parameters = [one.arg for one in (*method.args.posonlyargs, *method.args.args)]
    rebound = any(
        isinstance(one, ast.Name) and one.id == value.id and not isinstance(one.ctx, ast.Load)
        for one in ast.walk(method)
    )
    return plain and not method.decorator_list and parameters[:1] == [value.id] == ["self"] and not rebound


def _statement(module: Module, node: ast.AST) -> ast.AST:
    """The statement that a node is of, or a definition itself."""
    if isinstance(node, ast.stmt):
        return node
    return next(one for one in module.ancestors(node) if isinstance(one, ast.stmt))
