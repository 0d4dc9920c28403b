"""Which globals of another module a compiled function there may read: those whose values the source tells.

Numba takes the value of a global when it compiles a function, and keeps it. That is right for what no
run changes: a number written in the source, or arithmetic of such numbers.
"""

import ast
from collections.abc import Iterator

from pdeperf.kernel.program import Program
from pdeperf.source import Module
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS

_KNOWN = frozenset(("math.pi", "math.e", "math.tau", "numpy.pi", "numpy.e"))


def files_of_constant(name: str, module: Module, program: Program) -> frozenset[str]:
    """The files that tell a global's value; empty if a run may change it."""
    files: set[str] = set()
    is_known = not program.is_dynamic and _is_constant(name, module, program, files, frozenset())
    return frozenset(files) if is_known else frozenset()


def _is_constant(
    name: str, module: Module, program: Program, files: set[str], above: frozenset[tuple[str, str]]
) -> bool:
    """Is a global bound once, to a number that the source tells?"""
    bindings = list(_bindings(name, module))
    stored = (one for _, one in program.all(ast.Attribute) if not isinstance(one.ctx, ast.Load))
    if (module.file, name) in above or any(one.attr == name for one in stored):
        return False
    above |= {(module.file, name)}
    if len(bindings) == 1 and isinstance(bindings[0], ast.ImportFrom):
        found = program.imported(module, bindings[0], name)
        return found is not None and _is_constant(found[1], found[0], program, files, above)
    if not bindings:
        starred = [
            program.starred(module, one)
            for one in module.all(ast.ImportFrom)
            if any(alias.name == "*" for alias in one.names)
        ]
        owners = [one for one in starred if one is not None and any(_bindings(name, one))]
        # With a library's names beside them nobody knows whose is meant.
        is_one = len(owners) == 1 and None not in starred
        return is_one and _is_constant(name, owners[0], program, files, above)
    target = bindings[0] if len(bindings) == 1 else None
    value = _value(target, module) if isinstance(target, ast.Name) else None
    if value is None:
        return False
    files.add(module.file)
    return _is_number(value, module, program, files, above)


def _value(target: ast.Name, module: Module) -> ast.expr | None:
    """What a statement at top level binds a name to: ``L = 1.0``, ``L, n = 1.0, 50``."""
    statement, at = module.parents.get(target), -1
    if isinstance(statement, ast.Tuple):
        at = statement.elts.index(target)
        statement = module.parents.get(statement)
    if statement is None or module.parents.get(statement) is not module.tree:
        return None
    match statement:
        case ast.Assign(targets=[_], value=value) | ast.AnnAssign(value=ast.expr() as value) if at < 0:
            return value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(
            values
        ) and not any(isinstance(one, ast.Starred) for one in (*names, *values)):
            return values[at]
        case _:
            return None


def _is_number(
    node: ast.expr, module: Module, program: Program, files: set[str], above: frozenset[tuple[str, str]]
) -> bool:
    match node:
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _is_number(operand, module, program, files, above)
        case ast.BinOp(left=left, right=right):
            return all(_is_number(part, module, program, files, above) for part in (left, right))
        case ast.Name(id=name):
            return _is_constant(name, module, program, files, above)
        case ast.Attribute(value=ast.Name(id=home), attr=attr):
            imports = [
                alias.name
                for one in _bindings(home, module)
                if isinstance(one, ast.Import)
                for alias in one.names
                if (alias.asname or alias.name) == home
            ]
            return len(imports) == 1 and f"{imports[0]}.{attr}" in _KNOWN
        case _:
            return False


def _bindings(name: str, module: Module) -> Iterator[ast.AST]:
    """Everything that may bind a global of a module."""
    for node in module.nodes:
        match node:
            case ast.Name(id=bound) if not isinstance(node.ctx, ast.Load):
                names = [bound]
            case ast.Import() | ast.ImportFrom():
                names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                names = [node.name]
            case ast.ExceptHandler(name=str(bound)) | ast.MatchAs(name=str(bound)):
                names = [bound]
            case ast.Global(names=names):
                if name in names:
                    yield node
                continue
            case _:
                continue
        inside = (*FUNCTIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)
        if name in names and not any(isinstance(one, inside) for one in module.ancestors(node)):
            yield node
