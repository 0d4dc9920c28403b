"""Lists of numbers that are written in the source and never change, ``cx = [0, 1, 0, -1]``.

A kernel reads such a table as an array that is made once, after the list. Where the table is a global
or an attribute of a class, the array is a global constant of the kernel; elsewhere it is an argument.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, indentation, lines_extent
from pdeperf.source.scopes import Scope, scope_of, uses_of

_READERS = frozenset("len sum min max enumerate zip list tuple sorted print range".split())
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the array that is made of it.

    Attributes
    ----------
    text
        The list as the source names it.
    array
        The array's name.
    kind
        Of the list: its elements are Python's numbers.
    after
        The statement after which the array is made.
    is_made
        An earlier rewrite has made it.
    is_global
        Kernels read the array as a global.
    """

    text: str
    array: str
    kind: Kind
    after: ast.stmt
    is_made: bool
    is_global: bool

    def edit(self, module: Module, numpy_name: str) -> Edit | None:
        """The line that makes the array."""
        if self.is_made:
            return None
        at = lines_extent(module, [self.after])[1]
        line = f"{self.array} = {numpy_name}.array({self.text}, dtype={numpy_name}.{self.kind.dtype})\n"
        lead = "\n\n" if isinstance(self.after, ast.ClassDef) else indentation(module, self.after)
        return Edit(at, at, lead + line)


class Tables:
    """The tables of a project.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[tuple[int, str], Table | None] = {}

    def named(self, name: str, module: Module, scope: Scope) -> Table | None:
        """The table that a name stands for, in its own scope or as a global."""
        owner = scope.resolve(name)
        if owner is None or not (owner.is_module or owner is scope) or not module.is_script:
            return None
        key = id(owner.node), name
        if key not in self._found:
            self._found[key] = _of_name(name, module, owner)
        return self._found[key]

    def of_class(self, node: ast.Attribute, module: Module, home: ast.ClassDef | None) -> Table | None:
        """The table that ``self.cx`` stands for in a method of a class whose body makes it."""
        if home is None or not module.is_script or module.parents.get(home) is not module.tree:
            return None
        key = id(home), node.attr
        if key not in self._found:
            self._found[key] = self._of_class(node.attr, module, home)
        return self._found[key]

    def _of_class(self, attribute: str, module: Module, home: ast.ClassDef) -> Table | None:
        made = [part for part in home.body if isinstance(part, ast.Assign) and _binds(part, attribute)]
        every = [(other, part) for other in self._project.modules.values() for part in other.nodes]
        bound = [
            part
            for other, part in every
            if isinstance(part, ast.Name)
            and part.id == attribute
            and isinstance(part.ctx, ast.Store)
            and isinstance(other.parents.get(other.parents.get(part) or part), ast.ClassDef)
        ]
        kind = _kind(made[0].value) if len(made) == 1 == len(bound) else None
        if kind is None or len(made[0].targets) != 1 or any(_sets_attributes(part) for _, part in every):
            return None
        for other, part in every:
            if isinstance(part, ast.Attribute) and part.attr == attribute and not _is_read(part, other, kind):
                return None
        inside = [
            part for part in ast.walk(home)
            if isinstance(part, ast.Name) and part.id == attribute and isinstance(part.ctx, ast.Load)
        ]  # fmt: skip
        if any(isinstance(module.parents.get(part), ast.stmt) for part in inside):
            return None
        text = f"{home.name}.{attribute}"
        return _table(text, f"{attribute.strip('_')}_array", kind, home, module, is_global=True)


def _of_name(name: str, module: Module, owner: Scope) -> Table | None:
    uses = [
        node
        for node in uses_of(name, module)
        if scope_of(module, node).resolve(name) is not None
        and scope_of(module, node).resolve(name).node is owner.node  # type: ignore[union-attr]
    ]  # fmt: skip
    stores = [node for node in uses if not isinstance(node.ctx, ast.Load)]
    home = module.parents.get(stores[0]) if len(stores) == 1 else None
    if (
        name in module.once(_declared, module)
        or not isinstance(home, ast.Assign)
        or home.targets != [stores[0]]
    ):
        return None
    kind = _kind(home.value)
    if module.parents.get(home) is not owner.node or kind is None:
        return None
    if not all(_is_read(node, module, kind) for node in uses if node is not stores[0]):
        return None
    return _table(name, f"{name}_array", kind, home, module, is_global=owner.is_module)


def _declared(module: Module) -> frozenset[str]:
    """Names in ``global`` and ``nonlocal`` statements."""
    statements: list[ast.Global | ast.Nonlocal] = [*module.all(ast.Global), *module.all(ast.Nonlocal)]
    return frozenset(name for node in statements for name in node.names)


def _table(
    text: str, array: str, kind: Kind, after: ast.stmt, module: Module, *, is_global: bool
) -> Table | None:
    taken = {node.id: node for node in module.all(ast.Name)}
    made = False
    if array in taken:
        expected = f".array({text}, dtype="
        made = any(
            isinstance(part, ast.Assign)
            and _binds(part, array)
            and isinstance(part.value, ast.Call)
            and expected in ast.unparse(part.value)
            for part in getattr(module.parents.get(after), "body", [])
        )
        if not made:
            return None
    return Table(text, array, kind, after, made, is_global)


def _binds(statement: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)


def _sets_attributes(node: ast.AST) -> bool:
    """Does it reach attributes by names that the source does not show?"""
    return isinstance(node, ast.Name) and node.id in ("setattr", "exec", "eval", "vars", "globals")


def _is_read(node: ast.expr, module: Module, kind: Kind) -> bool:
    """Is a table only looked at there: by element, by length, by iteration?"""
    if not isinstance(getattr(node, "ctx", None), ast.Load):
        return False
    depth, inner = 0, node
    above = module.parents.get(inner)
    while isinstance(above, ast.Subscript) and above.value is inner:
        if isinstance(above.slice, ast.Slice | ast.Tuple) or not isinstance(above.ctx, ast.Load):
            return False
        depth, inner, above = depth + 1, above, module.parents.get(above)
    left = kind.ndim - depth
    match above:
        case _ if left == 0:
            return True
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
            return source is inner and (left == 1 or isinstance(target, ast.Tuple))
        case ast.Assign(targets=[ast.Tuple()], value=value) if value is inner:
            return left == 1
        case ast.Call(func=func, args=arguments) if inner in arguments:
            name = qualified(func, module, scope_of(module, above))
            reads = name.startswith("numpy.") or name.removeprefix("builtins.") in _READERS
            return reads and (left == 1 or name in ("builtins.len", "numpy.array"))
        case _:
            return False


def _kind(node: ast.expr) -> Kind | None:
    """Kind of a list, one or two deep, whose elements are all integers or all floats."""
    if not isinstance(node, ast.List) or not node.elts:
        return None
    rows = [part.elts for part in node.elts if isinstance(part, ast.List | ast.Tuple)]
    if rows and (len(rows) < len(node.elts) or len(set(map(len, rows))) > 1):
        return None
    numbers = [_number(part) for row in (rows or [node.elts]) for part in row]
    types = {type(number) for number in numbers}
    if types == {int} and all(abs(number) < _LARGEST for number in numbers if number is not None):
        return Kind("list", "int64", 2 if rows else 1)
    return Kind("list", "float64", 2 if rows else 1) if types == {float} else None


def _number(node: ast.expr) -> int | float | None:
    """The number that an expression without names comes to."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return value  # type: ignore[return-value]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
            number = _number(operand)
            return None if number is None else -number if isinstance(op, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(_number(left), op, _number(right))
        case _:
            return None


def _combined(left: int | float | None, op: ast.operator, right: int | float | None) -> int | float | None:
    if left is None or right is None:
        return None
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div() if right:
            return left / right
        case _:
            return None


def edits(tables: Iterator[Table], module: Module, numpy_name: str) -> Iterator[Edit]:
    """The lines that make the arrays of several kernels' tables."""
    for table in {table.array: table for table in tables}.values():
        edit = table.edit(module, numpy_name)
        if edit is not None:
            yield edit
