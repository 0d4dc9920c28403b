"""A loop nest that stores entries, written as a function that computes all of them at once."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.source import Module
from pdeperf.source.flow import live_after, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.elementwise import Elementwise, NotElementwise
from pdeperf.sparse.filling import Act, Filling

STORED_IN_ORDER = '''
def stored_in_order(size, *stores):
    """Rows, columns, values and acts of stores that a loop makes in each of size iterations, in its order.

    A store is (row, column, value, act, condition): numbers, or arrays with one for each iteration.
    """
    tables = []
    for parts in zip(*stores):
        table = {numpy}.empty((size, len(parts)), {numpy}.result_type(*parts))
        for place, part in enumerate(parts):
            table[:, place] = part
        tables.append(table)
    *tables, done = tables
    if all(condition is True for *_, condition in stores):
        return [table.ravel() for table in tables]
    return [table[done.astype(bool)] for table in tables]
'''


@dataclass(slots=True)
class _Writer:
    """One loop nest under way."""

    meaning: Meaning
    module: Module
    fillings: Sequence[Filling]
    write: Elementwise
    lines: list[str] = field(default_factory=list)
    stores: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    elements: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def nest(self, loop: ast.For) -> str:
        """Write the counters and the body; give the name of the first counter."""
        loops = [loop]
        before: list[ast.stmt] = []
        while True:
            inner = [node for node in loops[-1].body if isinstance(node, ast.For)]
            if not inner:
                break
            if len(inner) > 1 or loops[-1].body[-1] is not inner[0]:
                raise NotElementwise("its loops are not nested perfectly")
            before += loops[-1].body[:-1]
            loops.append(inner[0])
        counters, ranges = [], []
        for one in loops:
            if not isinstance(one.target, ast.Name) or one.orelse:
                raise NotElementwise("a loop's target is no plain name")
            match one.iter:
                case ast.Call(args=arguments, keywords=[]) if (
                    self.meaning.full(self.module, one.iter.func) == "builtins.range"
                ):
                    if any(reads(argument) & writes(loop) for argument in arguments):
                        raise NotElementwise("a loop's range depends on the loop around it")
                    for argument in arguments:
                        self.write.text(argument)
                    counters.append(one.target.id)
                    text = ", ".join(on_one_line(self.module, argument) for argument in arguments)
                    ranges.append(f"{self.write.numpy}.arange({text})")
                case _:
                    raise NotElementwise("a loop is not over a range")
        if len(counters) == 1:
            self.lines.append(f"{counters[0]} = {ranges[0]}")
        else:
            names = ", ".join(counters)
            self.lines.append(
                f"{names} = ("
                f'index.ravel() for index in {self.write.numpy}.meshgrid({", ".join(ranges)}, indexing="ij"))'
            )
        self.write.varying |= set(counters)
        if any(not isinstance(statement, ast.Assign) for statement in before):
            raise NotElementwise("something happens between the loops")
        self.block([*before, *loops[-1].body], "")
        return counters[0]

    def block(self, statements: Sequence[ast.stmt], mask: str) -> str:
        """Write statements under a condition; give what remains of it (``continue``)."""
        for statement in statements:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    continue
                case ast.If(test=test, body=body, orelse=orelse):
                    mask = self.branch(test, body, orelse, mask)
                case ast.Continue():
                    return "never"
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.bind(name, value, mask)
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(
                    names
                ) == len(values) and all(isinstance(one, ast.Name) for one in names):
                    bound = {one.id for one in names if isinstance(one, ast.Name)}
                    if any(reads(value) & bound for value in values):
                        raise NotElementwise("names change places")
                    for one, value in zip(names, values, strict=True):
                        assert isinstance(one, ast.Name)
                        self.bind(one.id, value, mask)
                case ast.Assign(targets=targets) if all(isinstance(one, ast.Subscript) for one in targets):
                    for target in targets:
                        assert isinstance(target, ast.Subscript)
                        self.store(statement, target, mask)
                case ast.AugAssign(target=ast.Subscript() as target):
                    self.store(statement, target, mask)
                case _:
                    raise NotElementwise(f"line {statement.lineno} is no arithmetic and no store")
        return mask

    def branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], mask: str) -> str:
        if not self.write.is_varying(test):
            raise NotElementwise("a condition does not depend on the loop")
        text = ast.unparse(self.write.condition(test))
        here = self.fresh("here")
        self.lines.append(f"{here} = {f'{mask} & ({text})' if mask else text}")
        was, self.write.conditional = self.write.conditional, True
        ended = self.block(body, here)
        other = self.fresh("elsewhere")
        rest = f"{mask} & ~{here}" if mask else f"~{here}"
        left = other
        if orelse or ended != here:
            self.lines.append(f"{other} = {rest}")
            left = self.block(orelse, other)
        self.write.conditional = was
        if ended == here and left == other:
            return mask
        self.write.conditional = True
        alive = [one for one in (ended, left) if one != "never"]
        if not alive:
            raise NotElementwise("every branch ends the iteration")
        return alive[0] if len(alive) == 1 else self.joined(alive)

    def joined(self, masks: list[str]) -> str:
        found = self.fresh("here")
        self.lines.append(f"{found} = {' | '.join(masks)}")
        return found

    def fresh(self, wish: str) -> str:
        number = 1
        name = wish
        while name in self.taken:
            number += 1
            name = f"{wish}_{number}"
        self.taken.add(name)
        return name

    def bind(self, name: str, value: ast.expr, mask: str) -> None:
        if name in self.used:
            raise NotElementwise(f"`{name}` is bound again after it was used")
        text = self.write.text(value)
        if mask:
            old = name if name in self.write.varying else "0"
            text = f"{self.write.numpy}.where({mask}, {text}, {old})"
        self.write.varying.add(name)
        self.lines.append(f"{name} = {text}")

    def store(self, statement: ast.Assign | ast.AugAssign, target: ast.Subscript, mask: str) -> None:
        path = ast.unparse(target.value)
        of_target = {id(node) for node in ast.walk(target.slice)}
        found = next(
            (
                store
                for filling in self.fillings
                if filling.path == path
                for store in filling.stores
                if store.statement is statement and {id(store.row), id(store.column)} & of_target
            ),
            None,
        )
        if found is not None and found.block:
            raise NotElementwise("a block is stored")
        value = self.write.text(statement.value)
        self.used |= reads(statement.value) | reads(target.slice)
        if found is None:
            self.element(statement, target, path, value, mask)
            return
        negative = f"-({value})" if found.negative else value
        parts = [self.write.text(index) if index is not None else "0" for index in (found.row, found.column)]
        self.stores.setdefault(path, []).append((*parts, negative, str(int(found.act)), mask or "True"))

    def element(
        self, statement: ast.Assign | ast.AugAssign, target: ast.Subscript, path: str, value: str, mask: str
    ) -> None:
        """A store into an array: one statement for each array, so that there is no order to keep."""
        dimensions = self.meaning.values(self.module, statement, path, "ndim")
        plain = self.meaning.values(self.module, statement, path, "dtype") == {"float64"}
        parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        if not plain or dimensions != {str(float(len(parts)))} or not isinstance(target.value, ast.Name):
            raise NotElementwise(f"`{path}` is no array of floats")
        if any(isinstance(part, ast.Slice) for part in parts) or isinstance(statement, ast.AugAssign):
            raise NotElementwise(f"line {statement.lineno} does more than set an element")
        index = ", ".join(self.write.text(part) for part in parts)
        known = self.elements.get(path)
        if known is None:
            self.elements[path] = (index, value, mask)
            return
        if known[0] != index:
            raise NotElementwise(f"`{path}` is stored into at several places")
        if mask:
            value = f"{self.write.numpy}.where({mask}, {value}, {known[1]})"
            mask = self.joined([known[2], mask]) if known[2] else ""
        self.elements[path] = (index, value, mask)


@dataclass(frozen=True, slots=True)
class Whole:
    """A loop nest as a function.

    Attributes
    ----------
    parameters
        What the function is given, as the caller writes it.
    results
        The paths of the matrices whose stores it returns, in order.
    rounds
        Something may round otherwise than it did for single numbers.
    forgets
        Names that the loops bound and nobody reads.
    """

    name: str
    text: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]
    rounds: bool
    forgets: frozenset[str]


def whole(
    meaning: Meaning,
    module: Module,
    loop: ast.stmt,
    fillings: Sequence[Filling],
    names: tuple[str, str, str],
) -> Whole:
    """The function that makes all stores of one outermost loop.

    Parameters
    ----------
    names
        What NumPy, the function itself and the function ``stored_in_order`` are called.

    Raises
    ------
    NotElementwise
        If the loop does something that is not the same for all iterations at once.
    """
    numpy, name, in_order = names
    if not isinstance(loop, ast.For):
        raise NotElementwise("it is no loop over a range")
    arrays = frozenset(
        ast.unparse(node.value)
        for node in ast.walk(loop)
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
    )
    bound = writes(loop)
    _check_names(meaning, module, loop, bound)
    home = meaning.home(module, loop)
    around = tuple(node for node in own_nodes(home) if isinstance(node, ast.For | ast.While))
    write = Elementwise(meaning, module, numpy, set(), loop, stored=arrays, around=around)
    writer = _Writer(meaning, module, fillings, write, taken={*bound, *reads(loop), "index"})
    first = writer.nest(loop)
    if set(writer.elements) & {filling.path for filling in fillings}:
        raise NotElementwise("a matrix is stored into otherwise")
    lines = [*writer.lines]
    for path, (index, value, mask) in writer.elements.items():
        lines += _element_lines(writer, path, index, value, mask, first)
    results = tuple(writer.stores)
    returned = []
    for path in results:
        rows = [f"({', '.join(parts)})," for parts in writer.stores[path]]
        returned.append(f"{in_order}(\n        {first}.size,\n        " + "\n        ".join(rows) + "\n    )")
    several = "(\n        " + ",\n        ".join(returned) + ",\n    )"
    lines.append("return " + (returned[0] if len(returned) == 1 else several))
    given = _parameters(meaning, module, loop, bound, {filling.path for filling in fillings})
    counters = ", ".join(node.target.id for node in _loops(loop) if isinstance(node.target, ast.Name))
    head = f"def {name}({', '.join(given)}):\n"
    head += (
        f'    """The entries that the loops over {counters} store in {", ".join(results)}, all at once."""\n'
    )
    text = head + "".join(f"    {line}\n" for line in lines)
    return Whole(name, text, given, results, write.rounds, bound)


def _loops(loop: ast.For) -> list[ast.For]:
    return [node for node in ast.walk(loop) if isinstance(node, ast.For)]


def _element_lines(writer: _Writer, path: str, index: str, value: str, mask: str, first: str) -> list[str]:
    if not mask:
        return [f"{path}[{index}] = {value}"]
    numpy = writer.write.numpy
    chosen = [f"{numpy}.broadcast_to({part}, {first}.size)[{mask}]" for part in index.split(", ")]
    if "(" in index and ", " in index:
        raise NotElementwise("an index is too involved")
    return [f"{path}[{', '.join(chosen)}] = {numpy}.broadcast_to({value}, {first}.size)[{mask}]"]


def _check_names(meaning: Meaning, module: Module, loop: ast.For, bound: frozenset[str]) -> None:
    """Nothing is carried from one iteration to the next, and nothing that the loops bind is read later."""
    for one in _loops(loop):
        targets = {node.id for node in ast.walk(one.target) if isinstance(node, ast.Name)}
        if carried := (reach(one.body).exposed & writes(one)) - targets:
            raise NotElementwise(f"`{min(carried)}` is carried from one iteration to the next")
    home = meaning.home(module, loop)
    of_functions: frozenset[str] = frozenset()
    for node in ast.walk(home):
        if isinstance(node, FUNCTIONS) and node is not home:
            of_functions |= reads(node)
    if read_later := live_after(home, [loop], always=of_functions) & bound:
        raise NotElementwise(f"`{min(read_later)}` is read after the loop")


def _parameters(
    meaning: Meaning, module: Module, loop: ast.For, bound: frozenset[str], matrices: set[str]
) -> tuple[str, ...]:
    scope = meaning.scope(module, loop)
    found: dict[str, None] = {}
    for node in (loop, *own_nodes(loop)):
        if not isinstance(node, ast.Name) or node.id in bound or node.id in matrices:
            continue
        owner = scope.resolve(node.id)
        if owner is None or meaning.full(module, node):
            continue
        if owner.is_module and node.id in meaning.functions:
            continue
        found[node.id] = None
    return tuple(sorted(found))


def acts_of(filling: Filling) -> set[Act]:
    """What the stores of a matrix do."""
    return {store.act for store in filling.stores}
