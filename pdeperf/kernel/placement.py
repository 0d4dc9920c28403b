"""Where new functions and imports go in a file."""

import ast
import re
from collections.abc import Sequence

from pdeperf.kernel.callees import Callees
from pdeperf.kernel.outline import Kernel
from pdeperf.source import Module
from pdeperf.source.edits import Edit, after_imports, offset


def alias_edit(module: Module, name: str, alias: str) -> Edit:
    """A second name for a function, after its definition, for where a parameter hides the first."""
    home = next(
        statement
        for statement in module.tree.body
        if getattr(statement, "name", "") == name
        or (isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name)
    )
    at = offset(module, (home.end_lineno or home.lineno) + 1, 0)
    lead = "" if module.text[:at].endswith("\n") else "\n"
    return Edit(at, at, f"{lead}\n\n{alias} = {name}  # where a parameter hides its name\n")


def in_order(edits: Sequence[Edit]) -> list[Edit]:
    """Insertions at one place made one: imports first, new functions, then the decorator of what follows."""
    places: dict[int, set[str]] = {}
    for edit in edits:
        if edit.start == edit.end:
            places.setdefault(edit.start, set()).add(edit.text)
    merged = [
        Edit(at, at, "".join(sorted(texts, key=lambda text: (_rank(text), text))))
        for at, texts in places.items()
    ]
    return [edit for edit in edits if edit.start != edit.end] + merged


def _rank(text: str) -> int:
    if text.lstrip("\n").startswith(("import ", "from ")):
        return 0
    return 2 if text.startswith("@") and text.count("\n") == 1 else 1


def without_repetitions(texts: Sequence[str], callees: Callees) -> list[str]:
    """The new functions, less the copies that an earlier rewrite has put into the file already."""
    home = callees.home
    present = {
        node.name: "".join(home.lines[node.decorator_list[0].lineno - 1 : node.end_lineno]).strip()
        for node in home.tree.body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    }
    kept = list(texts)
    for callee in callees.built.values():
        name, plain = callee.name, callee.name.rstrip("_")
        if callee.decorate or callee.ready or name == plain or plain not in present:
            continue
        renamed = [re.sub(rf"\b{name}\b", plain, text) for text in kept]
        if present[plain] in (text.strip() for text in renamed):
            kept = [text for text in renamed if text.strip() != present[plain]]
    return kept


def definitions(module: Module, kernels: Sequence[Kernel], texts: Sequence[str]) -> Edit:
    """New functions, after the imports and before anything that runs them."""
    anchors = [_top_level(module, kernel.statements[0]) for kernel in kernels]
    first = min(anchors, key=lambda statement: statement.lineno) if anchors else None
    at = after_imports(module, first)
    before = module.text[:at]
    lead = "\n\n" if not before or before.endswith("\n") else "\n\n\n"  # imports of its own stand before it
    rest = module.text[at:]
    blank = len(rest) - len(rest.lstrip("\n"))
    tail = "\n" * max(0, 2 - blank)
    return Edit(at, at, lead + "\n\n".join(texts) + tail)


def _top_level(module: Module, statement: ast.stmt) -> ast.stmt:
    node: ast.AST = statement
    for above in module.ancestors(statement):
        if isinstance(above, ast.Module):
            break
        node = above
    assert isinstance(node, ast.stmt)
    return node


def numpy_name_in(module: Module) -> str:
    """The short name of NumPy in what is added to a file: ``np`` unless that means something else there."""
    taken = {node.arg for node in module.all(ast.arg)}
    taken |= {
        node.id for node in module.nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    taken |= {
        alias.asname or alias.name.split(".")[0]
        for node in module.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if not (isinstance(node, ast.Import) and alias.name == "numpy")
    }
    return next(name for name in ("np", "numpy", "numpy_", "numpy__") if name not in taken)


def library_imports(module: Module, roots: frozenset[str], numpy_name: str) -> list[Edit]:
    """Imports that stand inside functions but that a top-level kernel needs too."""
    present = {
        alias.asname or alias.name.split(".")[0]
        for statement in module.tree.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
    wanted: set[str] = set()
    for node in module.nodes:
        if isinstance(node, ast.Import):
            wanted.update(
                f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                for alias in node.names
                if (alias.asname or alias.name) in roots - present
            )
    if numpy_name and numpy_name not in present:
        wanted.add(f"import numpy as {numpy_name}")
    at = after_imports(module) if not module.tree.body else _first_import(module)
    return [Edit(at, at, "".join(f"{text}\n" for text in sorted(wanted)))] if wanted else []


def _first_import(module: Module) -> int:
    for statement in module.tree.body:
        if (
            isinstance(statement, ast.Import | ast.ImportFrom)
            and getattr(statement, "module", "") != "__future__"
        ):
            return offset(module, statement.lineno, 0)
    return after_imports(module)
