"""The lines in a kernel that look for what Python refuses: zero divisors, negative roots, wrong places."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.callees import Callee
from pdeperf.kernel.callsite import WIDTH
from pdeperf.kernel.definitions import body_of
from pdeperf.kernel.domain_checks import ERROR, DomainCheck
from pdeperf.kernel.index_checks import Region, is_as_long
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.placement import numpy_name_in
from pdeperf.source.edits import Edit, indentation, lines_extent


def zero_edits(kernel: Kernel) -> Iterator[Edit]:
    """Checks of divisors before the loops that divide by them."""
    statements = _statements(kernel)
    for check in kernel.zero_checks:
        statement = statements[check.line]
        start, _ = lines_extent(kernel.module, [statement])
        indent, deeper = _indents(kernel, statement)
        text = f"{indent}if {check.condition}:\n"
        text += f'{indent}{deeper}raise ZeroDivisionError("division by zero")\n'
        yield Edit(start, start, text)


def index_edits(made: Kernel | Callee) -> Iterator[Edit]:
    """Comparisons of sizes with what indices reach, before the loops."""
    statements = _statements(made)
    for check in made.index_checks:
        statement = statements[check.line]
        start, _ = lines_extent(made.module, [statement])
        indent, deeper = _indents(made, statement)
        text = f"{indent}if {check.condition}:\n"
        if len(text) > WIDTH:
            runs = "".join(f"{run} and " for run in check.runs)
            tests = " or ".join(check.tests)
            if len(tests) + len(indent + deeper) > WIDTH:
                tests = f"\n{indent}{deeper}or ".join(check.tests)
            text = f"{indent}if {runs}(\n{indent}{deeper}{tests}\n{indent}):\n"
        text += f'{indent}{deeper}raise IndexError("index out of range")\n'
        yield Edit(start, start, text)


def update_edits(made: Kernel | Callee, *, short: bool = False) -> Iterator[Edit]:
    """Of ``p += q``: comparisons of shapes where they may differ, not beside arrays of a few numbers."""
    own = made.statements if isinstance(made, Kernel) else body_of(made.node)
    region = Region(made.lowering, own, (), {})
    for update in made.lowering.updates:
        if short or is_as_long(region, update.node, update.ndim):
            yield from update.copies()
        else:
            yield from update.checks(numpy_name_in(made.module))


def domain_edits(kernel: Kernel) -> Iterator[Edit]:
    """Counts of numbers that Python's functions do not take, and the error after the loop."""
    statements = _statements(kernel)
    names = {node.id for part in kernel.lowered for node in ast.walk(part) if isinstance(node, ast.Name)}
    counts: dict[str, str] = {}
    for check in kernel.domain_checks:
        count = "refused" if check.error == ERROR else "too_large"
        while count in names:
            count += "_"
        counts[check.error] = count
        statement = statements[check.line]
        start, _ = lines_extent(kernel.module, [statement])
        yield Edit(start, start, _before(check, *_indents(kernel, statement), count))
    loops = {(check.loop, check.error) for check in kernel.domain_checks if check.loop}
    for loop, error in sorted(loops):
        start, end = lines_extent(kernel.module, [statements[loop]])
        indent, deeper = _indents(kernel, statements[loop])
        yield Edit(start, start, f"{indent}{counts[error]} = 0\n")
        yield Edit(end, end, f"{indent}if {counts[error]} > 0:\n{indent}{deeper}{error}\n")


def _before(check: DomainCheck, indent: str, deeper: str, count: str) -> str:
    if check.loop:
        return f"{indent}{count} += {check.test}\n"
    return f"{indent}if {check.test}:\n{indent}{deeper}{check.error}\n"


def _statements(made: Kernel | Callee) -> dict[int, ast.stmt]:
    """The first statement of each line."""
    own = made.statements if isinstance(made, Kernel) else body_of(made.node)
    written = (*own, *made.lowering.repeated)
    nodes = [node for part in written for node in ast.walk(part) if isinstance(node, ast.stmt)]
    return {node.lineno: node for node in reversed(nodes)}


def _indents(kernel: Kernel | Callee, statement: ast.stmt) -> tuple[str, str]:
    """The indentation of a statement where it will stand, and one step of it."""
    start, indent = lines_extent(kernel.module, [statement])[0], indentation(kernel.module, statement)
    moved = [edit.end for edit in kernel.lowering.edits if edit.start == start and not edit.text]
    indent = indent[max((end - start for end in moved if end - start <= len(indent)), default=0) :]
    return indent, "\t" if indent.endswith("\t") else "    "
