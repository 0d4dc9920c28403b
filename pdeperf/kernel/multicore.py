"""Writes a serial kernel again with its independent loops on all cores."""

import ast
import re
from collections.abc import Sequence

from pdeperf.kernel.checked_calls import apart_at_calls
from pdeperf.kernel.compiled import Compiled, Judged, callers
from pdeperf.kernel.reductions import Extremum, extrema
from pdeperf.kernel.version_names import apart_from_versions
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.zero_counts import zero_counts
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, add_import, apply, extent, offset, replace, segment
from pdeperf.source.scopes import own_nodes, parameters, scope_of

_SERIAL_ARRAYS = (
    'parallel={"comprehension": False, "fusion": False, "inplace_binop": False, "numpy": False, '
    '"reduction": False, "setitem": False, "stencil": False}'
)
"""Numba miscomputes overlapping slices under plain ``parallel=True``: only ``prange`` stays on."""


def in_parallel(item: Compiled, chosen: Sequence[Judged], project: Project) -> str:
    """The file with loops of a kernel under prange.

    Where arrays could be the same, and the calls have not made sure that they are not, the serial kernel
    stays beside the parallel one, and a function of the kernel's name chooses between them at each call.
    """
    module, node = item.module, item.node
    edits = _parallel_edits(item, chosen, project)
    pairs = sorted(
        {pair for found in chosen for pair in found.proof.distinct} - apart_at_calls(node, project)
    )
    dotted = _dotted(item)
    imports = [] if dotted else add_import(module, "numba", ["prange"])
    if not pairs:
        return apart_from_versions(apply(module.text, [*edits, *imports]), node.name, project)
    start = offset(module, item.decorator.lineno, 0)
    end = sum(len(row) for row in module.lines[: node.end_lineno])
    original = module.text[start:end].rstrip("\n") + "\n"
    shifted = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    parallel = apply(original, shifted)
    compiled_calls = any(True for _ in callers(item, project))
    serial_name, parallel_name = free(f"{node.name}_serial", module), free(f"{node.name}_parallel", module)
    parts = [_renamed(original, node.name, serial_name), _renamed(parallel, node.name, parallel_name)]
    if compiled_calls:
        overlap = free("overlap", module)
        parts.insert(0, OVERLAP.format(njit=compiler(item), name=overlap))
        tests = [f"{overlap}({one}, {other})" for one, other in pairs]
    else:
        numpy = _numpy(module)
        if not numpy:
            imports.append(_numpy_import(module))
        tests = [f"{numpy or 'numpy'}.may_share_memory({one}, {other})" for one, other in pairs]
    parts.append(_dispatcher(item, tests, serial_name, parallel_name, compiled_calls))
    text = apply(module.text, [Edit(start, end, "\n\n".join(parts)), *imports])
    return apart_from_versions(text, parallel_name, project)


OVERLAP = '''@{njit}(cache=True)
def {name}(a, b):
    """Whether the stretches of memory that two arrays lie in overlap."""
    a_low = a_high = a.ctypes.data
    for k in range(a.ndim):
        reach = (a.shape[k] - 1) * a.strides[k]
        if reach < 0:
            a_low += reach
        else:
            a_high += reach
    b_low = b_high = b.ctypes.data
    for k in range(b.ndim):
        reach = (b.shape[k] - 1) * b.strides[k]
        if reach < 0:
            b_low += reach
        else:
            b_high += reach
    return a_low < b_high + b.itemsize and b_low < a_high + a.itemsize
'''


def _dispatcher(item: Compiled, tests: list[str], serial: str, parallel: str, is_compiled: bool) -> str:
    node = item.node
    arguments = ", ".join(parameters(node))
    header = _header(item)
    returns = any(isinstance(inner, ast.Return) and inner.value is not None for inner in own_nodes(node))
    word = "return " if returns else ""
    lines = [
        *([f"@{compiler(item)}(cache=True)"] if is_compiled else []),
        header,
        f'    """Run `{parallel}`, or `{serial}` where arrays share memory."""',
        f"    if {' or '.join(tests)}:",
        f"        {word}{serial}({arguments})",
        *([] if returns else ["    else:"]),
        f"    {'' if returns else '    '}{word}{parallel}({arguments})",
    ]
    return "\n".join(lines) + "\n"


def _header(item: Compiled) -> str:
    """The function's ``def`` line as the user wrote it, on one line."""
    return f"def {item.node.name}({ast.unparse(item.node.args)}):"


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"^(\s*def\s+){re.escape(old)}\b", rf"\g<1>{new}", text, count=1, flags=re.MULTILINE)


def free(name: str, module: Module) -> str:
    """A name that the file does not use yet."""
    taken = set(re.findall(r"\w+", module.text))
    while name in taken:
        name += "_"
    return name


def compiler(item: Compiled) -> str:
    """How the user writes njit."""
    called = item.decorator.func if isinstance(item.decorator, ast.Call) else item.decorator
    return segment(item.module, called)


def _dotted(item: Compiled) -> str:
    """The package's name where njit is written ``nb.njit``."""
    called = item.decorator.func if isinstance(item.decorator, ast.Call) else item.decorator
    return segment(item.module, called.value) if isinstance(called, ast.Attribute) else ""


def _numpy(module: Module) -> str:
    """What numpy is called in a file."""
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    return alias.asname or "numpy"
    return ""


def _numpy_import(module: Module) -> Edit:
    first = next(node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    at = extent(module, first)[0]
    return Edit(at, at, "import numpy\n")


def _parallel_edits(item: Compiled, chosen: Sequence[Judged], project: Project) -> list[Edit]:
    """Edits within the kernel: its decorator, its loops, its branches."""
    module = item.module
    dotted = _dotted(item)
    edits = [_decorator(item)]
    for found in chosen:
        assert isinstance(found.loop.iter, ast.Call)
        edits.append(replace(module, found.loop.iter.func, f"{dotted}.prange" if dotted else "prange"))
        edits += zero_counts(item, found.loop, project)
        for branch in extrema(found.loop, _builtins):
            if branch.name in found.proof.branches:
                edits.append(_as_call(module, branch))
    return edits


def _builtins(node: ast.expr) -> str:
    return ast.unparse(node)


def _as_call(module: Module, branch: Extremum) -> Edit:
    text = segment(module, branch.statement)
    indent = " " * branch.statement.col_offset
    comments = [f"{found}\n{indent}" for found in re.findall(r"#[^\n]*", text)]
    value = segment(module, branch.value)
    return replace(
        module,
        branch.statement,
        f"{''.join(comments)}{branch.name} = {branch.function}({branch.name}, {value})",
    )


def _decorator(item: Compiled) -> Edit:
    """The decorator with ``parallel``, the other options as they were."""
    option = "parallel=True" if _is_scalar(item) else _SERIAL_ARRAYS
    module, decorator = item.module, item.decorator
    if not isinstance(decorator, ast.Call):
        return replace(module, decorator, f"{segment(module, decorator)}({option})")
    for keyword in decorator.keywords:
        if keyword.arg == "parallel":
            start = offset(module, keyword.lineno, keyword.col_offset)
            return Edit(start, extent(module, keyword.value)[1], option)
    first = decorator.keywords[0] if decorator.keywords else None
    if first is not None:
        at = offset(module, first.lineno, first.col_offset)
        return Edit(at, at, f"{option}, ")
    at = extent(module, decorator)[1] - 1
    return Edit(at, at, f", {option}" if decorator.args else option)


def _is_scalar(item: Compiled) -> bool:
    """Does a kernel handle single elements only, so that nothing but prange could run in parallel?"""
    arrays = {
        node.value.id
        for node in own_nodes(item.node)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
    }
    arrays |= {
        target.id
        for node in own_nodes(item.node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and _makes_room(node.value, item.module)
    }
    named = [
        (target.id, node.value.id)
        for node in own_nodes(item.node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    for _ in named:
        arrays |= {name for pair in named if not arrays.isdisjoint(pair) for name in pair}
    numbers = {
        target.id
        for node in own_nodes(item.node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in own_nodes(item.node):
        if isinstance(node, ast.Slice | ast.ListComp):
            return False
        if isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.target.id not in numbers:  # it may be an array
                return False
            continue
        if isinstance(node, ast.Name) and node.id in arrays and not _is_element_use(node, item.module):
            return False
        if isinstance(node, ast.Attribute) and node.attr not in _FACTS:
            full = qualified(node, item.module, scope_of(item.module, node))
            if not full.startswith("math.") and full not in _SCALAR_NUMPY and full not in _MAKES_ROOM:
                return False
    return True


_SCALAR_NUMPY = frozenset(
    f"numpy.{name}"
    for name in (
        "sqrt exp log sin cos tan sinh cosh tanh abs fabs sign floor ceil arctan arctan2 hypot power minimum "
        "maximum pi e inf nan float32 float64 int32 int64 complex64 complex128 bool_"
    ).split()
)


_FACTS = frozenset({"shape", "size", "ndim", "dtype"})
_MAKES_ROOM = frozenset({"numpy.empty", "numpy.empty_like"})
"""These compute nothing that could run in parallel."""


def _makes_room(call: ast.Call, module: Module) -> bool:
    return qualified(call.func, module, scope_of(module, call)) in _MAKES_ROOM


def _is_element_use(node: ast.Name, module: Module) -> bool:
    above = module.parents[node]
    if isinstance(above, ast.Subscript) and above.value is node:
        return True
    if isinstance(above, ast.Attribute):
        return above.attr in _FACTS
    if isinstance(above, ast.Assign):
        value = above.value
        return isinstance(value, ast.Name) or (isinstance(value, ast.Call) and _makes_room(value, module))
    if isinstance(above, ast.Compare):
        return all(isinstance(test, ast.Is | ast.IsNot) for test in above.ops)
    if isinstance(above, ast.Call):
        return _makes_room(above, module)
    return isinstance(above, ast.Tuple) and isinstance(module.parents[above], ast.Assign)
