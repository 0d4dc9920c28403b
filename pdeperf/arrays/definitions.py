"""What a file needs before its loops: NumPy by name, and a sum in NumPy's order."""

import ast
from collections.abc import Iterator

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.names import Names
from pdeperf.arrays.sums import PAIRWISE
from pdeperf.source import Module
from pdeperf.source.edits import Edit, add_import, after_imports
from pdeperf.source.scopes import own_nodes


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


def definitions(module: Module, needs_import: bool, *, needs_sum: bool) -> Iterator[Edit]:
    """The import of NumPy and the function that sums in its order, unless they are there."""
    at = after_imports(module)
    has_sum = any(
        isinstance(node, ast.FunctionDef) and node.name == "pairwise_sum" for node in module.tree.body
    )
    text = "import numpy as np\n" if needs_import else ""
    if needs_sum and not has_sum:
        for edit in add_import(module, "numba", ("njit",)):
            if edit.start == edit.end == at:
                text += edit.text.lstrip("\n")
            else:
                yield edit
        text += f"\n\n{PAIRWISE}\n\n"
    if text:
        yield Edit(at, at, text)
