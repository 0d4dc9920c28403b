"""Functions that are passed on or have no name of their own: which ones they were when the script ran."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, local_names, own_nodes, parameters


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
    lambdas = sum(isinstance(node, ast.Lambda) and node.lineno == int(line) for node in module.nodes)
    return found[0] if len(found) == 1 and (name != "<lambda>" or lambdas == 1) else None


@dataclass(frozen=True, slots=True)
class Closure:
    """A function that another one made and returned.

    Attributes
    ----------
    function
        It, and
    maker
        the one at top level that it stands in.
    captured
        The maker's names that it reads, in the order of its cells.
    """

    function: ast.FunctionDef
    maker: ast.FunctionDef
    captured: tuple[str, ...]

    def check(self, path: str) -> str:
        """What shows at run time that a path stands for such a function."""
        maker, code = self.maker.name, f"{path}.__code__"
        is_made = f"type({path}) is type({maker}) and {code} in {maker}.__code__.co_consts"
        return f'{is_made} and {code}.co_name == "{self.function.name}"'


def closure(seen: str, module: Module) -> Closure | None:
    """The function that was seen as ``file:line:maker.<locals>.name``, if its captured names never change."""
    file, _, rest = seen.partition(":")
    line, _, name = rest.partition(":")
    outer, _, own = name.partition(".<locals>.")
    makers = [
        node
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == outer
    ]
    if file != module.file or len(makers) != 1 or not isinstance(makers[0], ast.FunctionDef):
        return None
    maker = makers[0]
    found = [node for node in own_nodes(maker) if isinstance(node, ast.FunctionDef) and node.name == own]
    if len(found) != 1 or found[0] not in maker.body or str(found[0].lineno) != line or maker.decorator_list:
        return None
    function = found[0]
    inner = [node for node in own_nodes(function) if isinstance(node, (*FUNCTIONS, ast.ClassDef))]
    if inner or any(isinstance(node, ast.Nonlocal) for node in ast.walk(maker)):
        return None
    read = {node.id for node in own_nodes(function) if isinstance(node, ast.Name)} - local_names(function)
    captured = tuple(sorted(read & (local_names(maker) | set(parameters(maker)))))
    return Closure(function, maker, captured)


def calls_of(function: ast.FunctionDef, module: Module, known_as: frozenset[str]) -> Iterator[ast.Call]:
    """Calls that may mean a function: by its name, or by another one that was seen to stand for it."""
    for node in module.nodes:
        if isinstance(node, ast.Call):
            func = node.func
            last = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
            if last == function.name or ast.unparse(func) in known_as:
                yield node
