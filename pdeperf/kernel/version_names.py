"""Names that Numba takes for its own: on all cores, the second version of ``u`` is called ``u_2``.

``u_2, u_1, u = u_1, u, u_2`` makes a name stand for something new, which Numba calls ``u.1``, ``u.2`` and so
on; handed to the threads the dot becomes a line, and beside a variable ``u_2`` the compiler gives up.
"""

import ast
import collections
import re

from pdeperf.source import Project
from pdeperf.source.scopes import own_nodes, parameters

_VERSION = re.compile(r"(.+)_(\d+)")


def apart_from_versions(text: str, name: str, project: Project) -> str:
    """A file's text in which no variable of a function has the name of another one's version.

    Parameters
    ----------
    name
        The function's.
    project
        Where it is called: an argument that is passed by name keeps its name.
    """
    node = next((each for each in ast.parse(text).body if _is_function(each, name)), None)
    if not isinstance(node, ast.FunctionDef):
        return text
    others = _other_names(node, project)
    if not others:
        return text
    lines = text.splitlines(keepends=True)
    start, end = node.lineno - 1, node.end_lineno or node.lineno
    body = "".join(lines[start:end])
    for old, new in others.items():
        body = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, body)
    return "".join((*lines[:start], body, *lines[end:]))


def _is_function(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _other_names(node: ast.FunctionDef, project: Project) -> dict[str, str]:
    """What such variables are called from now on: ``u2``."""
    bound = collections.Counter(parameters(node))
    bound.update(
        each.id for each in own_nodes(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
    passed = {
        word.arg
        for module in project.modules.values()
        for call in module.all(ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == node.name
        for word in call.keywords
    }
    passed |= {word.arg for each in ast.walk(node) if isinstance(each, ast.Call) for word in each.keywords}
    taken = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} | bound.keys()
    found: dict[str, str] = {}
    for old in bound:
        match = _VERSION.fullmatch(old)
        if match is None or bound[match[1]] < 2 or old in passed:
            continue
        new = match[1] + match[2]
        while new in taken:
            new += "_"
        taken.add(new)
        found[old] = new
    return found
