"""Lists of numbers that can be arrays from the start, because nobody sees that they were lists.

A kernel copies a list to an array and back at each call. Where every use of the list in the whole
file is by element, by length or by iteration, and where each list that its name is bound to is
made on the spot, the copy is made once: where the list is made.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.kinds import FLOAT, INT, Kind
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent
from pdeperf.source.scopes import Scope, scope_of

_READERS = frozenset(("builtins.sum", "builtins.max", "builtins.min", "builtins.len", "builtins.enumerate"))


@dataclass(frozen=True, slots=True)
class Conversion:
    """Lists of one scope that become arrays.

    Attributes
    ----------
    names
        The variables.
    edits
        ``np.array(...)`` around each expression that makes one.
    """

    names: frozenset[str]
    edits: tuple[Edit, ...]


def conversion(kernels: Sequence[Kernel]) -> Conversion | None:
    """Turn the lists of floats that kernels receive into arrays where they are made, if all can be."""
    first = kernels[0]
    depths: dict[str, int] = {}
    for kernel in kernels:
        for name in kernel.arguments:
            kind = kernel.kinds.get(name, Kind(""))
            if kind.base == "list" and kind.dtype == "float64" and name not in kernel.lowering.sources:
                depths[name] = kind.ndim
    if not depths or any(kernel.scope.node is not first.scope.node for kernel in kernels):
        return None
    uses = _Uses(first.module, first.scope, depths, kernels)
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
        if node is not None and not provable.elements(node, first.module, first.scope) <= allowed:
            return None
    made = [node for name in uses.names() if (node := uses.creation(name)) is not None]
    edits = [
        edit
        for node in made
        for edit in (
            Edit(extent(first.module, node)[0], extent(first.module, node)[0], "np.array("),
            Edit(extent(first.module, node)[1], extent(first.module, node)[1], ", dtype=np.float64)"),
        )
    ]
    return Conversion(frozenset(depths), tuple(edits)) if made else None


class _Uses:
    """Where the lists are named, and how."""

    def __init__(
        self, module: Module, scope: Scope, depths: dict[str, int], kernels: Sequence[Kernel]
    ) -> None:
        self.module = module
        self.scope = scope
        self.depths = depths
        self.inside = {
            id(node) for kernel in kernels for part in kernel.statements for node in ast.walk(part)
        }

    def names(self) -> Iterator[ast.Name]:
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Name) and node.id in self.depths:
                owner = scope_of(self.module, node).resolve(node.id)
                if owner is not None and owner.node is self.scope.node:
                    yield node

    def is_allowed(self, name: ast.Name) -> bool:
        """By element, by length, by iteration; or bound to a list made on the spot."""
        if id(name) in self.inside:
            return True
        if not isinstance(name.ctx, ast.Load):
            return self._is_binding(name)
        depth, node = 0, self._above(name)
        if self._is_renaming(name, node):
            return True
        inner: ast.AST = name
        while isinstance(node, ast.Subscript) and node.value is inner:
            if isinstance(node.slice, ast.Slice | ast.Tuple):
                return False
            depth, inner, node = depth + 1, node, self._above(node)
        if depth == self.depths[name.id]:
            return not self._divides(inner)
        return self._is_reader(inner, node, self.depths[name.id] - depth)

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
            node
            for node in ast.walk(self.module.tree)
            if isinstance(node, ast.FunctionDef) and node.name == called
        ]
        bound = [
            node
            for node in ast.walk(self.module.tree)
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
            case ast.Call(func=func, args=arguments) if inner in arguments:
                name = qualified(func, self.module, scope_of(self.module, node))
                if name == "builtins.len":
                    return True
                return left == 1 and (name in _READERS or name.startswith(("numpy.", "matplotlib.")))
            case ast.comprehension(iter=source):
                made = self._above(node)
                call = self._above(made) if made is not None else None
                if left != 1 or source is not inner or not isinstance(call, ast.Call):
                    return False
                name = qualified(call.func, self.module, scope_of(self.module, call))
                return name in _READERS or name.startswith("numpy.")
            case _:
                return False

    def _divides(self, node: ast.AST) -> bool:
        """A Python number raises when it is a divisor and zero; an array's element does not."""
        above: ast.AST | None = node
        while isinstance(above, ast.expr):
            parent = self._above(above)
            divides = isinstance(parent, ast.BinOp) and isinstance(
                parent.op, ast.Div | ast.Mod | ast.FloorDiv
            )
            if divides and isinstance(parent, ast.BinOp) and parent.right is above:
                return not _is_format(parent)
            above = parent
        return isinstance(above, ast.AugAssign) and isinstance(above.op, ast.Div | ast.Mod | ast.FloorDiv)


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _is_format(node: ast.BinOp) -> bool:
    """Is it ``"%d" % value``?"""
    return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)


def with_arrays(kernels: Sequence[Kernel], names: frozenset[str]) -> tuple[Kernel, ...]:
    """The kernels with their lists passed as the arrays that they have become."""
    return tuple(replace(kernel, arrays=names) for kernel in kernels)
