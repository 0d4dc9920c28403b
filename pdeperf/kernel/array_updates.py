"""Arrays that are changed in place by arrays, ``p += q``, written as compiled code does them rightly.

``p[:] = p + q`` takes as long. Compiled, ``p += q`` neither reads all before it writes, which NumPy does
where the two overlap, nor asks whether they are equally long: it reads past the end of the shorter one.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent

_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
_SIMPLE = (ast.Name, ast.Subscript, ast.Attribute, ast.Call, ast.Constant)


@dataclass(frozen=True, slots=True)
class Update:
    """Edits of one such statement.

    Attributes
    ----------
    stored
        They write it as ``p[:] = p + q``.
    copied
        They read all of ``q`` before anything is written, where ``p += q`` stays: of arrays of a few numbers.
    """

    stored: tuple[Edit, ...]
    copied: tuple[Edit, ...] = ()


def written_as_store(node: ast.AugAssign, module: Module) -> Iterator[Edit]:
    """Edits that write ``p += q`` as ``p[:] = p + q``; of ``u[1:]`` and ``u[i]`` without ``[:]``."""
    sign = _SIGNS[type(node.op)]
    first, (start, end) = extent(module, node.target)[1], extent(module, node.value)
    between = module.text[first:start]
    at = first + between.index(f"{sign}=")
    whole = "" if isinstance(node.target, ast.Subscript) else "[:]"
    yield Edit(first, at + len(sign) + 1, f"{whole} = {ast.unparse(node.target)} {sign}")
    if not (isinstance(node.value, _SIMPLE) or "(" in between or _binds_tighter(node.op, node.value)):
        yield Edit(start, start, "(")
        yield Edit(end, end, ")")


def _binds_tighter(op: ast.operator, value: ast.expr) -> bool:
    """Is it ``a * b`` beside a sum?"""
    return (
        isinstance(op, ast.Add | ast.Sub)
        and isinstance(value, ast.BinOp)
        and isinstance(value.op, ast.Mult | ast.Div | ast.Pow)
    )
