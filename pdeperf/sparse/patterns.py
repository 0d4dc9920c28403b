"""Sums, scalings and blocks of sparse matrices that are computed again and again, and where they stand."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import fresh_name, names_of
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.orders import of_one_pattern
from pdeperf.sparse.pattern_values import Values, Where
from pdeperf.sparse.solves import narrow_bands, runs_again

_BY_NAME = ("locals(", "globals(", "vars(", "eval(", "exec(")
_PLAIN = (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)
_CROSSED = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Tuple, ast.List, ast.Subscript, ast.Attribute, ast.keyword)
"""What evaluates its parts once, from left to right."""


@dataclass(slots=True)
class Computed:
    """A matrix that is computed of others.

    Attributes
    ----------
    statements
        Those that compute parts of it, each a matrix that nothing else uses, and the one that uses it.
    node
        The expression in the last of them.
    values
        Its values as a sum of expressions of the values of what it is computed of.
    is_scaled
        Are there rows or columns that are multiplied?
    at
        What the function is called there that gives the values of a part.
    """

    statements: tuple[ast.stmt, ...]
    node: ast.expr
    values: tuple[ast.expr, ...]
    is_scaled: bool
    at: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the statements but the last bind."""
        targets = (one.targets[0] for one in self.statements[:-1] if isinstance(one, ast.Assign))
        return tuple(one.id for one in targets if isinstance(one, ast.Name))


def computed_again(
    meaning: Meaning, module: Module, facts: Sequence[Measurement]
) -> Iterator[tuple[Computed, Span]]:
    """Every matrix that is computed again and again where systems of one pattern are solved."""
    whole = Span(file=module.file, first=1, last=len(module.lines))
    keeps_order = "SolvesInKeptOrder(" in module.text
    if not keeps_order and not any(of_one_pattern(meaning, module, whole, facts)):
        return
    if any(any(narrow_bands(meaning, module, whole, facts, again=again)) for again in (False, True)):
        return  # no sparse matrix need be made at all
    ours = _handed_on(module)
    for above in ast.walk(module.tree):
        if isinstance(above, ast.FunctionDef) and above.name in ours:
            continue
        for name in ("body", "orelse", "finalbody"):
            block = getattr(above, name, None)
            if not isinstance(block, list) or not block or isinstance(above, ast.ClassDef):
                continue
            if isinstance(block[0], ast.stmt) and runs_again(meaning, module, block[0]):
                for found in _in_block(meaning, module, block):
                    first, last = found.statements[0], found.statements[-1]
                    end = last.end_lineno or last.lineno
                    yield found, Span(file=module.file, first=first.lineno, last=end)


def _handed_on(module: Module) -> frozenset[str]:
    """The functions that an earlier rewrite has made of such statements."""
    keepers = {
        target.id
        for one in module.tree.body
        if isinstance(one, ast.Assign) and ast.unparse(one.value).startswith("InKnownPattern")
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    return frozenset(
        call.args[0].id
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in keepers
        if isinstance(call.args[0], ast.Name)
    )


def _in_block(meaning: Meaning, module: Module, block: list[ast.stmt]) -> Iterator[Computed]:
    """What some statements compute, with the statements before that compute its parts alone."""
    absorbed: set[ast.stmt] = set()
    found: list[Computed] = []
    for place, last in reversed([*enumerate(block)]):
        if not isinstance(last, _PLAIN) or last in absorbed:
            continue
        parts: list[ast.stmt] = []
        for before in reversed(block[:place]):
            if not _is_part(module, before) or not owns_lines(module, [before]):
                break
            parts.insert(0, before)
        one = _of_parts(meaning, module, tuple(parts), last)
        while one is None and parts:
            parts.pop(0)
            one = _of_parts(meaning, module, tuple(parts), last)
        if one is not None:
            absorbed |= set(parts)
            found.append(one)
    yield from reversed(found)


def _is_part(module: Module, statement: ast.stmt) -> bool:
    """Does a statement bind a name that only the statements behind it in its block may need?"""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp() | ast.UnaryOp() | ast.Call()):
            if any(word in module.text for word in _BY_NAME):
                return False
            if any(
                name in one.names
                for one in ast.walk(module.tree)
                if isinstance(one, ast.Global | ast.Nonlocal)
            ):
                return False
            scope = next((one for one in module.ancestors(statement) if isinstance(one, FUNCTIONS)), None)
            uses = [one for one in ast.walk(scope or module.tree) if isinstance(one, ast.Name)]
            uses = [one for one in uses if one.id == name]
            block = next(
                body
                for field_name in ("body", "orelse", "finalbody")
                if isinstance(body := getattr(module.parents[statement], field_name, None), list)
                and statement in body
            )
            behind = block[block.index(statement) + 1 :]
            inside = {id(node) for one in behind for node in ast.walk(one)}
            stores = [one for one in uses if not isinstance(one.ctx, ast.Load)]
            own = set(map(id, own_nodes(scope or module.tree)))
            return len(stores) == 1 and all(
                (id(one) in inside or one in stores) and id(one) in own for one in uses
            )
        case _:
            return False


def _of_parts(
    meaning: Meaning, module: Module, parts: tuple[ast.stmt, ...], last: ast.stmt
) -> Computed | None:
    """What a statement computes of the parts that others bind, if these serve nothing else."""
    at = fresh_name("at", names_of(module))
    bound = {
        target.id: one
        for one in parts
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for node in _outermost(last):
        if isinstance(node, ast.Name) or (parts and _is_late(last, node)):
            continue
        reader = Values(meaning, module, at, bound)
        values = reader.of(node, Where(statement=last))
        if values is None or reader.computed_count == 0 or (reader.has_blocks and reader.has_whole):
            continue
        if reader.used != {*bound}:
            continue
        known = {id(each) for one in (*parts, node) for each in ast.walk(one)}
        uses = [one for one in ast.walk(module.tree) if isinstance(one, ast.Name) and one.id in bound]
        scope = meaning.home(module, last)
        mine = [one for one in uses if meaning.home(module, one) is scope]
        if all(id(one) in known for one in mine):
            terms = tuple(_terms(values)) if reader.has_blocks else (values,)
            return Computed((*parts, last), node, terms, reader.is_scaled, at)
    return None


def _terms(values: ast.expr) -> Iterator[ast.expr]:
    """What a sum consists of."""
    if isinstance(values, ast.BinOp) and isinstance(values.op, ast.Add):
        yield from _terms(values.left)
        yield values.right
    else:
        yield values


def _is_late(statement: ast.stmt, node: ast.expr) -> bool:
    """Does a statement call something before it evaluates an expression of its own?"""
    begins = node.lineno, node.col_offset
    return any(
        (one.end_lineno or 0, one.end_col_offset or 0) <= begins
        for one in ast.walk(statement)
        if isinstance(one, ast.Call)
    )


def _outermost(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement that are evaluated once, each before its parts."""
    value = getattr(statement, "value", None)
    pending = [value] if isinstance(value, ast.expr) else []
    while pending:
        node = pending.pop(0)
        yield node
        if isinstance(node, _CROSSED):
            children = [
                one.value if isinstance(one, ast.keyword) else one for one in ast.iter_child_nodes(node)
            ]
            pending = [*(one for one in children if isinstance(one, ast.expr)), *pending]
