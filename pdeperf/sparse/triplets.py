"""Entry-wise stores into a matrix, written as stores into arrays of triplets."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import after, newline, on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, owns_lines, segment
from pdeperf.source.flow import writes
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.assembly_text import builder
from pdeperf.sparse.filling import Act, Filling, Store
from pdeperf.sparse.triplet_blocks import block_stored, entries_of_block
from pdeperf.sparse.written import Additions

_PLAIN_CALLS = ("builtins.len", "builtins.int", "builtins.min", "builtins.max", "builtins.range")


@dataclass(frozen=True, slots=True)
class _Names:
    """What the arrays of one matrix are called."""

    rows: str
    columns: str
    values: str
    acts: str
    count: str


def gathered(meaning: Meaning, module: Module, filling: Filling, form: str, added: Additions) -> list[Edit]:
    """The edits that gather the stores of one matrix, and build it after the last of them."""
    stem = filling.path.rpartition(".")[2]
    names = _Names(*(added.name(f"{stem}_{part}") for part in ("rows", "columns", "values", "acts", "count")))
    function, more, follows = builder(filling, form, added)
    size = capacity(meaning, module, filling)
    acts = {store.act for store in filling.stores}
    edits = [_created(module, filling, names, size, acts, added)]
    for statement in dict.fromkeys(store.statement for store in filling.stores):
        lines = [
            line
            for store in filling.stores
            if store.statement is statement
            for line in _stored(module, filling, store, names, size, len(acts) > 1, added)
        ]
        edits.append(replaced(module, statement, lines))
    edits.append(_built(module, filling, names, size, acts, (function, more, follows)))
    return edits


def _created(
    module: Module, filling: Filling, names: _Names, size: str, acts: set[Act], added: Additions
) -> Edit:
    if size:
        numpy = added.alias("numpy")
        scalar = "complex" if filling.scalar == "complex" else ""
        lines = [
            *_allocated(module, filling, names.rows, numpy, size),
            f"{names.columns} = {numpy}.empty_like({names.rows})",
            f"{names.values} = {numpy}.empty(len({names.rows}){', dtype=complex' if scalar else ''})",
        ]
        lines += [f"{names.acts} = {numpy}.empty_like({names.rows})"] if len(acts) > 1 else []
        lines.append(f"{names.count} = 0")
    else:
        lines = [f"{name} = []" for name in (names.rows, names.columns, names.values)]
        lines += [f"{names.acts} = []"] if len(acts) > 1 else []
    first, _ = started(module, filling)
    return replaced(module, filling.creation, [first, *lines] if first else lines)


def _allocated(module: Module, filling: Filling, name: str, numpy: str, size: str) -> list[str]:
    line = f"{name} = {numpy}.empty({size}, dtype={numpy}.int64)"
    if len(line) + len(indentation(module, filling.creation)) <= 110:
        return [line]
    return [f"{name} = {numpy}.empty(", f"    {size},", f"    dtype={numpy}.int64,", ")"]


def _stored(
    module: Module,
    filling: Filling,
    store: Store,
    names: _Names,
    size: str,
    mixed: bool,
    added: Additions,
) -> list[str]:
    if store.block:
        arrays = [names.rows, names.columns, names.values, *([names.acts] if mixed else [])]
        return [block_stored(module, filling, store, arrays, names.count, added)]
    row = on_one_line(module, store.row) if store.row is not None else "0"
    column = on_one_line(module, store.column) if store.column is not None else "0"
    value = on_one_line(module, store.value)
    if store.negative:
        plain = isinstance(store.value, ast.Constant | ast.Name | ast.Attribute | ast.Subscript | ast.Call)
        value = f"-{value}" if plain else f"-({value})"
    pairs = [(names.rows, row), (names.columns, column), (names.values, value)]
    if mixed:
        pairs.append((names.acts, str(int(store.act))))
    if size:
        lines = [f"{name}[{names.count}] = {text}" for name, text in pairs]
        lines.append(f"{names.count} += 1")
    else:
        lines = [f"{name}.append({text})" for name, text in pairs]
    return lines


def _built(
    module: Module, filling: Filling, names: _Names, size: str, acts: set[Act], built: tuple[str, str, str]
) -> Edit:
    function, more, follows = built
    part = f"[:{names.count}]" if size else ""
    arrays = ", ".join(f"{name}{part}" for name in (names.rows, names.columns, names.values))
    source = filling.shape if filling.shape is not None else filling.start
    assert source is not None
    given = arrays
    if len(acts) > 1:
        given += f", {names.acts}{part}"
    elif function.startswith("assembled"):
        given += f", {int(next(iter(acts)))}"
    if filling.shape is not None:
        given += f", {on_one_line(module, source)}"
    elif more.startswith(', "'):
        more = f", form={more[2:]}"
    given += more
    if filling.start is not None:
        given += f", start={started(module, filling)[1]}"
    line = f"{filling.path} = {function}({given}){follows}"
    if len(line) + len(indentation(module, filling.creation)) > 110:
        lead = indentation(module, filling.creation)
        end = newline(module)
        line = f"{filling.path} = {function}({end}{lead}    {given}{end}{lead}){follows}"
    return after(module, filling.statements[-1], [line])


def replaced(module: Module, statement: ast.stmt, lines: Sequence[str]) -> Edit:
    """Put statements in a statement's place, on its line where others stand there too."""
    between = newline(module) + indentation(module, statement) if owns_lines(module, [statement]) else "; "
    start, end = extent(module, statement)
    return Edit(start, end, between.join(lines))


def started(module: Module, filling: Filling) -> tuple[str, str]:
    """The statement that keeps the matrix that another is created from, and what it is called then."""
    if filling.start is None:
        return "", ""
    text = on_one_line(module, filling.start)
    if isinstance(filling.start, ast.Name | ast.Attribute):
        return "", text
    return f"{filling.path} = {text}", filling.path


def unwritable(module: Module, filling: Filling) -> str:
    """Why the text of a filling cannot be written anew; empty if it can."""
    changed = frozenset[str]().union(*(writes(statement) for statement in filling.statements))
    source = filling.shape if filling.shape is not None else filling.start
    is_kept = filling.start is not None and started(module, filling)[1] == filling.path
    if source is not None and not is_kept and changed & _names_in(source):
        return f"what `{filling.path}` is created from changes while it is filled"
    if filling.start is not None and _is_changed(filling, filling.start):
        return f"what `{filling.path}` is created from may change while it is filled"
    for node in (filling.creation, *(store.statement for store in filling.stores)):
        if "\n" in segment(module, node) and "#" in segment(module, node):
            return f"line {node.lineno} holds a comment"
    return ""


def _is_changed(filling: Filling, start: ast.expr) -> bool:
    """May the other matrix be changed between the creation and the end of the filling?"""
    if not isinstance(start, ast.Name | ast.Attribute) or ast.unparse(start) == filling.path:
        return False
    text = ast.unparse(start)
    return any(
        isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == text
        for statement in filling.statements
        for node in ast.walk(statement)
    )


def capacity(meaning: Meaning, module: Module, filling: Filling) -> str:
    """How many stores there are at most, as an expression; empty if that is not known beforehand."""
    changed = frozenset[str]().union(*(writes(statement) for statement in filling.statements))
    products: dict[str, int] = {}
    for store in filling.stores:
        counts = [_trips(meaning, module, filling, loop, changed) for loop in store.loops]
        if store.block:
            counts.append(entries_of_block(meaning, module, filling, store, changed))
        if not all(counts):
            return ""
        product = " * ".join(count for count in counts if count)
        products[product] = products.get(product, 0) + 1
    return " + ".join(_term(number, product) for product, number in products.items())


def _term(number: int, product: str) -> str:
    if not product:
        return str(number)
    return f"{number} * {product}" if number > 1 else product


def _trips(
    meaning: Meaning,
    module: Module,
    filling: Filling,
    loop: ast.For | ast.While,
    changed: frozenset[str],
) -> str:
    """How often a loop runs at most, as an expression of what is known when the matrix is created."""
    if not isinstance(loop, ast.For):
        return ""
    source = loop.iter
    match source:
        case ast.Call(
            func=ast.Name(id="enumerate" | "zip" | "reversed" | "list" | "tuple"), args=[first, *_]
        ) if not source.keywords and meaning.full(module, source.func).startswith("builtins."):
            source = first
    if isinstance(source, ast.List | ast.Tuple):
        return "" if any(isinstance(one, ast.Starred) for one in source.elts) else str(len(source.elts))
    if _names_in(source) & changed or not _is_plain(meaning, module, source):
        return ""
    text = on_one_line(module, source)
    match source:
        case ast.Call(args=[ast.Constant(value=int(number))]) if number >= 0:
            return str(number)
        case ast.Call(args=[ast.Call() as size]) if meaning.full(module, size.func) == "builtins.len":
            return on_one_line(module, size)
    if isinstance(source, ast.Call) or meaning.values(module, loop, text, "type") & {
        "numpy.ndarray",
        "tuple",
    }:
        return f"len({text})"
    kinds = meaning.values(module, loop, text, "type")
    grows = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == text
        for statement in filling.statements
        for node in (statement, *own_nodes(statement))
    )
    return (
        f"len({text})"
        if kinds and not grows and all(kind.startswith(("list", "tuple")) for kind in kinds)
        else ""
    )


def _is_plain(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    """Can an expression be computed earlier, with the same result and nothing else?"""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Attribute(value=value):
            return _is_plain(meaning, module, value)
        case ast.BinOp(left=left, right=right):
            return _is_plain(meaning, module, left) and _is_plain(meaning, module, right)
        case ast.UnaryOp(operand=operand):
            return _is_plain(meaning, module, operand)
        case ast.Subscript(value=ast.Attribute(attr="shape") as value, slice=ast.Constant()):
            return _is_plain(meaning, module, value)
        case ast.Call(func=func, args=arguments, keywords=[]):
            return meaning.full(module, func) in _PLAIN_CALLS and all(
                _is_plain(meaning, module, argument) for argument in arguments
            )
        case _:
            return False


def _names_in(node: ast.AST) -> frozenset[str]:
    return frozenset(_paths(node))


def _paths(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
