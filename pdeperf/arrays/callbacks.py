"""Functions that are passed on or have no name of their own: which ones they were when the script ran."""

import ast
from collections.abc import Iterator

from pdeperf.source import Module


def named(node: ast.Lambda) -> ast.FunctionDef:
    """A lambda as a function; ask :meth:`Module.once` for it, so that there is one of each."""
    result = ast.copy_location(ast.Return(value=node.body), node.body)
    made = ast.FunctionDef(name="<lambda>", args=node.args, body=[result], decorator_list=[])
    return ast.copy_location(made, node)


def lambda_named(name: ast.Name, module: Module) -> ast.FunctionDef | None:
    """The lambda that an assignment gives a name."""
    match module.parents.get(name):
        case ast.Assign(targets=[only], value=ast.Lambda() as value) if only is name:
            return module.once(named, value)
        case _:
            return None


def located(seen: str, module: Module) -> tuple[ast.FunctionDef, str] | None:
    """The function that was seen as ``file:line:name``, and the name that it has at this file's top level."""
    file, _, rest = seen.partition(":")
    line, _, name = rest.partition(":")
    if file != module.file or not line.isdigit():
        return None
    found: list[tuple[ast.FunctionDef, str]] = []
    for node in module.tree.body:
        match node:
            case ast.FunctionDef() if node.lineno == int(line) and node.name == name:
                found.append((node, name))
            case ast.Assign(targets=[ast.Name(id=own)], value=ast.Lambda() as value) if name == "<lambda>":
                if value.lineno == int(line):
                    found.append((module.once(named, value), own))
    lambdas = sum(isinstance(node, ast.Lambda) and node.lineno == int(line) for node in ast.walk(module.tree))
    return found[0] if len(found) == 1 and (name != "<lambda>" or lambdas == 1) else None


def calls_of(function: ast.FunctionDef, module: Module, known_as: frozenset[str]) -> Iterator[ast.Call]:
    """Calls that may mean a function: by its name, or by another one that was seen to stand for it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            func = node.func
            last = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
            if last == function.name or ast.unparse(func) in known_as:
                yield node
