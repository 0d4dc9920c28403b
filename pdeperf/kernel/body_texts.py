"""The texts of kernels' bodies: the user's lines, moved and edited."""

import ast
from collections.abc import Iterable, Sequence

from pdeperf.kernel.calls_before import FIRST
from pdeperf.kernel.placement import numpy_name_in
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent


def shifted(text: str, indent: str) -> str:
    """Lines moved from their indentation to four spaces; comments further left move along."""
    rows: list[str] = []
    for row in text.splitlines():
        body = row[len(indent) :] if row.startswith(indent) else row.lstrip()
        lead = len(body) - len(body.lstrip("\t"))
        body = "    " * lead + body[lead:]
        rows.append(f"    {body}" if body.strip() else "")
    return "\n".join(rows) + "\n"


def in_single_precision(module: Module, operands: Iterable[ast.expr], edits: Sequence[Edit]) -> list[Edit]:
    """Edits that keep single precision: ``np.float32(operand)``."""
    result: list[Edit] = []
    numpy_name = numpy_name_in(module)
    for operand in operands:
        start, end = extent(module, operand)
        inner = operand if isinstance(operand, ast.Constant | ast.Name) else None
        replaced = next((edit for edit in edits if (edit.start, edit.end) == (start, end)), None)
        text = replaced.text if replaced else (module.text[start:end] if inner is not None else None)
        if text is not None:
            result.append(Edit(start, end, f"{numpy_name}.float32({text})"))
        else:
            result.extend((Edit(start, start, f"{numpy_name}.float32("), Edit(end, end, ")")))
    places = {(edit.start, edit.end) for edit in result}
    return [*(edit for edit in edits if (edit.start, edit.end) not in places), *result]


def text_of_body(module: Module, start: int, end: int, edits: Iterable[Edit], indent: str) -> str:
    """The text of statements with their edits done, as a function's body."""
    inside = [
        Edit(edit.start - start, edit.end - start, edit.text) for edit in edits if start <= edit.start < end
    ]
    return shifted(apply(module.text[start:end], inside).replace(FIRST, ""), indent)
