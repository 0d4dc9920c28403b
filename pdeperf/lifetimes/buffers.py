"""Which arrays a loop allocates anew in every turn though one would do."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pdeperf.lifetimes.changes import Loop
from pdeperf.lifetimes.meaning import LOOPS
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import bound_before, reach, reads
from pdeperf.source.scopes import own_nodes

_FILL = {"zeros": "0", "ones": "1", "empty": "", "full": ""}
_MASK_FILL = {"zeros": "False", "ones": "True", "empty": ""}
_SIZES = frozenset(("shape", "size", "ndim", "dtype"))
_NUMBERS = re.compile(r"(float|int|uint|complex|bool|f|d|i|c)\d*$")
_PLAIN_TYPES = frozenset(("float", "int", "complex", "bool"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A statement that makes a new array of the same size in every turn.

    Attributes
    ----------
    loop
        The outermost loop before which one array could be made.
    fill
        What every turn must fill it with, as text; empty if the array comes with no values.
    problem
        Why it cannot be made before the loop; empty if it can.
    """

    name: str
    statement: ast.Assign
    loop: Loop
    fill: str
    problem: str = ""


def allocations(ownership: Ownership, module: Module, loops: list[Loop]) -> list[Allocation]:
    """What loops allocate in every turn, in the order of the lines."""
    found: dict[ast.stmt, Allocation] = {}
    for loop in loops:
        search = _Search(ownership, module, loop)
        while True:
            more = dict(search.allocations(found))
            found.update(more)
            fresh = {one.name for one in more.values() if not one.problem} - search.fixed
            if not fresh:
                break
            search.fixed |= fresh  # an array may be made like another one that is made before the loop
    return sorted(found.values(), key=lambda one: one.statement.lineno)


def _turn_statements(loop: Loop) -> Iterator[ast.stmt]:
    """Statements of a loop and of the loops in it, outside of branches."""
    for statement in loop.body:
        yield statement
        if isinstance(statement, LOOPS):
            yield from _turn_statements(statement)


@dataclass(slots=True)
class _Search:
    """One loop under examination.

    Attributes
    ----------
    fixed
        Names of arrays that are made before the loop.
    """

    ownership: Ownership
    module: Module
    loop: Loop
    fixed: set[str] = field(default_factory=set)

    def allocations(self, known: Mapping[ast.stmt, Allocation]) -> Iterator[tuple[ast.stmt, Allocation]]:
        """The loop's allocations, but for those that an outer loop has taken."""
        for statement in _turn_statements(self.loop):
            if statement in known and not known[statement].problem:
                continue
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                    fill = self._fill(call)
                case _:
                    continue
            if fill is not None:
                problem = self._problem(statement, call, name)
                yield (
                    statement,
                    Allocation(name=name, statement=statement, loop=self.loop, fill=fill, problem=problem),
                )

    def _fill(self, call: ast.Call) -> str | None:
        """The number that a call fills a new array with; None if it does something else."""
        home, _, function = self.ownership.meaning.full(self.module, call.func).rpartition(".")
        maker = function.removesuffix("_like")
        if home != "numpy" or maker not in _FILL:
            return None
        if any(keyword.arg not in ("shape", "dtype", "order", "fill_value") for keyword in call.keywords):
            return None
        if maker == "full":
            named = [keyword.value for keyword in call.keywords if keyword.arg == "fill_value"]
            given = named + call.args[1:2]
            return ast.unparse(given[0]) if given and isinstance(given[0], ast.Constant) else None
        kinds = [keyword.value for keyword in call.keywords if keyword.arg == "dtype"] + call.args[1:2]
        texts = [str(kind.value) for kind in kinds if isinstance(kind, ast.Constant)]
        if any(not _NUMBERS.match(text) for text in texts):
            return None
        is_mask = any(ast.unparse(kind) == "bool" for kind in kinds)
        return _MASK_FILL[maker] if is_mask else _FILL[maker]

    def _problem(self, statement: ast.Assign, call: ast.Call, name: str) -> str:
        """What forbids one array for all turns."""
        module, loop = self.module, self.loop
        home = self.ownership.meaning.home(module, loop)
        if not owns_lines(module, [statement]) or not owns_lines(module, [loop]):
            return "other code stands on its line"
        parts = [*call.args, *(keyword.value for keyword in call.keywords)]
        changing = next((part for part in parts if not self._stays(part)), None)
        if changing is not None:
            return f"`{ast.unparse(changing)}` may change in the loop"
        if not all(self._is_known(home, part) for part in parts):
            return "its size is computed in the loop"
        stores = [
            node
            for node in own_nodes(home)
            if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        ]
        if sum(not isinstance(module.parents.get(node), ast.AugAssign) for node in stores) != 1:
            return f"`{name}` is bound elsewhere too"
        tested = reads(loop.test) if isinstance(loop, ast.While) else frozenset[str]()
        if name in reach(loop.body).exposed | tested:
            return f"`{name}` is read before it is made anew"
        holder = self.ownership.other_holder(module, loop, name)
        return f"{holder} may still hold the array of an earlier turn" if holder else ""

    def _stays(self, node: ast.expr) -> bool:
        """Has a part of the call the same meaning in every turn: a size, a type, an array to be like?"""
        meaning = self.ownership.meaning
        match node:
            case ast.Constant():
                return True
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return all(self._stays(part) for part in parts)
            case ast.BinOp(left=left, right=right):
                return self._stays(left) and self._stays(right)
            case ast.UnaryOp(operand=operand):
                return self._stays(operand)
            case ast.Attribute(value=value, attr=attr) if attr in _SIZES and not meaning.full(
                self.module, node
            ):
                return self._is_array(value) and self._is_bound_once(value)
            case ast.Subscript(value=ast.Attribute(attr="shape") as shape, slice=ast.Constant()):
                return self._stays(shape)
            case ast.Call(func=func, args=[argument], keywords=[]):
                is_length = meaning.full(self.module, func) == "builtins.len"
                return is_length and self._is_array(argument) and self._is_bound_once(argument)
            case ast.Name() | ast.Attribute():
                if meaning.full(self.module, node) or ast.unparse(node) in _PLAIN_TYPES:
                    return True
                text = ast.unparse(node)
                is_value = meaning.is_number(self.module, self.loop, text) or meaning.values(
                    self.module, self.loop, text, "type"
                ) == {"tuple"}
                return (is_value or self._is_array(node)) and self._is_bound_once(node)
        return False

    def _is_bound_once(self, node: ast.expr) -> bool:
        is_fixed = isinstance(node, ast.Name) and node.id in self.fixed
        return is_fixed or self.ownership.stays_bound(self.module, self.loop, node)

    def _is_array(self, node: ast.expr) -> bool:
        return self.ownership.meaning.is_array(self.module, self.loop, ast.unparse(node))

    def _is_known(self, home: ast.AST, part: ast.expr) -> bool:
        """Have all names in an argument their values before the loop begins?"""
        known = bound_before(home, self.loop) | self.fixed
        scope = self.ownership.meaning.scope(self.module, self.loop)
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and not self.ownership.meaning.full(self.module, node):
                owner = scope.resolve(node.id)
                if owner is not None and owner.node is home and node.id not in known:
                    return False
        return True
