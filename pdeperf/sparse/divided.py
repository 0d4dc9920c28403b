"""Loops that fill a matrix and something else, written as two: the first builds what can be kept."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.text import newline, on_one_line
from pdeperf.lifetimes.vocabulary import is_number
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import extent, indentation, lines_extent, owns_lines
from pdeperf.source.flow import reach, reads, writes
from pdeperf.sparse.building import filled
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.dependencies import Impure, hidden_reads
from pdeperf.sparse.observed_elsewhere import moved

Block = ast.For | ast.If
_LEAVES = (ast.Assign, ast.AugAssign, ast.Expr, ast.Pass, ast.Continue, ast.Break)
_JUMPS = (ast.Continue, ast.Break)
_AGAIN = ("list", "tuple", "dict", "set", "frozenset", "range", "str", "numpy.ndarray", "collections.")
"""How the types begin that can be gone through twice."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A file some of whose loops are written as two.

    Attributes
    ----------
    project
        The user's files with this one in place of the original.
    origins
        For each line, the line of the original.
    """

    project: Project
    module: Module
    origins: tuple[int, ...]

    def kin(self, home: ast.FunctionDef | ast.For | ast.While) -> ast.FunctionDef | ast.For | ast.While:
        """A function or a loop of the original as it stands here."""
        line = self.origins.index(home.lineno) + 1
        return next(
            one
            for one in ast.walk(self.module.tree)
            if isinstance(one, ast.FunctionDef | ast.For | ast.While) and one.lineno == line
        )

    def original(self, span: Span) -> Span:
        """The lines of the original from which some lines come."""
        lines = self.origins[span.first - 1 : span.last]
        return Span(file=span.file, first=min(lines), last=max(lines))


def divided(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | ast.For | ast.While,
    names: Iterable[str],
) -> Divided | None:
    """The file with all statements of a body divided that fill some matrices and do something else."""
    wanted = frozenset(names)
    pieces: list[tuple[int, int, list[tuple[str, int]]]] = []
    for row in _rows(home.body):
        if not owns_lines(module, row) or not any(filled(one) & wanted for one in row):
            continue
        parts = [part for one in row for part in (_parts(constancy, module, one, wanted) or [one])]
        if len(parts) == 1:
            continue
        lead = indentation(module, row[0])
        lines = [line for part in parts for line in _written(module, part, lead)]
        pieces.append((row[0].lineno, row[-1].end_lineno or 0, lines))
    return written_anew(constancy.meaning.project, module, pieces) if pieces else None


def _rows(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """The statements of a body, those together that share a line."""
    row: list[ast.stmt] = []
    for one in body:
        if row and one.lineno != row[-1].end_lineno:
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def written_anew(
    project: Project, module: Module, pieces: Sequence[tuple[int, int, list[tuple[str, int]]]]
) -> Divided:
    """The file with other lines in place of some, first to last; each with its original line."""
    end = newline(module)
    every: list[tuple[str, int]] = []
    at = 1
    for first, last, lines in pieces:
        every += [(module.lines[number - 1], number) for number in range(at, first)]
        every += [(f"{text}{end}", number) for text, number in lines]
        at = last + 1
    every += [(module.lines[number - 1], number) for number in range(at, len(module.lines) + 1)]
    origins = tuple(number for _, number in every)
    new = Module(
        module.file,
        "".join(text for text, _ in every),
        is_script=module.is_script,
        local_modules=module.local_modules,
    )
    modules = {file: new if one is module else one for file, one in project.modules.items()}
    return Divided(Project(modules, tuple(moved(project.observed, module.file, origins))), new, origins)


def _parts(
    constancy: Constancy, module: Module, statement: ast.stmt, wanted: frozenset[str]
) -> list[ast.stmt] | None:
    """What fills the matrices, and the rest; None if they need each other or are one already."""
    if not isinstance(statement, Block):
        return None
    leaves = _leaves(statement)
    if leaves is None:
        return None
    matrices = {one for one in leaves if (filled(one) | writes(one)) & wanted}
    others = {one for one in leaves if one not in matrices and not isinstance(one, (*_JUMPS, ast.Pass))}
    first = _closed(leaves, matrices)
    rest = _closed(leaves, {one for one in others if one not in first}) if first else None
    if not first or not rest or rest & matrices or not others - first:
        return None
    builds, remains = _only(statement, first), _only(statement, rest)
    if not isinstance(builds, Block) or not isinstance(remains, Block):
        return None
    if not _can_part(constancy, module, statement, builds, remains):
        return None
    return [builds, remains]


def _leaves(statement: Block) -> dict[ast.stmt, tuple[Block, ...]] | None:
    """The plain statements in a block, each with the blocks around it; None if there is more than that."""
    found: dict[ast.stmt, tuple[Block, ...]] = {}
    pending: list[tuple[ast.stmt, tuple[Block, ...]]] = [(statement, ())]
    while pending:
        one, around = pending.pop(0)
        if isinstance(one, _LEAVES):
            found[one] = around
        elif isinstance(one, Block) and not (isinstance(one, ast.For) and one.orelse):
            pending += [(inner, (*around, one)) for inner in (*one.body, *one.orelse)]
        else:
            return None
    jumps = [one for one, around in found.items() if isinstance(one, _JUMPS) and not _in_loop(around)]
    return None if jumps else found


def _in_loop(around: Sequence[Block]) -> bool:
    return any(isinstance(one, ast.For) for one in around)


def _effects(leaf: ast.stmt) -> frozenset[str]:
    """Names that a plain statement binds, or whose contents it may change."""
    called = frozenset(
        node.func.value.id
        for node in ast.walk(leaf)
        if isinstance(leaf, ast.Expr)
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    )
    stored = frozenset(
        name.id
        for node in ast.walk(leaf)
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
        for name in [_root(node)]
        if name is not None
    )
    return writes(leaf) | called | stored


def _root(node: ast.expr) -> ast.Name | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def _needs(leaf: ast.stmt) -> frozenset[str]:
    own = {leaf.target.id} if isinstance(leaf, ast.AugAssign) and isinstance(leaf.target, ast.Name) else set()
    return reads(leaf) | own


def _closed(leaves: dict[ast.stmt, tuple[Block, ...]], seeds: set[ast.stmt]) -> set[ast.stmt]:
    """Some statements and all that decide what they do; empty if that cannot be told apart."""
    chosen = set(seeds) | ({one for one in leaves if isinstance(one, _JUMPS)} if seeds else set())
    while True:
        blocks = {block for one in chosen for block in leaves[one]}
        needed = frozenset[str]().union(
            *(_needs(one) for one in chosen),
            *(reads(one.iter if isinstance(one, ast.For) else one.test) for one in blocks),
        )
        more = {one for one in leaves if one not in chosen and _effects(one) & needed}
        if not more:
            break
        chosen |= more
    counted = {
        name
        for around in leaves.values()
        for block in around
        if isinstance(block, ast.For) and block not in blocks
        for name in writes(block.target)
    }
    return set() if counted & needed else chosen


def _only(statement: ast.stmt, chosen: set[ast.stmt]) -> ast.stmt | None:
    """A statement with the chosen ones of its parts alone: the same nodes, in new blocks."""
    if not isinstance(statement, Block):
        return statement if statement in chosen else None
    body = [part for one in statement.body if (part := _only(one, chosen)) is not None]
    orelse = [part for one in statement.orelse if (part := _only(one, chosen)) is not None]
    if not body and not orelse:
        return None
    if isinstance(statement, ast.For):
        new: Block = ast.For(statement.target, statement.iter, body, orelse)
    else:
        new = ast.If(statement.test, body or [ast.copy_location(ast.Pass(), statement)], orelse)
    return ast.copy_location(new, statement)


def _can_part(constancy: Constancy, module: Module, statement: Block, builds: Block, remains: Block) -> bool:
    """May all of the one part run before all of the other?"""
    both = _all_effects(builds) & _all_effects(remains)
    if both & (reach([builds]).exposed | reach([remains]).exposed):
        return False
    home = constancy.meaning.home(module, statement)
    for one, other in ((builds, remains), (remains, builds)):
        nodes = [node for node in ast.walk(one) if not isinstance(node, ast.expr_context)]
        changed = constancy.changes.changed(module, nodes) - both
        if any(changed & constancy.sharing.group(module, home, name) for name in reads(other) - both):
            return False
        try:
            hidden = hidden_reads(constancy.meaning, module, nodes)
        except Impure:
            return False
        if hidden & (_all_effects(one) | _all_effects(other)):
            return False
    for node in ast.walk(statement):
        if isinstance(node, ast.For) and not _can_repeat(constancy, module, node):
            return False
    return True


def _all_effects(block: ast.stmt) -> frozenset[str]:
    return frozenset[str]().union(*(_effects(one) for one in ast.walk(block) if isinstance(one, ast.stmt)))


def _can_repeat(constancy: Constancy, module: Module, loop: ast.For) -> bool:
    """Does a loop find the same again when it runs a second time: is it over no iterator?"""
    called = {id(node.func) for node in ast.walk(loop.iter) if isinstance(node, ast.Call)}
    for node in ast.walk(loop.iter):
        if isinstance(node, ast.GeneratorExp):
            return False
        if not isinstance(node, ast.Name | ast.Attribute) or id(node) in called:
            continue
        if isinstance(module.parents.get(node), ast.Attribute) or constancy.meaning.full(module, node):
            continue
        kinds = constancy.meaning.values(module, loop, ast.unparse(node), "type")
        if not kinds and isinstance(node, ast.Name) and _is_counted(module, loop, node.id):
            continue
        again = (kind.startswith(_AGAIN) and not kind.endswith("_iterator") for kind in kinds)
        if not kinds or not (all(again) or all(is_number(kind) for kind in kinds)):
            return False
    return True


def _is_counted(module: Module, loop: ast.For, name: str) -> bool:
    """Is it what a loop around counts with?"""
    return any(
        isinstance(above, ast.For) and name in writes(above.target) for above in module.ancestors(loop)
    )


def _written(module: Module, statement: ast.stmt, lead: str) -> Iterator[tuple[str, int]]:
    """The lines of a statement and the original line of each."""
    if isinstance(statement, ast.For):
        head = f"for {on_one_line(module, statement.target)} in {on_one_line(module, statement.iter)}:"
        yield f"{lead}{head}", statement.lineno
        for one in statement.body:
            yield from _written(module, one, f"{lead}    ")
    elif isinstance(statement, ast.If):
        yield from _branches(module, statement, lead, "if")
    else:
        yield from _leaf(module, statement, lead)


def _branches(module: Module, statement: ast.If, lead: str, word: str) -> Iterator[tuple[str, int]]:
    test = on_one_line(module, statement.test)
    if isinstance(statement.body[0], ast.Pass) and statement.orelse and not _is_elif(statement.orelse):
        yield f"{lead}{word} not ({test}):", statement.lineno
        for one in statement.orelse:
            yield from _written(module, one, f"{lead}    ")
        return
    yield f"{lead}{word} {test}:", statement.lineno
    for one in statement.body:
        yield from _written(module, one, f"{lead}    ")
    match statement.orelse:
        case []:
            return
        case [ast.If() as other]:
            yield from _branches(module, other, lead, "elif")
        case others:
            yield f"{lead}else:", others[0].lineno
            for one in others:
                yield from _written(module, one, f"{lead}    ")


def _is_elif(body: Sequence[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], ast.If)


def _leaf(module: Module, statement: ast.stmt, lead: str) -> Iterator[tuple[str, int]]:
    if isinstance(statement, ast.Pass):
        yield f"{lead}pass", statement.lineno
        return
    start, stop = extent(module, statement)
    last = lines_extent(module, [statement])[1]
    text, tail = module.text[start:stop], module.text[stop:last].strip()
    if "\n" in text and (indentation(module, statement) != lead or not owns_lines(module, [statement])):
        text = ast.unparse(statement)
    comment = f"  {tail}" if tail.startswith("#") else ""
    for number, line in enumerate(f"{text}{comment}".splitlines()):
        yield (
            f"{lead if number == 0 else ''}{line}",
            min(statement.lineno + number, statement.end_lineno or statement.lineno),
        )
