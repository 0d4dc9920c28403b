"""What a file needs before its loops: NumPy by name, and functions that the loops call."""

import ast
from collections.abc import Collection, Iterator

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.loops.halo_rows import WITH_HALO
from pdeperf.arrays.loops.printing import FUNCTIONS
from pdeperf.arrays.names import Names
from pdeperf.arrays.sums import PAIRWISE
from pdeperf.source import Module
from pdeperf.source.edits import Edit, add_import, after_imports
from pdeperf.source.scopes import own_nodes

HELPERS = {"pairwise_sum": PAIRWISE, "with_halo": WITH_HALO, **FUNCTIONS}
"""Functions that loops call, by name."""


def numpy_name(module: Module, names: Names) -> tuple[str, bool]:
    """How the file calls NumPy, and whether that must be imported."""
    for node in own_nodes(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    return alias.asname or "numpy", False
    if "np" in names.taken:
        raise Unliftable("the name np means something else here")
    return "np", True


def definitions(module: Module, needs_import: bool, helpers: Collection[str]) -> Iterator[Edit]:
    """The import of NumPy and functions that loops call, unless they are there.

    Raises
    ------
    Unliftable
        If the name of such a function means something else here.
    """
    at = after_imports(module)
    text = "import numpy as np\n" if needs_import else ""
    missing = [name for name in HELPERS if name in helpers and not _is_there(name, module)]
    if missing:
        for edit in add_import(module, "numba", ("njit",)):
            if edit.start == edit.end == at:
                text += edit.text.lstrip("\n")
            else:
                yield edit
        text += "".join(f"\n\n{HELPERS[name]}" for name in missing) + "\n\n"
    if text:
        yield Edit(at, at, text)


def _is_there(name: str, module: Module) -> bool:
    """Has an earlier rewrite put a function into the file?"""
    own = {ast.dump(node) for node in ast.parse(HELPERS[name]).body}
    binding = [node for node in own_nodes(module.tree) if name in _bound(node)]
    if any(ast.dump(node) not in own for node in binding):
        raise Unliftable(f"the name {name} means something else here")
    return bool(binding)


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name
