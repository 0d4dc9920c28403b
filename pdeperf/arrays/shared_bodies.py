"""Loops that a kernel would hold several times, as a function that it calls: compiled once."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from pdeperf.arrays.repeats import Repeat, repeat
from pdeperf.arrays.wrap import wrapped as broken
from pdeperf.kernel.callsite import wrapped
from pdeperf.kernel.compiled import Compiled, compiled
from pdeperf.model import Candidate
from pdeperf.source import Module, Project, parsed
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent, owns_lines, segment

_MOST = 8
"""So many functions may come out of one kernel."""


def with_shared_bodies(candidate: Candidate, project: Project) -> Candidate:
    """The same, with loops that its new kernels hold several times written once."""
    patches = []
    for patch in candidate.patches:
        before = project[patch.file]
        known = {item.name for item in compiled(before)}
        text = patch.after
        module = parsed(patch.file, text, is_script=before.is_script)
        for name in [item.name for item in compiled(module) if item.name not in known]:
            text = _shared(text, name, before)
        patches.append(replace(patch, after=text))
    return replace(candidate, patches=tuple(patches))


def _shared(text: str, name: str, before: Module) -> str:
    """A file's text with what one kernel repeats put into functions."""
    for _ in range(_MOST):
        module = parsed(before.file, text, is_script=before.is_script)
        item = next((each for each in compiled(module) if each.name == name), None)
        found = repeat(module, item.node) if item else None
        if item is None or found is None or not all(owns_lines(module, run) for run in found.runs):
            return text
        text = _written(item, found)
    return text


def _written(item: Compiled, found: Repeat) -> str:
    """The file with a function of what is repeated, and calls of it."""
    module, node = item.module, item.node
    name = _name(found, module)
    start, end = lines_extent(module, found.runs[0])
    shifted = [Edit(each.start - start, each.end - start, each.text) for each in found.edits]
    rows = apply(module.text[start:end], shifted).splitlines()
    indent = indentation(module, found.runs[0][0])
    body = [line for row in rows for line in broken(f"    {row.removeprefix(indent)}" if row.strip() else "")]
    if found.results[0]:
        body += broken(f"    return {', '.join(found.results[0])}")
    at = sum(len(row) for row in module.lines[: item.decorator.lineno - 1])
    edits = []
    for number, run in enumerate(found.runs):
        passed = [values[number] for values in found.parameters.values()]
        left = f"{', '.join(found.results[number])} = " if found.results[number] else ""
        call = wrapped(f"{left}{name}", passed, "", indentation(module, run[0]))
        edits.append(Edit(*lines_extent(module, run), call))
    is_parallel = _has_prange(found.runs[0])
    inside = {id(each) for run in found.runs for part in run for each in ast.walk(part)}
    rest = [each for each in ast.walk(node) if isinstance(each, ast.For) and id(each) not in inside]
    keeps = any(_is_prange(each.iter) for each in rest)
    decorator = segment(module, item.decorator)
    head = wrapped(f"def {name}", [*found.parameters], ":", "")
    doc = f'    """What {node.name} does {_times(len(found.runs))}, with one array or another."""\n'
    text = "\n".join((_option(item, decorator, is_on=is_parallel), head + doc + "\n".join(body), "", "", ""))
    edits.append(Edit(at, at, "@" + text))
    if not item.is_serial and not keeps:
        edits.append(Edit(*extent(module, item.decorator), _option(item, decorator, is_on=False)))
    return apply(module.text, edits)


def _option(item: Compiled, decorator: str, *, is_on: bool) -> str:
    """A kernel's decorator for a function that may have no loop on all cores: Numba warns of these."""
    if is_on or item.is_serial or not isinstance(item.decorator, ast.Call):
        return decorator
    words = [each for each in item.decorator.keywords if each.arg != "parallel"]
    return ast.unparse(ast.Call(item.decorator.func, item.decorator.args, words)).replace("'", '"')


def _has_prange(statements: Sequence[ast.stmt]) -> bool:
    return any(_is_prange(node) for each in statements for node in ast.walk(each))


def _is_prange(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "prange"


def _times(count: int) -> str:
    return {2: "twice", 3: "three times", 4: "four times"}.get(count, f"{count} times")


def _name(found: Repeat, module: Module) -> str:
    """``update_`` and the first array that the loops change."""
    stored = (
        node.value.id
        for part in found.runs[0]
        for node in ast.walk(part)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
    )
    taken = {node.id for node in module.all(ast.Name)} | {each.name for each in module.all(ast.FunctionDef)}
    taken |= {each.arg for each in module.all(ast.arg)}
    name = stem = f"update_{next(stored, 'cells')}"
    count = 2
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    return name
