"""Names that stand for whole arrays at a place: those that were seen, and those that are made of them."""

import ast
from collections.abc import Iterator, Mapping

from pdeperf.model import Hotspot
from pdeperf.source import Module, Project
from pdeperf.source.scopes import FUNCTIONS, own_nodes

_ONE_NUMBER = frozenset(
    "sum max min amax amin mean std var prod any all dot vdot norm argmax argmin size len float int item "
    "trapz allclose array_equal count_nonzero ptp median".split()
)


def arrays_at(hotspot: Hotspot, project: Project) -> dict[str, int]:
    """Paths that hold NumPy arrays at a hotspot, and their numbers of dimensions; 0 where not seen.

    Types are seen where a function begins: what it computes of arrays afterwards is read off its text.
    """
    where = hotspot.where
    around = (row for row in project.observed if row.where.contains(where))
    rows = [*hotspot.facts, *around]
    arrays = {row.subject: 0 for row in rows if row.metric == "type" and row.value == "numpy.ndarray"}
    for row in rows:
        if row.metric == "ndim" and row.subject in arrays:
            arrays[row.subject] = max(arrays[row.subject], int(float(row.value)))
    others = {row.subject for row in rows if row.metric == "type"} - arrays.keys()
    for name, value in _bound(project[where.file], where.first):
        if name not in arrays and name not in others and _is_array(value, arrays):
            arrays[name] = 0
    return arrays


def _bound(module: Module, line: int) -> Iterator[tuple[str, ast.expr]]:
    """Names that the function of a line binds, in the order of the text."""
    homes = [
        node
        for node in module.nodes
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not homes:
        return
    home = max(homes, key=lambda node: node.lineno)
    assigned = [node for node in own_nodes(home) if isinstance(node, ast.Assign)]
    for node in sorted(assigned, key=lambda node: node.lineno):
        for target in node.targets:
            match target, node.value:
                case ast.Name(id=name), value:
                    yield name, value
                case ast.Tuple(elts=names), ast.Tuple(elts=values):
                    pairs = zip(names, values, strict=False)
                    yield from ((each.id, value) for each, value in pairs if isinstance(each, ast.Name))


def _is_array(value: ast.expr, arrays: Mapping[str, int]) -> bool:
    match value:
        case ast.Name() | ast.Attribute():
            return ast.unparse(value) in arrays
        case ast.BinOp(left=left, right=right):
            return _is_array(left, arrays) or _is_array(right, arrays)
        case ast.UnaryOp(operand=operand):
            return _is_array(operand, arrays)
        case ast.Compare(left=left, comparators=others):
            return any(_is_array(side, arrays) for side in (left, *others))
        case ast.Subscript(value=inner, slice=index):
            return _is_array(inner, arrays) and any(isinstance(part, ast.Slice) for part in ast.walk(index))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments, keywords=keywords):
            along = any(keyword.arg == "axis" for keyword in keywords)
            given = any(_is_array(part, arrays) for part in (owner, *arguments))
            return given and (name not in _ONE_NUMBER or along)
        case _:
            return False


def computes_with_arrays(statement: ast.stmt, arrays: Mapping[str, int]) -> bool:
    """Is a whole array an operand of some operation?"""

    def operands(node: ast.AST) -> tuple[ast.expr, ...]:
        match node:
            case ast.BinOp(left=left, right=right):
                return left, right
            case ast.UnaryOp(operand=operand):
                return (operand,)
            case ast.AugAssign(target=target, value=value):
                return target, value
            case _:
                return ()

    inside = (node for node in ast.walk(statement) if not isinstance(node, FUNCTIONS))
    return any(_is_array(part, arrays) for node in inside for part in operands(node))
