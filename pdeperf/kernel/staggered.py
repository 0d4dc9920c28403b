"""Writes in-order sweeps again with their rows staggered, so that one need not wait for another."""

import ast
from collections.abc import Sequence

from pdeperf.kernel.compiled import Compiled
from pdeperf.kernel.multicore import OVERLAP, compiler, free
from pdeperf.kernel.surroundings import writes_of
from pdeperf.kernel.wavefront import ROWS_COUNT, Axis, Staggering
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, offset, owns_lines, replace, segment
from pdeperf.source.flow import reach
from pdeperf.source.scopes import parameters

_WORDS = {1: "one column", 2: "two columns", 3: "three columns", 4: "four columns"}


def staggered(item: Compiled, found: Sequence[Staggering]) -> str:
    """The file with the sweeps of a compiled function staggered."""
    module = item.module
    names: dict[str, str] = {}
    edits: list[Edit] = []
    overlap = _overlap(module)
    for sweep in found:
        text = _cell(item, sweep)
        name = names.get(text) or free(f"{item.name}_cell" + "_2" * len(names), module)
        names[text] = name
        start, _ = extent(module, sweep.rows.loop)
        end = sum(len(row) for row in module.lines[: sweep.rows.loop.end_lineno])
        edits.append(Edit(start, end, _nest(item, sweep, name, overlap) + "\n"))
    new = [f"{_decorator(item)}\ndef {name}{text}" for text, name in names.items()]
    if any(sweep.distinct for sweep in found) and f"def {overlap}(" not in module.text:
        new.insert(0, OVERLAP.format(njit=compiler(item), name=overlap))
    at = offset(module, item.decorator.lineno, 0)
    return apply(module.text, [Edit(at, at, "".join(f"{text}\n\n" for text in new)), *edits])


def writable(item: Compiled, sweep: Staggering) -> str:
    """What in the text of a sweep stands in the way; empty if nothing does."""
    inner = sweep.columns.loop
    whole = owns_lines(item.module, [sweep.rows.loop]) and owns_lines(item.module, inner.body)
    if not whole or inner.lineno == sweep.rows.loop.lineno:
        return "its loops do not stand on lines of their own"
    texts = [node.value for node in ast.walk(inner) if isinstance(node, ast.Constant)]
    if any(isinstance(text, str) and "\n" in text for text in texts):
        return "a text in it goes over several lines"
    return ""


def _overlap(module: Module) -> str:
    """The name of the function that tells whether two arrays share memory; one that is there is taken."""
    present = any(isinstance(node, ast.FunctionDef) and node.name == "overlap" for node in module.tree.body)
    own = "stretches of memory that two arrays lie in" in module.text
    return "overlap" if present and own else free("overlap", module)


def _decorator(item: Compiled) -> str:
    """The kernel's decorator without signatures."""
    options = [
        segment(item.module, value)
        for name, value in item.keywords.items()
        if name not in ("parallel", "locals", "inline")
    ]
    names = [name for name in item.keywords if name not in ("parallel", "locals", "inline")]
    keywords = ", ".join(f"{name}={text}" for name, text in zip(names, options, strict=True))
    return f"@{compiler(item)}({keywords})" if keywords else f"@{compiler(item)}"


def _arguments(item: Compiled, sweep: Staggering) -> list[str]:
    """What one cell needs: arrays and numbers in the kernel's own order, its place, what is carried on."""
    body = sweep.columns.loop.body
    counters = (sweep.rows.name, sweep.columns.name)
    local = [*parameters(item.node), *writes_of(item.node)]
    needed = reach(body).exposed - {*counters, *sweep.carried}
    return [*(name for name in dict.fromkeys(local) if name in needed), *counters, *sweep.carried]


def _cell(item: Compiled, sweep: Staggering) -> str:
    """The function that computes one cell, from its parameters on."""
    module, inner = item.module, sweep.columns.loop
    leave = f"return {', '.join(sweep.carried)}" if sweep.carried else "return"
    margin = indentation(module, inner.body[0])
    start = offset(module, _after_header(inner), 0)
    end = sum(len(row) for row in module.lines[: inner.end_lineno])
    jumps = [node for part in inner.body for node in ast.walk(part) if isinstance(node, ast.Continue)]
    edits = [replace(module, node, leave) for node in jumps]
    text = apply(
        module.text[start:end], [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    )
    lines = [f"    {row.removeprefix(margin)}" if row.strip() else "" for row in text.rstrip().splitlines()]
    head = f"({', '.join(_arguments(item, sweep))}):"
    final = [f"    {leave}"] if sweep.carried else []
    return "\n".join([head, f'    """One cell of the sweep in `{item.name}`."""', *lines, *final]) + "\n"


def _after_header(loop: ast.For) -> int:
    """The line after a loop's header."""
    return (loop.iter.end_lineno or loop.lineno) + 1


def _nest(item: Compiled, sweep: Staggering, cell: str, overlap: str) -> str:
    """The loops, in place of the outer one."""
    margin = indentation(item.module, sweep.rows.loop)
    comments = _comments(item.module, sweep)
    lines = _by_rows(item, sweep, cell)
    if sweep.distinct:
        tests = " or ".join(f"{overlap}({one}, {other})" for one, other in sweep.distinct)
        lines = [
            f"if {tests}:  # one array under two names: cell by cell",
            *(f"    {line}" for line in _in_order(item, sweep, cell)),
            "else:",
            *(f"    {line}" for line in lines),
        ]
    return f"\n{margin}".join([*comments, *lines])


def _comments(module: Module, sweep: Staggering) -> list[str]:
    """Comments between the two headers."""
    first, last = _after_header(sweep.rows.loop), sweep.columns.loop.lineno
    return [row.strip() for row in module.lines[first - 1 : last - 1] if row.strip().startswith("#")]


def _in_order(item: Compiled, sweep: Staggering, cell: str) -> list[str]:
    rows, columns = sweep.rows, sweep.columns
    return [
        f"for {rows.name} in {segment(item.module, rows.loop.iter)}:",
        f"    for {columns.name} in {segment(item.module, columns.loop.iter)}:",
        f"        {_call(item, sweep, cell, rows.name, columns.name)}",
    ]


def _by_rows(item: Compiled, sweep: Staggering, cell: str) -> list[str]:
    rows, columns = sweep.rows, sweep.columns
    taken = {*parameters(item.node), *writes_of(item.node)}
    top, head, below = (_fresh(name, taken) for name in (f"{rows.name}_top", f"{columns.name}_top", "k"))
    behind = sweep.lag * (ROWS_COUNT - 1)
    late = below if sweep.lag == 1 else f"{sweep.lag} * {below}"
    start, stop = _bound(columns.start), _bound(columns.stop)
    row = f"{top} {_sign(rows, 1)} {below}"
    column = f"{head} {_sign(columns, -1)} {late}"
    last_row = f"{top} {_sign(rows, 1)} {ROWS_COUNT}"
    in_rows = f"{last_row} <= {_bound(rows.stop)}" if rows.step > 0 else f"{last_row} >= {_bound(rows.stop)}"
    if columns.step > 0:
        reached = f"{_bound(columns.start, behind)} <= {head} < {stop}"
        inside = f"{start} <= {column} < {stop}"
        sweep_columns = f"range({start}, {_bound(columns.stop, behind)})"
    else:
        reached = f"{stop} < {head} <= {_bound(columns.start, -behind)}"
        inside = f"{stop} < {column} <= {start}"
        sweep_columns = f"range({start}, {_bound(columns.stop, -behind)}, -1)"
    has_row = f"{row} < {_bound(rows.stop)}" if rows.step > 0 else f"{row} > {_bound(rows.stop)}"
    call = _call(item, sweep, cell, row, column)
    return [
        f"# {ROWS_COUNT} rows at a time, each {_WORDS[sweep.lag]} behind the row before it: no row waits for",
        "# another, and every cell sees the values that it saw when they came in order.",
        f"for {top} in range({_bound(rows.start)}, {_bound(rows.stop)}, {rows.step * ROWS_COUNT}):",
        f"    for {head} in {sweep_columns}:",
        f"        if {in_rows} and {reached}:",
        f"            for {below} in range({ROWS_COUNT}):",
        f"                {call}",
        "        else:",
        f"            for {below} in range({ROWS_COUNT}):",
        f"                if {has_row} and {inside}:",
        f"                    {call}",
    ]


def _call(item: Compiled, sweep: Staggering, cell: str, row: str, column: str) -> str:
    *names, _, _ = _arguments(item, sweep)[: -len(sweep.carried) or None]
    call = f"{cell}({', '.join([*names, row, column, *sweep.carried])})"
    return f"{', '.join(sweep.carried)} = {call}" if sweep.carried else call


def _sign(axis: Axis, direction: int) -> str:
    return "+" if axis.step * direction > 0 else "-"


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _bound(node: ast.expr | None, more: int = 0) -> str:
    """A loop's bound, with something added."""
    match node:
        case None:
            return str(more)
        case ast.Constant(value=int() as value):
            return str(value + more)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=int() as value)):
            return _added(left, value + more)
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as value)):
            return _added(left, more - value)
        case _:
            return _added(node, more)


def _added(node: ast.expr, more: int) -> str:
    plain = isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv)
    )
    text = ast.unparse(node) if plain else f"({ast.unparse(node)})"
    if more == 0:
        return text
    return f"{text} {'+' if more > 0 else '-'} {abs(more)}"
