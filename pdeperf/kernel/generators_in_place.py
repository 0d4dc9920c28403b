"""A script in which the loops of generators stand where a ``for`` ran over them, before it is compiled."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pdeperf.kernel.blocks import block_of
from pdeperf.kernel.generator_names import Names, names_in_place, one_line
from pdeperf.kernel.generators import Generator, generators
from pdeperf.kernel.observed import scope_seen
from pdeperf.kernel.program import Program
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent, owns_lines, segment
from pdeperf.source.scopes import scope_of

_MOST_PLACES = 8
_MOST_LINES = 60
"""More lines than this in place of one loop are no longer read with pleasure."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One loop of which the generator was put in its place.

    Attributes
    ----------
    new
        For each line before, the lines where it stands now.
    of_generator
        For each line of the generator, where it stands in place of the loop.
    old
        For each line now, the line before that it comes from.
    """

    new: Mapping[int, tuple[int, ...]]
    of_generator: Mapping[int, int]
    old: tuple[int, ...]

    def span(self, where: Span) -> Span:
        if where.first in self.of_generator and where.last in self.of_generator:
            first, last = self.of_generator[where.first], self.of_generator[where.last]
        else:
            first, last = self.new[where.first][0], self.new[where.last][-1]
            if len(self.new[where.first]) == len(self.new[where.last]):
                last = self.new[where.last][0]
        return replace(where, first=first, last=last)


@dataclass(frozen=True, slots=True)
class Placed:
    """A project in which generators stand in place of the loops over them.

    Attributes
    ----------
    loops
        Lines of the original at which these loops began.
    spans
        Where they stand now.
    """

    project: Project
    file: str
    loops: frozenset[int]
    steps: tuple[_Step, ...]

    def span(self, where: Span) -> Span:
        """Where lines of the original have gone."""
        if where.file == self.file:
            for step in self.steps:
                where = step.span(where)
        return where

    def line(self, line: int) -> int:
        """The line of the original that a line comes from."""
        for step in reversed(self.steps):
            line = step.old[min(line, len(step.old)) - 1]
        return line

    def used(self, compiled: Sequence[ast.AST]) -> frozenset[int]:
        """The loops of which something is compiled."""
        lines = {
            self.line(line)
            for node in compiled
            if isinstance(node, ast.stmt)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        return self.loops & lines


def in_place(where: Span, project: Project, only: frozenset[int] | None = None) -> Placed | None:
    """The project with its generators in place of the loops over them; None where there are none.

    Parameters
    ----------
    only
        Lines of the loops that are meant.
    """
    if where.file not in project or Program(project).is_dynamic:
        return None
    placed = Placed(project, where.file, frozenset(), ())
    while len(placed.steps) < _MOST_PLACES and (further := _further(placed, only)) is not None:
        placed = further
    return placed if placed.steps else None


def _further(placed: Placed, only: frozenset[int] | None) -> Placed | None:
    """One more loop written out; None where there is none."""
    module = placed.project[placed.file]
    for one in generators(module, placed.project, Program(placed.project)):
        line = placed.line(one.loop.lineno)
        if only is not None and line not in only:
            continue
        names = names_in_place(one, module)
        made = _written(one, names, module) if names is not None else None
        if names is None or made is None:
            continue
        text, step = made
        steps = [step]
        try:
            fresh = _module(text, module)
            if (shorter := _ranges_in_headers(fresh, step)) is not None:
                fresh = _module(shorter[0], module)
                steps.append(shorter[1])
        except SyntaxError:
            continue
        rows = tuple(_rows(placed.project.observed, one, names, module, step))
        for later in steps[1:]:
            rows = tuple(_moved(row, module, later) for row in rows)
        modules = MappingProxyType({**placed.project.modules, module.file: fresh})
        project = replace(placed.project, modules=modules, observed=rows)
        return Placed(project, placed.file, placed.loops | {line}, (*placed.steps, *steps))
    return None


def _module(text: str, module: Module) -> Module:
    return Module(module.file, text, is_script=module.is_script, local_modules=module.local_modules)


def _ranges_in_headers(module: Module, step: _Step) -> tuple[str, _Step] | None:
    """``order = reversed(range(n))`` before ``for i in order``, which alone reads it, in that."""
    places = {*step.of_generator.values()}
    for loop in module.all(ast.For):
        block, _ = block_of(module, loop)
        at = block.index(loop)
        match block[at - 1] if at else None, loop.iter:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) as bound, ast.Name(id=read):
                here = scope_of(module, loop).node
                uses = [node for node in ast.walk(here) if isinstance(node, ast.Name) and node.id == name]
                is_one_line = bound.lineno == bound.end_lineno and owns_lines(module, [bound])
                if name == read and len(uses) == 2 and is_one_line and bound.lineno in places:
                    edits = [
                        Edit(*lines_extent(module, [bound]), ""),
                        Edit(*extent(module, loop.iter), segment(module, value)),
                    ]
                    return apply(module.text, edits), _without(bound.lineno, len(module.lines))
    return None


def _without(line: int, count: int) -> _Step:
    """Where lines go if one is taken away."""
    new = {old: (old if old <= line else old - 1,) for old in range(1, count + 1)}
    return _Step(new, {}, tuple(old for old in range(1, count + 1) if old != line))


# ---- the text


def _written(one: Generator, names: Names, module: Module) -> tuple[str, _Step] | None:
    """The file with the loop written out, and where its lines have gone."""
    loop = one.loop
    first, last = loop.lineno, loop.end_lineno or loop.lineno
    margin, base = indentation(module, loop), indentation(module, one.body[0])
    renamed = _renamed(one, names, module)
    body_first, body_last = (loop.iter.end_lineno or first) + 1, last
    body_base = indentation(module, loop.body[0])
    if any(isinstance(above, ast.For) and above.lineno == first for above in module.ancestors(loop)):
        return None
    yields = {part.lineno: part for part in one.yields}
    made: list[tuple[str, int, int]] = [(f"{margin}# {one_line(loop.iter, module)}\n", first, 0)]
    made += [(f"{margin}{line}\n", first, 0) for line in names.before]
    at, end = one.body[0].lineno, one.body[-1].end_lineno or one.body[-1].lineno
    while at <= end:
        text = renamed[at - one.body[0].lineno]
        bare = text[len(base) :] if text.startswith(base) else text.lstrip()
        if at in yields:
            part = yields[at]
            deeper = margin + indentation(module, part)[len(base) :]
            bound = _bound(loop.target, part, names, renamed, one, module)
            made += [(f"{deeper}{line}\n", first, at) for line in bound]
            for line in range(body_first, body_last + 1):
                row = module.lines[line - 1]
                inner = row[len(body_base) :] if row.startswith(body_base) else row.lstrip(" \t")
                made.append((_ended(deeper + inner if inner.strip() else "\n"), line, at))
            at = (part.end_lineno or at) + 1
            continue
        made.append((_ended(margin + bare if bare.strip() else "\n"), first, at))
        at += 1
    if len(made) > _MOST_LINES + (last - first + 1):
        return None
    lines = [*module.lines[: first - 1], *(text for text, _, _ in made), *module.lines[last:]]
    old = [*range(1, first), *(line for _, line, _ in made), *range(last + 1, len(module.lines) + 1)]
    new: dict[int, tuple[int, ...]] = {}
    for place, line in enumerate(old, 1):
        new[line] = (*new.get(line, ()), place)
    for line in range(first, body_first):
        new[line] = (first,)
    new.setdefault(last, (first + len(made) - 1,))
    of_generator = {line: first + place for place, (_, _, line) in reversed([*enumerate(made)]) if line}
    return "".join(lines), _Step(MappingProxyType(new), MappingProxyType(of_generator), tuple(old))


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _renamed(one: Generator, names: Names, module: Module) -> list[str]:
    """The lines of the generator with its new names, and breaks for its returns."""
    start, end = lines_extent(module, one.body)
    edits = []
    for part in one.body:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and names.texts.get(node.id, node.id) != node.id:
                text = names.texts[node.id]
                is_plain = text.isidentifier() or not text.startswith("-")
                edits.append(Edit(*extent(module, node), text if is_plain else f"({text})"))
            elif isinstance(node, ast.Return):
                edits.append(Edit(*extent(module, node), "break"))
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    return apply(module.text[start:end], moved).splitlines(keepends=True)


def _bound(
    target: ast.expr, part: ast.Expr, names: Names, renamed: Sequence[str], one: Generator, module: Module
) -> Iterator[str]:
    """What binds the loop's variables where the generator yields."""
    assert isinstance(part.value, ast.Yield)
    value = part.value.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        pairs = list(zip(target.elts, value.elts, strict=True))
    left = [
        pair
        for pair in pairs
        if not (
            isinstance(pair[0], ast.Name)
            and isinstance(pair[1], ast.Name)
            and names.texts.get(pair[1].id) == pair[0].id
            and pair[0].id in names.same
        )
    ]
    if not left:
        return
    targets = ", ".join(ast.unparse(one_target).strip("()") for one_target, _ in left)
    if any(isinstance(one_target, ast.Tuple) for one_target, _ in left):
        targets = ", ".join(ast.unparse(one_target) for one_target, _ in left)
    yield f"{targets} = {', '.join(_text(one_value, names, module) for _, one_value in left)}"


def _text(value: ast.expr | None, names: Names, module: Module) -> str:
    """What is yielded, in the new names."""
    if value is None:
        return "None"
    start, _ = extent(module, value)
    edits = [
        Edit(at - start, end - start, names.texts[node.id])
        for node in ast.walk(value)
        if isinstance(node, ast.Name) and names.texts.get(node.id, node.id) != node.id
        for at, end in (extent(module, node),)
    ]
    text = apply(segment(module, value), edits)
    return re.sub(r"\s*\n\s*", " ", text)


# ---- what was seen


def _rows(
    rows: Sequence[Measurement], one: Generator, names: Names, module: Module, step: _Step
) -> Iterator[Measurement]:
    """What was seen, at the lines where these stand now; of the generator's names, in both places."""
    first = step.new[one.loop.lineno][0]
    ends = (one.loop.lineno, one.loop.end_lineno)
    last = max(place for place, line in enumerate(step.old, 1) if line in ends)
    for row in rows:
        if row.where.file != module.file:
            yield row
            continue
        row = _told(row, module, step)
        firsts, lasts = step.new.get(row.where.first, ()), step.new.get(row.where.last, ())
        if len(firsts) == len(lasts):
            for low, high in zip(firsts, lasts, strict=True):
                yield replace(row, where=replace(row.where, first=low, last=high))
        elif firsts and lasts:
            yield replace(row, where=replace(row.where, first=firsts[0], last=lasts[-1]))
        root = re.match(r"\w*", row.subject)
        name = names.texts.get(root[0]) if root is not None else None
        if not name or not name.isidentifier() or not _is_seen_in(row, one, module):
            continue
        low = step.of_generator.get(row.where.first, first)
        high = step.of_generator.get(row.where.last, last)
        if low > high:
            low, high = first, last
        subject = name + row.subject[len(root[0] if root else "") :]
        yield replace(row, subject=subject, where=replace(row.where, first=low, last=high))


def _moved(row: Measurement, module: Module, step: _Step) -> Measurement:
    if row.where.file != module.file:
        return row
    first, last = (step.new.get(line, (line,))[0] for line in (row.where.first, row.where.last))
    return replace(_told(row, module, step), where=replace(row.where, first=first, last=last))


def _is_seen_in(row: Measurement, one: Generator, module: Module) -> bool:
    return scope_seen(module, row) is one.function


def _told(row: Measurement, module: Module, step: _Step) -> Measurement:
    found = re.fullmatch(rf"{re.escape(module.file)}:(\d+):(.*)", str(row.value))
    if row.metric != "function" or found is None:
        return row
    places = step.new.get(int(found[1]), (int(found[1]),))
    return replace(row, value=f"{module.file}:{places[0]}:{found[2]}")
