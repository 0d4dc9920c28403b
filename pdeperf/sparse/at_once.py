"""Matrices whose entries are computed all at once by array expressions, and then assembled."""

import ast
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.arrays.wrap import wrapped
from pdeperf.kernel.handlers import caught_around, caught_by_callers
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import after, newline, on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, owns_lines
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.assembly_text import BLOCK, builder
from pdeperf.sparse.batched_aliases import ASKED, check_called, questions, unproven_pairs
from pdeperf.sparse.batched_comments import comments_of
from pdeperf.sparse.batched_lists import lists_added_to
from pdeperf.sparse.batched_loop import Whole, whole
from pdeperf.sparse.batched_reductions import reductions
from pdeperf.sparse.batched_results import without_parentheses
from pdeperf.sparse.batched_values import NotAtOnce
from pdeperf.sparse.filling import Filling, Store, acts_of
from pdeperf.sparse.stores import fillings as fillings_of
from pdeperf.sparse.triplet_lists import needless
from pdeperf.sparse.triplets import replaced, started
from pdeperf.sparse.unused import unused
from pdeperf.sparse.written import Additions, hidden_builtins

_WIDTH = 120
_SMALL = 100_000
"""Elements of an array of which an operation takes some ten microseconds."""
_MANY_TURNS = 1000
"""Stores of more turns take long to be put together one by one: arrays for them are better."""
_OF_MATRICES = ("numpy.linalg.", "scipy.linalg.", "scipy.sparse.linalg.")


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The edits, what they forget, and whether they may round otherwise."""

    edits: list[Edit]
    forgets: frozenset[str]
    rounds: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """What holds the stores of one matrix: all that one loop gives, or a list of several parts."""

    stores: str
    is_list: bool


def at_once(
    meaning: Meaning,
    module: Module,
    fillings: Sequence[Filling],
    forms: Mapping[Filling, str],
    added: Additions,
    *,
    lists_blocks: bool = False,
) -> AtOnce | str:
    """The edits that compute the entries of matrices by array expressions; or why that is not the same.

    Parameters
    ----------
    forms
        The format in which each matrix is needed.
    lists_blocks
        Blocks are listed one by one however many there are.
    """
    loops = list(dict.fromkeys(loop for filling in fillings for loop in filling.loops))
    edits: list[Edit] = []
    found: dict[ast.stmt, Whole] = {}
    reason = ""
    for loop in loops:
        concerned = [filling for filling in fillings if loop in filling.loops]
        stem = "_and_".join(filling.path.rpartition(".")[2] for filling in concerned)
        kept = added.kept()
        name = added.name(f"entries_of_{stem}")
        try:
            if not owns_lines(module, [loop]):
                raise NotAtOnce("the loop shares its line")
            _check_caught(meaning, module, loop)
            if isinstance(loop, ast.For):
                check_called(meaning, module, loop)
            if isinstance(loop, ast.For) and (pairs := [*unproven_pairs(meaning, module, loop)]):
                raise NotAtOnce(f"`{pairs[0][0]}` and `{pairs[0][1]}` may be one array")
            one = whole(meaning, module, loop, concerned, added, name)
        except NotAtOnce as problem:
            reason = str(problem)
            added.back_to(kept)
            continue
        found[loop] = one
        for text in one.texts:
            added.text(_in_short_lines(text))
    left = (loop for loop in loops if loop not in found)
    if not lists_blocks and any(_turns(meaning, module, loop) > _MANY_TURNS for loop in left):
        return reason
    names = {filling: _named(filling, found, added) for filling in fillings}
    for loop, one in found.items():
        concerned = [
            filling
            for path in one.results
            for filling in fillings
            if filling.path == path and loop in filling.loops
        ]
        edits.append(_called(module, loop, one, {filling: names[filling] for filling in concerned}, added))
    blocks = any(store.block for filling in fillings for store in filling.stores)
    if not found and not blocks:
        return reason
    plain: dict[ast.stmt, list[str]] = {}
    for filling in fillings:
        for store in filling.stores:
            if not store.loops or store.loops[0] not in found:
                plain.setdefault(store.statement, []).append(
                    _plain(module, filling, store, names[filling], added)
                )
        edits += _around(module, filling, names[filling], forms[filling], added)
    edits += [replaced(module, statement, lines) for statement, lines in plain.items()]
    edits += unused(meaning, module, found)
    forgets = _forgotten(meaning, module, loops[0], list(found.values()))
    return AtOnce(edits, forgets, rounds=True)


def turns_at_once(
    meaning: Meaning, module: Module, loop: ast.For, added: Additions
) -> tuple[list[Edit], frozenset[str]]:
    """The edits that compute all turns of a loop over small arrays at once, and what they forget.

    Raises
    ------
    NotAtOnce
        If a turn may need what another does, or there is nothing that only arrays of all turns do well.
    """
    if not owns_lines(module, [loop]):
        raise NotAtOnce("the loop shares its line")
    name = added.name(_named_for(meaning, module, loop))
    _check_caught(meaning, module, loop)
    check_called(meaning, module, loop)
    asked = [*unproven_pairs(meaning, module, loop)]
    above = module.parents.get(loop)
    if asked and isinstance(above, ast.If) and ASKED in ast.unparse(above.test):
        raise NotAtOnce("this is what runs where arrays share memory")
    one = whole(meaning, module, loop, (), added, name)
    if asked and one.made:
        raise NotAtOnce(f"`{asked[0][0]}` and `{asked[0][1]}` may be one array")
    for text in one.texts:
        added.text(_in_short_lines(text))
    edits = [_called(module, loop, one, {}, added)]
    if asked:
        edits = [_asked_first(module, loop, asked, edits[0], added)]
    else:
        edits += unused(meaning, module, {loop: one})
    edits += [_removed(module, creation) for creation in needless(module, one.made)]
    return edits, _forgotten(meaning, module, loop, [one])


def is_in_turns_at_once(meaning: Meaning, module: Module, line: int, *, fills: bool = False) -> bool:
    """Can all turns of a loop around a line be computed at once, with the matrices that it fills?"""
    begun = (one for one in ast.walk(module.tree) if isinstance(one, ast.stmt) and one.lineno == line)
    statement = next(begun, module.tree.body[0])
    found = [one for one in fillings_of(meaning, module) if isinstance(one, Filling)]
    for loop in module.ancestors(statement):
        if isinstance(loop, FUNCTIONS):
            return False
        if isinstance(loop, ast.For):
            concerned = [one for one in found if loop in one.loops]
            if fills and not concerned:
                continue
            try:
                check_called(meaning, module, loop)
                whole(meaning, module, loop, concerned, Additions(module), "all_turns")
            except NotAtOnce:
                continue
            return True
    return False


def _turns(meaning: Meaning, module: Module, loop: ast.stmt) -> float:
    return max(map(float, meaning.values(module, loop, "", "trip_count")), default=0)


def _check_caught(meaning: Meaning, module: Module, loop: ast.stmt) -> None:
    """No turn's error is caught: the turns before it would have stored what they computed."""
    others = meaning.project.modules.values()
    named = caught_around(module, loop)
    if named := named or caught_by_callers(module, loop, others, stores=True, refuses=True):
        raise NotAtOnce(f"{named} is caught around it: the turns before an error must have stored")


def _asked_first(
    module: Module, loop: ast.For, pairs: Sequence[tuple[str, str]], call: Edit, added: Additions
) -> Edit:
    """The loop as it was where arrays share memory, the call for all others."""
    numpy, lead = added.alias("numpy"), newline(module) + indentation(module, loop)
    deeper = lead + ("\t" if lead.endswith("\t") else "    ")
    first = module.lines[loop.lineno - 1 : loop.end_lineno]
    width = len(indentation(module, loop))
    rows = [row.rstrip()[width:] for row in first]
    new = call.text.split(lead)
    asked = questions(f"{numpy}.{ASKED}", pairs, added.name("other"))
    test = f"({deeper}{(deeper + 'or ').join(asked)}{lead})" if len(asked) > 1 else asked[0]
    text = f"if {test}:{deeper}{deeper.join(rows)}{lead}else:{deeper}{deeper.join(new)}"
    return Edit(call.start, call.end, text)


def _in_short_lines(text: str) -> str:
    """A function's text with its long lines broken; its docstring as it is."""
    rows = map(without_parentheses, text.split("\n"))
    return "\n".join(part for row in rows for part in ([row] if '"""' in row else wrapped(row, _WIDTH)))


def _removed(module: Module, statement: ast.stmt) -> Edit:
    start, end = lines_extent(module, [statement])
    return Edit(start, end, "")


def is_for_compilers(meaning: Meaning, module: Module, loop: ast.For) -> bool:
    """Does a loop compute with numbers alone, which compiled loops do best if they run for long?"""
    return not (_grows_lists(meaning, module, loop) or _has_small_arrays(meaning, module, loop, set()))


def has_short_arrays(meaning: Meaning, module: Module, loop: ast.For) -> bool:
    """Are all arrays of a loop over many turns so small that calls cost more than what they compute?"""
    names = {ast.unparse(node) for node in ast.walk(loop) if isinstance(node, ast.Name | ast.Attribute)}
    shapes = [
        [*map(int, text.split("x"))]
        for name in names
        for text in meaning.values(module, loop, name, "shape")
        if re.fullmatch(r"\d+(x\d+)*", text)
    ]
    turns = [float(value) for value in meaning.values(module, loop, "", "trip_count")]
    if not shapes or not turns:
        return False
    return all(math.prod(one) <= _SMALL for one in shapes) and max(turns) * max(map(max, shapes)) <= _SMALL


def _named_for(meaning: Meaning, module: Module, loop: ast.For) -> str:
    """A name for the function in a loop's place, after what it stores or sums up."""
    stems = []
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=ast.Name(id=stem) | ast.Attribute(attr=stem), ctx=ast.Store()):
                stems.append(stem)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=stem), attr="append" | "extend")):
                stems.append(stem)
            case ast.AugAssign(target=ast.Name(id=stem)) if stem in lists_added_to(meaning, module, loop):
                stems.append(stem)
    if not stems:
        stems = [one.name for one in reductions(meaning, module, loop).values()]
    return f"update_{'_and_'.join([*dict.fromkeys(stems)][:2]) or 'all'}"


def _grows_lists(meaning: Meaning, module: Module, loop: ast.For) -> bool:
    """Does a loop append to lists that it does not make: the entries of a matrix?"""
    bound = writes(loop)
    return bool(lists_added_to(meaning, module, loop)) or any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("append", "extend")
        and ast.unparse(node.func.value) not in bound
        for node in ast.walk(loop)
    )


def _has_small_arrays(meaning: Meaning, module: Module, node: ast.AST, seen: set[str]) -> bool:
    """Does a loop, or a function that it calls, multiply matrices or solve systems?"""
    for inner in ast.walk(node):
        match inner:
            case ast.BinOp(op=ast.MatMult()):
                return True
            case ast.Call(func=func):
                name = meaning.full(module, func)
                if name.startswith(_OF_MATRICES) or name in ("numpy.dot", "numpy.outer", "numpy.einsum"):
                    return True
                if isinstance(func, ast.Attribute) and func.attr in ("solve", "dot") and not name:
                    return True
                for home, function in meaning.called(module, inner) or ():
                    text = ast.unparse(func)
                    if not name and text not in seen:
                        seen.add(text)
                        if _has_small_arrays(meaning, home, function, seen):
                            return True
    return False


def _forgotten(meaning: Meaning, module: Module, loop: ast.stmt, wholes: Sequence[Whole]) -> frozenset[str]:
    """What is no longer bound, as results are named."""
    home = meaning.home(module, loop)
    prefix = f"{module.scope_name(home.body[0])}():" if isinstance(home, FUNCTIONS) else ""  # type: ignore[index]
    return frozenset(name if "():" in name else f"{prefix}{name}" for one in wholes for name in one.forgets)


def _named(filling: Filling, found: Collection[ast.stmt], added: Additions) -> _Names:
    stem = filling.path.rpartition(".")[2]
    in_one = len(filling.loops) == 1 and all(
        store.loops and store.loops[0] in found for store in filling.stores
    )
    return _Names(added.name(f"{stem}_stores"), not in_one)


def _called(
    module: Module, loop: ast.stmt, one: Whole, names: dict[Filling, _Names], added: Additions
) -> Edit:
    call = f"{one.name}({', '.join(one.parameters)})"
    lines = _comments(module, loop, one.commented)
    given = {
        path: added.name(f"{name.stores}_here") if name.is_list else name.stores
        for path, name in names.items()
    }
    if not names:
        bound = ", ".join([*one.made, *one.reduced])
        lines.append(f"{bound} = {call}" if bound else call)
    elif len(names) == 1 and next(iter(names.values())).is_list and not one.reduced:
        lines.append(f"{next(iter(names.values())).stores}.append({call})")
    else:
        lines.append(f"{', '.join([*given.values(), *one.reduced])} = {call}")
        lines += [f"{name.stores}.append({given[path]})" for path, name in names.items() if name.is_list]
    lines += one.binding
    lead = newline(module) + indentation(module, loop)
    start, end = extent(module, loop)
    if loop.end_lineno in one.commented:
        end += len(module.text[end : lines_extent(module, [loop])[1]].rstrip())
    return Edit(start, end, lead.join(lines))


def _comments(module: Module, loop: ast.stmt, placed: Collection[int]) -> list[str]:
    """The comments in a loop that have no place beside what is written for its statements."""
    lines = range(loop.lineno, loop.end_lineno or loop.lineno)  # what is beside the end stays
    return [text for line, (text, _) in comments_of(module).items() if line in lines and line not in placed]


def _plain(module: Module, filling: Filling, store: Store, names: _Names, added: Additions) -> str:
    row, column = (
        "0"
        if index is None
        else on_one_line(module, index)
        if hasattr(index, "lineno")
        else ast.unparse(index)
        for index in (store.row, store.column)
    )
    value = on_one_line(module, store.value)
    value = f"-({value})" if store.negative else value
    mixed = len(acts_of(filling)) > 1
    entries = f"({row}, {column}, {value}, {int(store.act)})"
    if store.block:
        shape = (
            f"{started(module, filling)[1]}.shape"
            if filling.shape is None
            else on_one_line(module, filling.shape)
        )
        made = f"{added.definition(BLOCK)}{entries[:-1]}, {shape}){'' if mixed else '[:3]'}"
    else:
        made = entries if mixed else f"({row}, {column}, {value})"
    return f"{names.stores}.append({made})"


def _around(module: Module, filling: Filling, names: _Names, form: str, added: Additions) -> list[Edit]:
    """The creation, and the assembly after the last store."""
    function, more, follows = builder(filling, form, added)
    source = filling.shape if filling.shape is not None else filling.start
    assert source is not None
    stores, acts = names.stores, acts_of(filling)
    if names.is_list:
        python = f"{added.alias('builtins')}." if hidden_builtins(module) & {"map", "zip"} else ""
        stores = f"{python}map({added.alias('numpy')}.hstack, {python}zip(*{stores}))"
    given = f"*{stores}"
    if len(acts) == 1 and function.startswith("assembled"):
        given += f", acts={int(next(iter(acts)))}"
    if filling.shape is not None:
        given += f", shape={on_one_line(module, source)}"
    given += more.replace(', "', ', form="')
    if filling.start is not None:
        given += f", start={started(module, filling)[1]}"
    built = f"{filling.path} = {function}({given}){follows}"
    first = [line for line in [started(module, filling)[0]] if line]
    if names.is_list:
        always = any(not store.loops for store in filling.stores)
        count = 4 if len(acts) > 1 else 3
        nothing = "" if always else f"({added.alias('numpy')}.empty(0, int),) * {count}"
        first.append(f"{names.stores} = [{nothing}]")
    return [*_begun(module, filling, first), after(module, filling.statements[-1], [built])]


def _begun(module: Module, filling: Filling, lines: list[str]) -> list[Edit]:
    """What stands in the creation's place: nothing, if no list is to be begun."""
    start, end = extent(module, filling.creation)
    if lines:
        return [replaced(module, filling.creation, lines)]
    first, last = lines_extent(module, [filling.creation])
    comment = module.text[end:last].find("#")
    return [Edit(start, end + comment, "")] if comment >= 0 else [Edit(first, last, "")]
