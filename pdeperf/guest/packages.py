"""Which scripts run as modules of their package only: by ``python -m package.script``.

Standard library only: this is imported by the user's interpreter.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_CAUGHT = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))


def as_module(path: Path) -> tuple[Path, str] | None:
    """The folder that ``python -m`` runs such a script from, and its dotted name; None for a plain script.

    A script is run so if ``python script.py`` could not run it: it has relative imports, or it imports the
    package that it lies in by name and nothing that lies beside it.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None  # it fails when it is run, and says why
    statements = list(_unguarded(tree, into_functions=(path.parent / "__init__.py").is_file()))
    level = max((one.level for one in statements if isinstance(one, ast.ImportFrom)), default=0)
    folders = list(_packages(path.parent, level))
    if not folders:
        return None
    names = (*(folder.name for folder in reversed(folders)), path.stem)
    if not all(name.isidentifier() for name in names):
        return None
    if not level:
        imported = {name.split(".")[0] for one in statements for name in _absolute(one)}
        if names[0] not in imported or any(_is_there(path.parent, name) for name in imported - {names[0]}):
            return None
    return folders[-1].parent, ".".join(names)


def _packages(folder: Path, level: int) -> Iterator[Path]:
    """The packages that a script lies in, innermost first; relative imports tell of those without a file."""
    while (folder / "__init__.py").is_file() or level > 0:
        if folder == folder.parent:
            return
        yield folder
        folder, level = folder.parent, level - 1


def _unguarded(node: ast.AST, *, into_functions: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements, but for those whose failure is caught."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.Try):
            if not any(map(_catches, child.handlers)):
                yield from _unguarded(child, into_functions=into_functions)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not into_functions:
            continue
        elif isinstance(child, ast.stmt | ast.excepthandler):
            yield from _unguarded(child, into_functions=into_functions)


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in _CAUGHT for node in ast.walk(handler.type))


def _absolute(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif statement.module and not statement.level:
        yield statement.module


def _is_there(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
