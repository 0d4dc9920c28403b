"""The body of a function as it would stand in the place of a call, in the caller's names."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.text import fresh_name, on_one_line
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, offset, owns_lines
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.stores import stored_paths

Line = tuple[str, int]
"""A line, and the line of the function that it stands for."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """A call's statement written anew.

    Attributes
    ----------
    call
        The statement.
    lines
        What stands there instead.
    names
        What each parameter and name of the function is called there; an expression for some parameters.
    """

    call: ast.stmt
    function: ast.FunctionDef
    lines: tuple[Line, ...]
    names: Mapping[str, str]


def body_in_place(
    module: Module,
    call: ast.stmt,
    function: ast.FunctionDef,
    given: Mapping[str, ast.expr],
    binds: Collection[str],
    taken: Collection[str],
    *,
    deferred: bool = False,
) -> InPlace:
    """A function's body in a call's place.

    Parameters
    ----------
    given
        The arguments, in the order in which they are computed.
    binds
        What the function binds, parameters included.
    taken
        Names that the caller has.
    deferred
        Arguments may be computed later than the call does it.
    """
    used: set[str] = set(taken)
    rebound = {
        node.id
        for node in own_nodes(function)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    names: dict[str, str] = {}
    first: list[Line] = []
    stored = {
        path.partition(".")[0] for one in function.body for path in stored_paths(one) if path not in rebound
    }
    names |= (_read_once if deferred else _used_once)(function, given, rebound)
    for name, argument in given.items():
        if name in rebound or name in names:
            continue
        if isinstance(argument, ast.Name | ast.Constant) or (name in stored and is_plain(argument)):
            names[name] = ast.unparse(argument)
    for name in [*given, *sorted(set(binds) - set(given))]:
        if name not in names:
            names[name] = fresh_name(name, frozenset(used))
            used.add(names[name])
    lead = indentation(module, call)
    for name, argument in given.items():
        if names[name] not in (ast.unparse(argument), f"({ast.unparse(argument)})"):
            first.append((f"{lead}{names[name]} = {on_one_line(module, argument)}", function.lineno))
    body = [one for one in function.body if not _is_text(one)]
    last = body.pop() if body and isinstance(body[-1], ast.Return) else None
    lines = [*first, *_written(module, function, body, names, lead)]
    lines += _returned(module, call, last, names, lead)
    return InPlace(call, function, tuple(lines or [(f"{lead}pass", function.lineno)]), names)


def _used_once(
    function: ast.FunctionDef, given: Mapping[str, ast.expr], rebound: Collection[str]
) -> dict[str, str]:
    """Arguments that may be computed where a function of one statement uses them: in the same order."""
    match [one for one in function.body if not _is_text(one)]:
        case [ast.AugAssign(target=target, value=value)] | [
            ast.AugAssign(target=target, value=value),
            ast.Return(),
        ]:
            nodes = [*ast.walk(target.slice)] if isinstance(target, ast.Subscript) else []
            nodes += ast.walk(value)
        case _:
            return {}
    repeated = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp)
    if any(isinstance(one, repeated) for one in nodes):
        return {}
    computed = [name for name, one in given.items() if not is_plain(one) and name not in rebound]
    uses = sorted(
        (one.lineno, one.col_offset, one.id)
        for one in ast.walk(function.body[-1] if len(function.body) == 1 else ast.Module(function.body, []))
        if isinstance(one, ast.Name) and one.id in computed
    )
    if [name for _, _, name in uses] != computed:
        return {}
    return {name: f"({ast.unparse(given[name])})" for name in computed}


def _read_once(
    function: ast.FunctionDef, given: Mapping[str, ast.expr], rebound: Collection[str]
) -> dict[str, str]:
    """Arguments that a function reads in one place, where it does so once."""
    repeats = (ast.For, ast.While, ast.comprehension, ast.Lambda)
    repeated = {
        id(name)
        for node in ast.walk(function)
        if isinstance(node, repeats)
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    found = {}
    for name, argument in given.items():
        uses = [one for one in own_nodes(function) if isinstance(one, ast.Name) and one.id == name]
        if len(uses) == 1 and id(uses[0]) not in repeated and not is_plain(argument) and name not in rebound:
            found[name] = f"({ast.unparse(argument)})"
    return found


def is_plain(argument: ast.expr) -> bool:
    """May an argument stand wherever its parameter stood?"""
    if isinstance(argument, ast.Attribute):
        return isinstance(argument.value, ast.Name)
    return isinstance(argument, ast.Name | ast.Constant)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def returned_names(value: ast.expr | None) -> list[str] | None:
    """The names that a ``return`` hands back; None if it hands back anything else."""
    match value:
        case None | ast.Constant(value=None):
            return []
        case ast.Name(id=name):
            return [name]
        case ast.Tuple(elts=parts) if all(isinstance(one, ast.Name) for one in parts):
            return [one.id for one in parts if isinstance(one, ast.Name)]
    return None


def _returned(
    module: Module, call: ast.stmt, last: ast.stmt | None, names: Mapping[str, str], lead: str
) -> Iterator[Line]:
    """What binds the results of the call that are no arguments of the same name."""
    if not isinstance(call, ast.Assign) or not isinstance(last, ast.Return):
        return
    target = call.targets[0]
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    found = returned_names(last.value)
    assert found is not None
    pairs = [
        (ast.unparse(one), names.get(name, name))
        for one, name in zip(targets, found, strict=True)
        if ast.unparse(one) != names.get(name, name)
    ]
    if pairs:
        left, right = (", ".join(part) for part in zip(*pairs, strict=True))
        yield f"{lead}{left} = {right}", last.lineno


def _written(
    module: Module, function: ast.FunctionDef, body: Sequence[ast.stmt], names: Mapping[str, str], lead: str
) -> Iterator[Line]:
    above = body[0].lineno - 1 if body else 0
    while above > function.lineno and module.lines[above - 1].lstrip().startswith("#"):
        above -= 1
    for place, one in enumerate(body):
        for number in range(above + 1, one.lineno):
            if module.lines[number - 1].strip().startswith("#"):
                yield f"{lead}{module.lines[number - 1].strip()}", number
        above = one.end_lineno or one.lineno
        if is_early_end(one):
            assert isinstance(one, ast.If)
            yield (
                f"{lead}if not ({_renamed_text(module, *extent(module, one.test), one.test, names)}):",
                one.lineno,
            )
            rest = list(_written(module, function, body[place + 1 :], names, f"{lead}    "))
            yield from rest or [(f"{lead}    pass", one.lineno)]
            return
        yield from _moved(module, one, names, lead)


def is_early_end(statement: ast.stmt) -> bool:
    """Is it ``if test: return``?"""
    match statement:
        case ast.If(body=[ast.Return(value=None | ast.Constant(value=None))], orelse=[]) as one:
            return one.test.lineno == one.test.end_lineno
    return False


def _moved(module: Module, statement: ast.stmt, names: Mapping[str, str], lead: str) -> Iterator[Line]:
    start, stop = extent(module, statement)
    if owns_lines(module, [statement]):
        stop = offset(module, (statement.end_lineno or statement.lineno) + 1, 0)
    own = " " * statement.col_offset
    text = _renamed_text(module, start, stop, statement, names)
    for number, line in enumerate(text.splitlines(), statement.lineno):
        row = (line if number == statement.lineno else line.removeprefix(own)).rstrip()
        yield f"{lead}{row}" if row else "", number


def _renamed_text(
    module: Module, start: int, stop: int, node: ast.stmt | ast.expr, names: Mapping[str, str]
) -> str:
    """A part of the file's text, around a node, with the caller's names."""
    edits = []
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and names.get(one.id, one.id) != one.id:
            first, last = extent(module, one)
            edits.append(Edit(first - start, last - start, names[one.id]))
    return apply(module.text[start:stop], edits)


def observed_in_place(rows: Sequence[Measurement], one: InPlace, start: int) -> Iterator[Measurement]:
    """What was observed in the function, at the lines in the call's place, from some line on."""
    last = one.function.end_lineno or one.function.lineno
    where = {line: number for number, (_, line) in reversed([*enumerate(one.lines, start)])}
    ends = {line: number for number, (_, line) in enumerate(one.lines, start)}
    for row in rows:
        span = row.where
        if not (one.function.lineno <= span.first and span.last <= last):
            continue
        here = [line for line in where if span.first <= line <= span.last]
        subject = _subject(row.subject, one.names)
        if here and subject is not None:
            first, final = min(where[line] for line in here), max(ends[line] for line in here)
            yield replace(row, subject=subject, where=Span(file=span.file, first=first, last=final))


def _subject(subject: str, names: Mapping[str, str]) -> str | None:
    """What a fact is about, in the caller's names."""
    if not subject:
        return subject
    parts = []
    for part in subject.split("|"):
        root = part.split(".")[0].split("[")[0]
        text = names.get(root, root)
        if not text.replace(".", "").isidentifier():
            return None
        parts.append(text + part[len(root) :])
    return "|".join(parts)
