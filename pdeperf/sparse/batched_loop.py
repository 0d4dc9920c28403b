"""A loop nest that stores entries, written as a function that computes all of them at once."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.source import Module
from pdeperf.source.flow import live_after, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.apart import are_apart
from pdeperf.sparse.batched_calls import library
from pdeperf.sparse.batched_comments import comments_at
from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_functions import Functions, changed_names
from pdeperf.sparse.batched_iteration import listed
from pdeperf.sparse.batched_last import LastStatements, bound_by_caller, check_bindings
from pdeperf.sparse.batched_lists import lists_added_to
from pdeperf.sparse.batched_objects import counts_objects
from pdeperf.sparse.batched_precision import check_precision
from pdeperf.sparse.batched_reductions import distinct_places, own_reads, reductions, stored_apart
from pdeperf.sparse.batched_results import arrays_of_lists, direct, ended, lists_gathered, triplets_of
from pdeperf.sparse.batched_sources import elements_of
from pdeperf.sparse.batched_stores import set_and_added, stored_in, stores_numbers
from pdeperf.sparse.batched_values import NotAtOnce, Value
from pdeperf.sparse.batched_windows import counters_of
from pdeperf.sparse.filling import Filling
from pdeperf.sparse.triplet_lists import made_alone
from pdeperf.sparse.written import Additions

_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Module)
_MANY_TURNS = 12
"""A loop with more turns is made of arrays along with the one around it."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A loop nest as a function.

    Attributes
    ----------
    texts
        Definitions: of the functions that it calls, and its own.
    parameters
        What the function is given, as the caller writes it.
    results
        The paths of the matrices whose stores it returns, in order.
    reduced
        Names that it returns besides: sums, largest and smallest numbers, and arrays of the last ones.
    binding
        Lines that bind what later code reads to the last ones.
    forgets
        Names that the loops bound and nobody reads, and those of functions that are called no more.
    replaced
        These functions.
    made
        The lists that it returns as arrays, before all else, with what has made them until now.
    commented
        The lines of the file whose comments it has.
    """

    name: str
    texts: tuple[str, ...]
    parameters: tuple[str, ...]
    results: tuple[str, ...]
    reduced: tuple[str, ...]
    binding: tuple[str, ...]
    forgets: frozenset[str]
    replaced: tuple[ast.FunctionDef, ...] = ()
    made: Mapping[str, ast.Assign] = field(default_factory=dict)
    commented: frozenset[int] = frozenset()


def whole(
    meaning: Meaning,
    module: Module,
    loop: ast.stmt,
    fillings: Sequence[Filling],
    added: Additions,
    name: str,
) -> Whole:
    """The function, of some name, that makes all stores of one outermost loop.

    Raises
    ------
    NotAtOnce
        If the loop does something that is not the same for all iterations at once.
    """
    if not isinstance(loop, ast.For):
        raise NotAtOnce("it is no loop over a range")
    around = (above for above in module.ancestors(loop) if isinstance(above, _SCOPES))
    if isinstance(next(around), ast.ClassDef):
        raise NotAtOnce("what the body of a class binds belongs to the class")
    if hidden := {"len", "list", "range", "min", "zip", "map"} & meaning.scope(module, loop).binds:
        raise NotAtOnce(f"`{min(hidden)}` is not Python's own here")
    loops, body = _nest(meaning, module, loop)
    growing = lists_added_to(meaning, module, loop)
    taken_in = reductions(meaning, module, loop)
    totals = frozenset(one.name for one in taken_in.values() if not one.is_attribute)
    held = frozenset(one.name for one in taken_in.values() if one.is_attribute)
    bound = writes(loop) - totals - growing
    home = meaning.home(module, loop)
    read_later = _read_later(meaning, module, loop, loops, bound, totals | growing)
    check_bindings(read_later, loops, body, _read_by_functions(home))
    repeated = [node for node in own_nodes(home) if isinstance(node, ast.For | ast.While)]
    sites = (loop, *(node for node in repeated if node is not loop))
    functions = Functions(added)
    counters = ", ".join(ast.unparse(one.target) for one in loops)
    write = Expressions(
        meaning=meaning,
        module=module,
        numpy=added.alias("numpy"),
        at=sites,
        count="",
        stored=frozenset(stored_in(loop)) | growing | held,
        stores_numbers=stores_numbers(loop, fillings),
        own=bound,
        called=functions.call,
        library=library,
        listed=listed,
        added=added,
    )
    _check_aliases(meaning, module, loop, write.stored - bound)
    check_precision(write, loop, sums=any(one.kind == "sum" for one in taken_in.values()))
    within = _read_by_functions(home)
    taken = {*bound, *reads(loop), *within, write.numpy}
    block = LastStatements(write, changed_names(loop), taken, fillings=fillings, added=added, nest=loop)
    block.last = dict.fromkeys(sorted(read_later))
    block.mixed = set_and_added(loop)
    block.reductions, block.added_to = taken_in, growing
    distinct = distinct_places(meaning, module, loops, write.stored)
    block.apart = stored_apart(meaning, module, loops, write.stored)
    elements = [*own_reads(module, loops, distinct)]
    write.own_elements = frozenset(text for _, text, _ in elements)
    _begin(block, loops)
    start = len(block.lines)
    block.block(body, "")
    at_places = direct(block)
    if late := {path for path, _, is_after in elements if is_after} - set(at_places):
        raise NotAtOnce(f"`{min(late)}` is stored into in the loop, and read")
    made = {} if fillings else made_alone(meaning, module, loop, list(block.lists), block.pieces)
    if block.pieces - set(made):
        raise NotAtOnce(f"`{min(block.pieces - set(made))}` grows by arrays")
    lists, together = lists_gathered(block, made)
    lines = block.lines[:start]
    arrays = [known.name for path, known in block.arrays.items() if path not in at_places]
    arrays += [known.name for known in block.dicts.values()]
    lines += [f"{one} = []" for one in (*block.matrices.values(), *arrays, *dict.fromkeys(lists.values()))]
    instead = {number: texts for found in at_places.values() for number, texts in found.items()} | together
    notes = comments_at(module, block.begun, len(block.lines))
    for number, line in enumerate(block.lines[start:], start):
        lines += notes.around(number, instead.get(number, [line]))
    lines += ended(block, at_places, made)
    reduced = tuple(block.reduced)
    numbers = [*reduced, *block.given_last()]
    returned = ", ".join([*arrays_of_lists(block, made, lists), *triplets_of(block), *numbers])
    if returned:
        lines.append(f"return {returned if numbers else returned.removeprefix('*')}")
    matrices = {filling.path for filling in fillings}
    if set(block.arrays) & matrices:
        raise NotAtOnce("a matrix is stored into otherwise")
    used = {node.id for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)}
    if sum(write.count in line for line in lines) == 1:
        lines = [line for line in lines if write.count not in line]
    given = _parameters(meaning, module, loop, (reads(loop) | within | totals) & used - bound - matrices)
    head = f"def {name}({', '.join(given)}):"
    results = tuple(block.matrices)
    totals_held = [*reduced, *block.totals, *block.last]
    stored = ", ".join(
        [*results, *block.arrays, *block.dicts, *block.lists, *sorted(block.rows), *totals_held]
    )
    if not stored:
        raise NotAtOnce("the loop stores nothing")
    if set(reduced) != totals or not totals <= {*given}:
        raise NotAtOnce("it is not known where a sum begins")
    about = f'    """What the loop over {counters} stores in {stored}, for all its turns at once."""'
    text = "\n".join([head, about, *(f"    {line}" for line in lines)]) + "\n"
    forgets = (bound - read_later) | {
        f"{one.name}():{local}"
        for _, one in functions.replaced
        for local in (*writes(ast.Module(one.body, [])), *(argument.arg for argument in one.args.args))
    }
    written = {name for one in (*functions.texts, text) for name in _names_in(ast.parse(one))}
    replaced = tuple(one for _, one in functions.replaced if one.name not in written)
    texts, commented = (*functions.texts, text), frozenset(notes.placed)
    last = {each: added.name(f"last_{each}") for each in block.last}
    binding = tuple(bound_by_caller(block, last))
    return Whole(
        name, texts, given, results, (*reduced, *last.values()), binding, forgets, replaced, made, commented
    )


def _names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.attr


def _nest(meaning: Meaning, module: Module, loop: ast.For) -> tuple[list[ast.For], list[ast.stmt]]:
    """The loops that become arrays together, and what each of their turns does."""
    loops, before = [loop], list[ast.stmt]()
    while _is_counted(meaning, module, loops[-1]):
        inner = loops[-1].body[-1]
        plain = all(
            isinstance(one, ast.Assign) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            for one in loops[-1].body[:-1]
        )
        if not isinstance(inner, ast.For) or not plain or not _is_counted(meaning, module, inner):
            break
        if not isinstance(inner.iter, ast.Call) or any(
            reads(argument) & writes(loop) for argument in inner.iter.args
        ):
            break
        turns = meaning.values(module, inner, "", "trip_count")
        arguments = inner.iter.args
        few = all(isinstance(one, ast.Constant) for one in arguments) or max(map(float, turns), default=0)
        if few is True or 0 < few <= _MANY_TURNS:
            break
        before += loops[-1].body[:-1]
        loops.append(inner)
    if any(isinstance(node, ast.Break) for one in loops for node in _jumps(one)):
        raise NotAtOnce("the loop may end early")
    return loops, [*before, *loops[-1].body]


def _jumps(loop: ast.For) -> Iterator[ast.AST]:
    """The statements that leave a loop, not one within it."""
    pending: list[ast.AST] = [*loop.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.For | ast.While):
            pending += ast.iter_child_nodes(node)


def _is_counted(meaning: Meaning, module: Module, loop: ast.For) -> bool:
    match loop:
        case ast.For(target=ast.Name(), iter=ast.Call(keywords=[]) as source, orelse=[]):
            return meaning.full(module, source.func) == "builtins.range"
    return False


def _begin(block: LastStatements, loops: Sequence[ast.For]) -> None:
    """The counters, or what the loop goes over."""
    write = block.write
    if loops[0].orelse:
        raise NotAtOnce("the loop has an end of its own")
    if _is_counted(write.meaning, write.module, loops[0]):
        counters = [one.target.id for one in loops if isinstance(one.target, ast.Name)]
        ranges = []
        for one in loops:
            assert isinstance(one.iter, ast.Call)
            for argument in one.iter.args:
                if not counts_objects(write, argument):
                    write.number(argument)
            text = ", ".join(on_one_line(write.module, argument) for argument in one.iter.args)
            ranges.append(f"{write.numpy}.arange({text})")
        if len(counters) == 1:
            block.line(f"{counters[0]} = {ranges[0]}")
        else:
            grid = f'{write.numpy}.meshgrid({", ".join(ranges)}, indexing="ij")'
            block.line(f"{', '.join(counters)} = (index.ravel() for index in {grid})")
        block.counters = frozenset(counters) if len(counters) == 1 else frozenset()
        for counter in counters:
            write.names[counter] = Value(ast.Name(counter, ast.Load()), 0, True, is_plain=True)
        write.counters = counters_of(loops, [write.names[counter] for counter in counters])
        size = f"{counters[0]}.size"
    else:
        size, held = elements_of(block, block.added, loops[0].iter, loops[0].target)
        for target, value in held:
            block.bound(target, value, "")
    write.count = block.fresh("elements_count")
    block.lines.insert(0, f"{write.count} = {size}")
    if size.endswith(".size"):
        block.lines.append(block.lines.pop(0))


def _check_aliases(meaning: Meaning, module: Module, loop: ast.For, stored: frozenset[str]) -> None:
    """No array that the loop stores into goes by another name that it reads."""
    names = {ast.unparse(node) for node in ast.walk(loop) if isinstance(node, ast.Name | ast.Attribute)}
    for pair in meaning.sharing_seen(module, loop):
        if pair & stored and pair <= names and not are_apart(meaning, module, loop, pair):
            raise NotAtOnce(f"{' and '.join(sorted(pair))} are one array")


def _read_later(
    meaning: Meaning,
    module: Module,
    loop: ast.For,
    loops: Sequence[ast.For],
    bound: frozenset[str],
    totals: frozenset[str],
) -> frozenset[str]:
    """What the loops bind and later code reads, where nothing is carried from one iteration to the next."""
    for one in loops:
        targets = {node.id for node in ast.walk(one.target) if isinstance(node, ast.Name)}
        if carried := (reach(one.body).exposed & writes(one)) - targets - totals:
            raise NotAtOnce(f"`{min(carried)}` is carried from one iteration to the next")
    home = meaning.home(module, loop)
    return live_after(home, [loop], always=_read_by_functions(home)) & bound


def _read_by_functions(home: ast.AST) -> frozenset[str]:
    """Names that the functions in a scope read."""
    within = (reads(node) for node in ast.walk(home) if isinstance(node, FUNCTIONS) and node is not home)
    return frozenset[str]().union(*within)


def _parameters(
    meaning: Meaning,
    module: Module,
    loop: ast.For,
    names: frozenset[str],
) -> tuple[str, ...]:
    """Those of some names that are no imports, builtins or functions of the file."""
    scope = meaning.scope(module, loop)
    home = meaning.home(module, loop)
    nodes = {node.id: node for node in ast.walk(home) if isinstance(node, ast.Name)}
    found = []
    for name in sorted(names):
        owner = scope.resolve(name)
        if owner is None or (owner.is_module and name in meaning.functions):
            continue
        if name in nodes and not meaning.full(module, nodes[name]):
            found.append(name)
    return tuple(found)
