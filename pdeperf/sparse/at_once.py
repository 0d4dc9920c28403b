"""Matrices whose entries are computed all at once by array expressions, and then assembled."""

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import after, newline, on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, owns_lines
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.assembly_text import ASSEMBLED, BLOCK
from pdeperf.sparse.elementwise import NotElementwise
from pdeperf.sparse.filling import Filling, Store
from pdeperf.sparse.later_uses import form_after
from pdeperf.sparse.triplets import replaced
from pdeperf.sparse.vectorised import STORED_IN_ORDER, Whole, whole
from pdeperf.sparse.written import Additions


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The edits, what they forget, and whether they may round otherwise."""

    edits: list[Edit]
    forgets: frozenset[str]
    rounds: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """What the parts of one matrix are called."""

    shape: str
    parts: str
    entries: tuple[str, str, str, str]


def at_once(meaning: Meaning, module: Module, fillings: Sequence[Filling], added: Additions) -> AtOnce | str:
    """The edits that compute the entries of matrices by array expressions; or why that is not the same."""
    loops = list(dict.fromkeys(loop for filling in fillings for loop in filling.loops))
    names = {filling.path: _named(filling, added) for filling in fillings}
    edits: list[Edit] = []
    found: dict[ast.stmt, Whole] = {}
    reason = ""
    in_order = added.definition(STORED_IN_ORDER)
    for loop in loops:
        concerned = [filling for filling in fillings if loop in filling.loops]
        stem = "_and_".join(filling.path.rpartition(".")[2] for filling in concerned)
        name = added.name(f"entries_of_{stem}")
        try:
            one = whole(meaning, module, loop, concerned, (added.alias("numpy"), name, in_order))
            call = _called(module, loop, one, {path: names[path] for path in one.results})
        except NotElementwise as problem:
            reason = str(problem)
            continue
        found[loop] = one
        added.text(one.text)
        edits.append(call)
    blocks = any(store.block for filling in fillings for store in filling.stores)
    if not found and not blocks:
        return reason
    plain: dict[ast.stmt, list[str]] = {}
    for filling in fillings:
        for store in filling.stores:
            if not store.loops or store.loops[0] not in found:
                plain.setdefault(store.statement, []).append(
                    _plain(module, store, names[filling.path], added)
                )
        edits += _around(meaning, module, filling, names[filling.path], added)
    edits += [replaced(module, statement, lines) for statement, lines in plain.items()]
    home = meaning.home(module, loops[0])
    prefix = f"{module.scope_name(home.body[0])}():" if isinstance(home, FUNCTIONS) else ""  # type: ignore[index]
    forgets = frozenset(f"{prefix}{name}" for one in found.values() for name in one.forgets)
    return AtOnce(edits, forgets, any(one.rounds for one in found.values()))


def _named(filling: Filling, added: Additions) -> _Names:
    stem = filling.path.rpartition(".")[2]
    rows, columns, values, acts = (
        added.name(f"{stem}_{part}") for part in ("rows", "columns", "values", "acts")
    )
    return _Names(added.name(f"{stem}_shape"), added.name(f"{stem}_parts"), (rows, columns, values, acts))


def _called(module: Module, loop: ast.stmt, one: Whole, names: dict[str, _Names]) -> Edit:
    if not owns_lines(module, [loop]):
        raise NotElementwise("the loop shares its line")
    call = f"{one.name}({', '.join(one.parameters)})"
    lines = _comments(module, loop)
    if len(names) == 1:
        (only,) = names.values()
        lines.append(f"{only.parts}.append({call})")
    else:
        lines += [f"{', '.join(name.entries[0] for name in names.values())} = {call}"]
        lines += [f"{name.parts}.append({name.entries[0]})" for name in names.values()]
    lead = newline(module) + indentation(module, loop)
    start, end = extent(module, loop)
    return Edit(start, end, lead.join(lines))


def _comments(module: Module, loop: ast.stmt) -> list[str]:
    """The comments that stand in a loop."""
    last = loop.end_lineno or loop.lineno
    found = []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        inside = (loop.lineno, loop.col_offset) <= token.start < (last, loop.end_col_offset or 0)
        if token.type == tokenize.COMMENT and inside:
            found.append(token.string)
    return found


def _plain(module: Module, store: Store, names: _Names, added: Additions) -> str:
    row = on_one_line(module, store.row) if store.row is not None else "0"
    column = on_one_line(module, store.column) if store.column is not None else "0"
    value = on_one_line(module, store.value)
    value = f"-({value})" if store.negative else value
    entries = f"({row}, {column}, {value}, {int(store.act)})"
    made = f"{added.definition(BLOCK)}{entries}" if store.block else entries
    return f"{names.parts}.append({made})"


def _around(
    meaning: Meaning, module: Module, filling: Filling, names: _Names, added: Additions
) -> list[Edit]:
    """The creation, and the assembly after the last store."""
    kind = filling.kind or "matrix"
    function = added.definition(ASSEMBLED.replace("CSR", f"csr_{kind}"))
    numpy = added.alias("numpy")
    lead = newline(module) + indentation(module, filling.creation)
    source = filling.shape if filling.shape is not None else filling.start
    assert source is not None
    start, end = extent(module, filling.creation)
    lines = [f"{names.shape} = {on_one_line(module, source)}", f"{names.parts} = []"]
    form = form_after(meaning, module, filling)
    rows, columns, values, acts = names.entries
    scalar = "complex" if filling.scalar == "complex" else "float"
    more = f', "{form}"' if form != "csr" else ""
    shape = names.shape
    if filling.start is not None:
        shape, more = "None", f"{more}, start={names.shape}"
    if filling.form in ("csr", "csc"):
        more += ", zeros=True"
    built = [
        f"{rows}, {columns}, {values}, {acts} = map({numpy}.hstack, zip(*{names.parts}))",
        f"{filling.path} = {function}({rows}, {columns}, {values}.astype({scalar}), {shape}, {acts}{more})",
    ]
    return [Edit(start, end, lead.join(lines)), after(module, filling.statements[-1], built)]
