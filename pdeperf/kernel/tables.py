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
_MOST_TIMES = 1000
_VIEWS = frozenset(("items", "keys", "values"))


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
        """The table that ``self.cx`` stands for in a method of a class whose body, or a base's, makes it."""
        if home is None or not module.is_script or module.parents.get(home) is not module.tree:
            return None
        home = _where_made(node.attr, home, module) or home
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
        is_dict = bool(made) and isinstance(made[0].value, ast.Dict)
        if kind is None or len(made[0].targets) != 1 or any(_sets_attributes(part) for _, part in every):
            return None
        for other, part in every:
            if not (isinstance(part, ast.Attribute) and part.attr == attribute):
                continue
            if not _is_read(part, other, kind, is_dict=is_dict):
                return None
        inside = [
            part for part in ast.walk(home)
            if isinstance(part, ast.Name) and part.id == attribute and isinstance(part.ctx, ast.Load)
        ]  # fmt: skip
        if any(isinstance(module.parents.get(part), ast.stmt) for part in inside):
            return None
        text = f"{home.name}.{attribute}"
        text = f"list({text}.values())" if is_dict else text
        return _table(text, f"{attribute.strip('_')}_array", kind, home, module, is_global=True)


def _where_made(attribute: str, home: ast.ClassDef, module: Module) -> ast.ClassDef | None:
    """The class whose body binds an attribute: a class itself, or one of the file's that it inherits from."""
    if any(isinstance(part, ast.Assign) and _binds(part, attribute) for part in home.body):
        return home
    names = [base.id for base in home.bases if isinstance(base, ast.Name)]
    bases = [part for part in module.tree.body if isinstance(part, ast.ClassDef) and part.name in names]
    found = (_where_made(attribute, base, module) for base in bases if base.lineno < home.lineno)
    return next((one for one in found if one is not None), None)


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
    is_dict = isinstance(home.value, ast.Dict)
    if not all(_is_read(node, module, kind, is_dict=is_dict) for node in uses if node is not stores[0]):
        return None
    text = f"list({name}.values())" if is_dict else name
    return _table(text, f"{name}_array", kind, home, module, is_global=owner.is_module)


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


def _is_read(node: ast.expr, module: Module, kind: Kind, *, is_dict: bool = False) -> bool:
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
    if is_dict and not depth:
        return _is_view(above, module) or _is_shown(above, inner, module)
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
            if left == 2 and name in ("builtins.enumerate", "builtins.zip"):
                return _is_unpacked(
                    above, module, 1 if name == "builtins.enumerate" else arguments.index(inner)
                )
            return reads and (left == 1 or name in ("builtins.len", "numpy.array"))
        case _:
            return False


def _is_view(node: ast.AST | None, module: Module) -> bool:
    """Is it ``weights.values()`` of a dict of numbers, walked outside of kernels?"""
    call = module.parents.get(node) if isinstance(node, ast.Attribute) and node.attr in _VIEWS else None
    return isinstance(call, ast.Call) and call.func is node


def _is_shown(node: ast.AST | None, given: ast.expr, module: Module) -> bool:
    if not isinstance(node, ast.Call) or given not in node.args:
        return False
    return qualified(node.func, module, scope_of(module, node)) in ("builtins.print", "builtins.len")


def _is_unpacked(walk: ast.expr, module: Module, at: int) -> bool:
    """Does a loop over ``enumerate(rows)`` or ``zip(rows, ...)`` name the elements of each row?"""
    inner, above = walk, module.parents.get(walk)
    path = [at]
    while isinstance(above, ast.Call) and above.args == [inner]:  # enumerate(zip(rows, weights))
        inner, above, path = above, module.parents.get(above), [1, *path]
    target = above.target if isinstance(above, ast.For | ast.comprehension) and above.iter is inner else None
    for place in path:
        parts = target.elts if isinstance(target, ast.Tuple) else []
        target = parts[place] if place < len(parts) else None
    return isinstance(target, ast.Tuple) and all(isinstance(part, ast.Name) for part in target.elts)


def _kind(node: ast.expr) -> Kind | None:
    """Kind of a list, one or two deep, whose elements are all integers or all floats."""
    parts = _parts(node)
    if not parts:
        return None
    rows = [row for part in parts if (row := _parts(part, is_row=True))]
    if rows and (len(rows) < len(parts) or len(set(map(len, rows))) > 1):
        return None
    numbers = [_number(part) for row in (rows or [parts]) for part in row]
    types = {type(number) for number in numbers}
    if types == {int} and all(abs(number) < _LARGEST for number in numbers if number is not None):
        return Kind("list", "int64", 2 if rows else 1)
    return Kind("list", "float64", 2 if rows else 1) if types == {float} else None


def _parts(node: ast.expr, *, is_row: bool = False) -> list[ast.expr]:
    """The elements that a list is written with, ``[4 / 9] + [1 / 9] * 4``, or a dict that counts from 0."""
    match node:
        case ast.List(elts=parts):
            return parts
        case ast.Tuple(elts=parts) if is_row:
            return parts
        case ast.Dict(keys=keys, values=values) if not is_row:
            numbers = [key.value if isinstance(key, ast.Constant) else None for key in keys]
            is_counted = numbers == [*range(len(values))] and all(type(number) is int for number in numbers)
            return values if is_counted else []
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            sides = _parts(left), _parts(right)
            return [*sides[0], *sides[1]] if all(sides) else []
        case ast.BinOp(left=ast.List() as left, op=ast.Mult(), right=ast.Constant(value=int(count))):
            return _parts(left) * count if 0 < count < _MOST_TIMES else []
    return []


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
