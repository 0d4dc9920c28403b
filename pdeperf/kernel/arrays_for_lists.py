"""Lists of numbers that can be arrays from the start, because nobody sees that they were lists.

A kernel copies a list to an array and back at each call. Where every use of the list in the whole
file is by element, by length or by iteration, and where each list that its name is bound to is
made on the spot, the copy is made once: where the list is made.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.callsite import conditions
from pdeperf.kernel.kinds import FLOAT, INT, Kind
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.number_uses import telling
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, lines_extent
from pdeperf.source.scopes import COMPREHENSIONS, Scope, scope_of

_READERS = frozenset(("builtins.sum", "builtins.max", "builtins.min", "builtins.len"))
_TOTAL = (ast.Add, ast.Sub, ast.Mult)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Lists of one scope that become arrays.

    Attributes
    ----------
    names
        The variables.
    edits
        ``np.array(...)`` around each expression that makes one.
    exact
        Nothing adds them up with ``sum``: Python 3.12 and later correct sums of floats, not of NumPy's.
    within
        What makes Python's numbers of the arrays' elements where the original code still runs.
    """

    names: frozenset[str]
    edits: tuple[Edit, ...]
    exact: bool
    within: tuple[Edit, ...] = ()


def conversion(kernels: Sequence[Kernel]) -> Conversion | None:
    """Turn the lists of floats that kernels receive into arrays where they are made, if all can be."""
    first = kernels[0]
    depths: dict[str, int] = {}
    for kernel in kernels:
        for name in kernel.arguments:
            kind = kernel.kinds.get(name, Kind(""))
            if name in kernel.arrays:
                continue
            if kind.base == "list" and kind.dtype == "float64" and name not in kernel.lowering.sources:
                depths[name] = kind.ndim
    if not depths or any(kernel.scope.node is not first.scope.node for kernel in kernels):
        return None
    uses = _Uses(first.module, first.scope, depths, kernels)
    uses.join_related()
    if not first.module.is_script and first.scope.is_module:
        return None
    if not all(uses.is_allowed(name) for name in uses.names()):
        return None
    provable = first.lowering.observed.provable
    for variable in uses.names():
        node = uses.creation(variable)
        seen = first.lowering.seen.get(variable.id)
        whole = seen is not None and "int" in seen.elements
        allowed = {FLOAT, INT} if whole else {FLOAT}
        if node is None or uses.copied(node):
            continue
        if not provable.elements(node, first.module, first.scope) <= allowed:
            return None
    values = ListValues(first.module, provable, "float64")
    guarded = any(conditions(kernel) for kernel in with_arrays(kernels, frozenset(depths)))
    if guarded and not all(uses.stores_alike(name, values) for name in uses.names()):
        return None  # the original code may run with arrays, and store what an array holds as something else
    made = [node for name in uses.names() if (node := uses.creation(name)) is not None]
    if any(id(node) in uses.inside for node in made):
        return None  # made anew by the kernel itself
    if guarded:
        uses.inside.clear()
        if not all(uses.is_allowed(name) for name in uses.names()):
            return None  # the original code may give away what an array holds
    edits = [edit for node in made for edit in _as_array(node, uses.copied(node), first.module)]
    spans = [lines_extent(kernel.module, kernel.statements) for kernel in kernels]
    within = {one for one in uses.as_pythons if any(start <= one.start < end for start, end in spans)}
    edits += sorted(uses.as_pythons - within)
    names = frozenset(depths)
    return Conversion(names, tuple(edits), not uses.sums, tuple(sorted(within))) if made else None


def _as_array(node: ast.expr, copied: str, module: Module) -> Iterator[Edit]:
    """Make an array of an expression that makes a list."""
    start, end = extent(module, node)
    if copied:
        yield Edit(start, end, f"{copied}.copy()")
    else:
        yield Edit(start, start, "np.array(")
        yield Edit(end, end, ", dtype=np.float64)")


class _Uses:
    """Where the lists are named, and how."""

    def __init__(
        self, module: Module, scope: Scope, depths: dict[str, int], kernels: Sequence[Kernel]
    ) -> None:
        self.module = module
        self.scope = scope
        self.depths = depths
        self.sums = False
        self.as_pythons: set[Edit] = set()
        self.inside = {
            id(node) for kernel in kernels for part in kernel.statements for node in ast.walk(part)
        }

    def names(self) -> Iterator[ast.Name]:
        for node in self.module.nodes:
            if isinstance(node, ast.Name) and node.id in self.depths:
                owner = scope_of(self.module, node).resolve(node.id)
                if owner is not None and owner.node is self.scope.node:
                    yield node

    def join_related(self) -> None:
        """Take in the lists that these are swapped with, renamed to, or copied to and from."""
        assignments = [
            node
            for node in self.module.nodes
            if isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and scope_of(self.module, node).node is self.scope.node
        ]
        known = -1
        while known < len(self.depths):
            known = len(self.depths)
            for node in assignments:
                targets, values = _parts(node.targets[0]), _parts(node.value)
                for target, value in zip(targets, values, strict=False):
                    if not isinstance(target, ast.Name) or len(targets) != len(values):
                        continue
                    source = value.id if isinstance(value, ast.Name) else self.copied(value)
                    if source in self.depths:
                        self.depths.setdefault(target.id, self.depths[source])
                    elif isinstance(value, ast.Name) and target.id in self.depths:
                        self.depths.setdefault(value.id, self.depths[target.id])

    def is_allowed(self, name: ast.Name) -> bool:
        """By element, by length, by iteration; or bound to a list made on the spot."""
        if id(name) in self.inside:
            return True
        if not isinstance(name.ctx, ast.Load):
            return self._is_binding(name)
        node = self._above(name)
        return self._is_renaming(name, node) or self._is_read(name, self.depths[name.id])

    def _is_read(self, name: ast.Name, depth: int) -> bool:
        """Is a list, or a row of one, used in a way that an array serves as well?"""
        left = depth
        inner: ast.expr = name
        node = self._above(name)
        while isinstance(node, ast.Subscript) and node.value is inner:
            if isinstance(node.slice, ast.Tuple):
                return False
            if isinstance(node.slice, ast.Slice):
                return self._is_copied(node, left) or self._is_reader(node, self._above(node), left)
            left, inner, node = left - 1, node, self._above(node)
        if left == 0 and isinstance(inner, ast.Subscript) and not isinstance(inner.ctx, ast.Load):
            return not (isinstance(node, ast.AugAssign) and not isinstance(node.op, _TOTAL))
        if left == 0:
            return self._turned(telling(inner, self.module, self._is_one))
        if isinstance(node, ast.For) and node.iter is inner:
            return self._is_walked(node.target, left - 1)
        return self._is_copied(inner, left) or self._is_reader(inner, node, left)

    def _is_copied(self, inner: ast.AST, left: int) -> bool:
        """Is it, or its copy ``u[:]``, what a new list of as many dimensions is made of?"""
        node: ast.AST | None = inner
        above = self._above(inner)
        while isinstance(above, ast.expr | ast.comprehension | ast.keyword):
            node, above = above, self._above(above)
        if not (isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name)):
            return False
        target = above.targets[0].id
        copied = self.copied(node) if isinstance(node, ast.expr) else ""
        return copied in self.depths and self.depths.get(target) == self.depths[copied] >= left

    def copied(self, node: ast.expr) -> str:
        """The list that an expression copies with its rows: ``u[:]``, ``[row[:] for row in u]``."""
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice(lower=None, upper=None, step=None)):
                return name if self.depths.get(name) == 1 else ""
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="copy"), args=[], keywords=[]):
                return name if self.depths.get(name) == 1 else ""
            case ast.Call(func=ast.Name(id="list"), args=[ast.Name(id=name)], keywords=[]):
                return name if self.depths.get(name) == 1 else ""
            case ast.Call(func=func, args=[ast.Name(id=name)], keywords=[]) if name in self.depths:
                full = qualified(func, self.module, scope_of(self.module, node))
                return name if full == "copy.deepcopy" or (full in COPIES and self.depths[name] == 1) else ""
            case ast.ListComp(
                elt=element,
                generators=[ast.comprehension(target=ast.Name(id=row), iter=ast.Name(id=name), ifs=[])],
            ) if self.depths.get(name) == 2 and _copy_of_row(element, row):
                return name
        return ""

    def _is_walked(self, target: ast.expr, left: int) -> bool:
        """Are all uses of a loop's name, a row or an element, such that an array's serve as well?"""
        if not isinstance(target, ast.Name):
            return False
        owner = scope_of(self.module, target).resolve(target.id)
        for node in self.module.nodes:
            if not (isinstance(node, ast.Name) and node.id == target.id):
                continue
            if scope_of(self.module, node).resolve(node.id) is not owner or self._is_of_comprehension(node):
                continue
            if isinstance(node.ctx, ast.Load):
                if not (self._serves_as(node) if left == 0 else self._is_read(node, left)):
                    return False
            elif not self._is_row_of(node, left):
                return False
        return True

    def _is_of_comprehension(self, name: ast.Name) -> bool:
        """Does a comprehension around a name bind it?"""
        return any(
            isinstance(part, ast.Name) and part.id == name.id
            for above in self.module.ancestors(name)
            if isinstance(above, COMPREHENSIONS)
            for generator in above.generators
            for part in ast.walk(generator.target)
        )

    def _is_row_of(self, name: ast.Name, left: int) -> bool:
        """Does a loop over one of the lists bind this name?"""
        home = self._above(name)
        source = home.iter if isinstance(home, ast.For) and home.target is name else None
        return isinstance(source, ast.Name) and self.depths.get(source.id, 0) == left + 1

    def stores_alike(self, name: ast.Name, values: ListValues) -> bool:
        """Is a number that is stored in a list where it is named so the same in an array?"""
        node: ast.expr = name
        while isinstance(above := self._above(node), ast.Subscript) and above.value is node:
            node = above
        if node is name or not isinstance(node, ast.Subscript) or isinstance(node.ctx, ast.Load):
            return True
        home = self._above(node)
        if isinstance(home, ast.AugAssign):
            plain = isinstance(home.op, ast.Add | ast.Sub | ast.Mult | ast.Div)
            return plain and values.is_stored_alike(home.value, self.depths)
        return isinstance(home, ast.Assign) and values.is_stored_alike(home.value, self.depths)

    def creation(self, name: ast.Name) -> ast.expr | None:
        """The expression that a name is bound to where it stands, if it makes a list."""
        home = self._above(name)
        if isinstance(home, ast.Assign) and home.targets == [name] and not isinstance(home.value, ast.Name):
            return home.value
        return None

    def _above(self, node: ast.AST) -> ast.AST | None:
        return self.module.parents.get(node)

    def _is_renaming(self, name: ast.Name, node: ast.AST | None) -> bool:
        """Is it the right side of ``a = b`` or ``a, b = b, a`` between such lists?"""
        home = self._above(node) if isinstance(node, ast.Tuple) else node
        if not isinstance(home, ast.Assign) or len(home.targets) != 1:
            return False
        targets, values = _parts(home.targets[0]), _parts(home.value)
        names = [part.id for part in (*targets, *values) if isinstance(part, ast.Name)]
        known = all(each in self.depths for each in names) and len(names) == len(targets) + len(values)
        return known and len({self.depths[each] for each in names}) == 1

    def _is_binding(self, name: ast.Name) -> bool:
        home = self._above(name)
        if self._is_renaming(name, home):
            return True
        if not (isinstance(home, ast.Assign) and home.targets == [name]):
            return False
        if self.copied(home.value):
            return True
        return self._is_fresh(home.value, self.depths[name.id])

    def _is_fresh(self, node: ast.expr, depth: int) -> bool:
        """Does it make a new list of so many dimensions, with no row in it twice?"""
        match node:
            case ast.ListComp(elt=element):
                return depth == 1 or self._is_fresh(element, depth - 1)
            case ast.List(elts=elements):
                return bool(elements) and (
                    depth == 1 or all(self._is_fresh(element, depth - 1) for element in elements)
                )
            case (
                ast.BinOp(left=ast.List(elts=[_]), op=ast.Mult())
                | ast.BinOp(op=ast.Mult(), right=ast.List(elts=[_]))
            ):
                return depth == 1
            case ast.Call(func=ast.Name(id=called)):
                return self._returns_fresh(called, depth)
            case _:
                return False

    def _returns_fresh(self, called: str, depth: int) -> bool:
        found = [
            node for node in self.module.nodes if isinstance(node, ast.FunctionDef) and node.name == called
        ]
        bound = [
            node
            for node in self.module.nodes
            if isinstance(node, ast.Name) and node.id == called and isinstance(node.ctx, ast.Store)
        ]
        if len(found) != 1 or bound or found[0].decorator_list:
            return False
        returns = [node for node in ast.walk(found[0]) if isinstance(node, ast.Return)]
        return bool(returns) and all(
            node.value is not None and self._is_fresh(node.value, depth) for node in returns
        )

    def _is_reader(self, inner: ast.AST, node: ast.AST | None, left: int) -> bool:
        """A use of a whole list that an array serves as well."""
        match node:
            case ast.Call(func=func, args=arguments) if isinstance(inner, ast.expr) and inner in arguments:
                name = qualified(func, self.module, scope_of(self.module, node))
                if name == "builtins.len":
                    return True
                self.sums = self.sums or name == "builtins.sum"
                if name in _READERS and left == 1 and telling(node, self.module, self._is_one) is not None:
                    end = extent(self.module, inner)[1]
                    self.as_pythons.add(Edit(end, end, ".tolist()"))
                return left == 1 and (name in _READERS or name.startswith(("numpy.", "matplotlib.")))
            case ast.comprehension(iter=source):
                made = self._above(node)
                call = self._above(made) if made is not None else None
                if source is not inner or not isinstance(call, ast.Call) or not isinstance(made, ast.expr):
                    return False
                return self._is_told(call, made) and self._serves(node, made, left - 1)
            case _:
                return False

    def _is_told(self, call: ast.Call, made: ast.expr) -> bool:
        """Does the call only add up, compare or print what is made for it?"""
        if made not in call.args:
            return False
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
            return call.func.attr == "join"
        name = qualified(call.func, self.module, scope_of(self.module, call))
        self.sums = self.sums or name == "builtins.sum"
        return name in _READERS or name.startswith("numpy.")

    def _serves(self, part: ast.comprehension, made: ast.expr, left: int) -> bool:
        """Do an array's rows, or its elements, serve where a comprehension names them?"""
        if not isinstance(part.target, ast.Name):
            return False
        uses = [
            node
            for node in ast.walk(made)
            if isinstance(node, ast.Name) and node.id == part.target.id and isinstance(node.ctx, ast.Load)
        ]
        return all(self._serves_as(use) if left == 0 else self._is_read(use, left) for use in uses)

    def _serves_as(self, node: ast.expr) -> bool:
        """Does an array's element serve where a loop names it, if what is made of it is made a float?"""
        told = telling(node, self.module, self._is_one)
        return (told is None or isinstance(told, ast.Call)) and self._turned(told)

    def _turned(self, node: ast.expr | None) -> bool:
        """Make Python's number of an expression."""
        if node is not None:
            start, end = extent(self.module, node)
            self.as_pythons |= {Edit(start, start, "float("), Edit(end, end, ")")}
        return True

    def _is_one(self, node: ast.expr) -> bool:
        """Is it one of the arrays, or a row of one?"""
        while isinstance(node, ast.Subscript):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.depths


def _copy_of_row(node: ast.expr, row: str) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice(lower=None, upper=None, step=None)):
            return name == row
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="copy"), args=[], keywords=[]):
            return name == row
        case ast.Call(func=ast.Name(id="list"), args=[ast.Name(id=name)], keywords=[]):
            return name == row
        case _:
            return False


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def with_arrays(kernels: Sequence[Kernel], names: frozenset[str]) -> tuple[Kernel, ...]:
    """The kernels with their lists passed as the arrays that they have become."""
    return tuple(replace(kernel, arrays=kernel.arrays | names) for kernel in kernels)
