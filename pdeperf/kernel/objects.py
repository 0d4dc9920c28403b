"""Objects of the user's classes in kernels: what ``grid[i, j]`` and ``source(x)`` mean for their parts."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.enums import integer_of_member
from pdeperf.kernel.kinds import INT, Kind
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import Paths, is_path, root_name
from pdeperf.source import Module
from pdeperf.source.edits import Edit, lines_extent, owns_lines, replace
from pdeperf.source.flow import reads
from pdeperf.source.scopes import statement_of


@dataclass(slots=True)
class Objects(Paths):
    """The part of a lowering that knows the classes of objects."""

    _forgotten: set[int] = field(default_factory=set)

    def look(self, text: str) -> Seen | None:
        """What was observed of an access path here, or where the same object is visible."""
        if re.split(r"\W", text, maxsplit=1)[0] in self.turned:
            text = self.canonical(text)  # what its name was seen to be is mixed of all turns
        found = Paths.look(self, text)
        text = self.canonical(text)
        found = found or Paths.look(self, text)
        head = text.partition("[]")[0]  # of elements of a list: where the list is
        if found is not None or head.isidentifier():
            return found
        node = ast.parse(head, mode="eval").body
        prefix = node
        while isinstance(prefix, ast.Attribute | ast.Subscript):
            prefix = prefix.value
            home = self.class_of(prefix)
            if home:
                return self.observed.look_in_class(home, text[len(ast.unparse(prefix)) :])
        return None

    def class_of(self, node: ast.expr) -> str:
        """``file:Class`` that the object at an access path was seen to be of; empty if that is not known."""
        if not is_path(node) or root_name(node) in self.own | self.assigned:
            return ""
        seen = self.look(ast.unparse(node))
        is_object = seen is not None and seen.kind.base == "object"
        return seen.classes[0] if is_object and seen is not None and len(seen.classes) == 1 else ""

    def method(self, home: str, name: str) -> tuple[Module, ast.FunctionDef] | None:
        """What calling a method of a class runs, its own or inherited."""
        return self.observed.provable.program.method_of(home, name)

    def demand_class(self, node: ast.expr, home: str) -> bool:
        """Let the call site check an object's class, unless the source proves it; False if it cannot."""
        text, name = self.canonical(ast.unparse(node)), home.rpartition(":")[2]
        at = statement_of(self.module, node) if node in self.module.parents else self.scope.node
        provable = self.observed.provable
        derives = any(len(provable.program.derived(node)) > 1 for node in provable.program.ancestry(home)[:1])
        if not derives and provable.kinds(text, self.module, self.scope, at) == {Kind("object", home)}:
            return True
        owner = self.scope.resolve(name)
        if owner is None or not owner.is_module:
            return False
        self.conditions.add(f"{text}.__class__ is {name}")
        return True

    def rename_objects(self, statements: Sequence[ast.stmt]) -> None:
        """Take ``grid = self.grid`` as a second name of the object, where nothing else binds the name."""
        if any(map(_may_be_second_name, statements)):
            self._rename_those(statements)
        self.own -= self.renamed.keys()
        self.assigned -= self.renamed.keys()

    def _rename_those(self, statements: Sequence[ast.stmt]) -> None:
        stores = [
            node.id for part in statements for node in ast.walk(part)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        ]  # fmt: skip
        inside = {id(node) for part in statements for node in ast.walk(part)}
        elsewhere = {
            node.id
            for node in ast.walk(self.scope.node)
            if isinstance(node, ast.Name) and id(node) not in inside
        }
        if self.leaves:  # what is returned is looked up after the kernel
            returns = [node for part in statements for node in ast.walk(part) if isinstance(node, ast.Return)]
            elsewhere |= frozenset[str]().union(*(reads(node.value) for node in returns))
        for statement in statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() | ast.Name() as value):
                    root, seen = root_name(value), self.look(ast.unparse(value))
                    is_object = seen is not None and seen.kind.base == "object"
                    alone = stores.count(name) == 1 and root not in stores and root not in self.own - {name}
                    if name in elsewhere or self.scope.resolve(name) is not self.scope:
                        continue
                    if is_object and alone and is_path(value) and owns_lines(self.module, [statement]):
                        self.renamed[name] = self.canonical(ast.unparse(value))
                        self._forgotten.add(id(statement))

    def is_forgotten(self, statement: ast.stmt) -> bool:
        """Does it only give an object a second name, or say where names are read? Then it goes."""
        if id(statement) not in self._forgotten and not isinstance(statement, ast.Global | ast.Nonlocal):
            return False
        self.edits.append(Edit(*lines_extent(self.module, [statement]), ""))
        return True

    def access(self, node: ast.Attribute | ast.Subscript) -> ast.expr:
        """A lowered attribute or subscript; one of an object that stands for an array is the array's."""
        if isinstance(node, ast.Subscript) and (inner := self._delegated(node)):
            return Paths.access(self, inner)
        if text := self._integer_of_member(node):
            name = self.name_of(text, Seen(INT), text.split(".")[-2])
            self.edits.append(replace(self.module, node, name))
            return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)
        return Paths.access(self, node)

    def is_property(self, node: ast.Attribute) -> bool:
        """Does reading it run code of the user's class?"""
        return not self._integer_of_member(node) and Paths.is_property(self, node)

    def _integer_of_member(self, node: ast.expr) -> str:
        """``Cell.WALL.value`` for a member of an enumeration of integers; empty for anything else."""
        return integer_of_member(node, self.observed.provable.program, self.module, self.scope)

    def _delegated(self, node: ast.Subscript) -> ast.Subscript | None:
        """``grid.data[i, j]`` for ``grid[i, j]``, where the class's ``__getitem__`` does that."""
        home = self.class_of(node.value)
        if not home:
            return None
        names = ["__getitem__"] if isinstance(node.ctx, ast.Load) else ["__setitem__"]
        if isinstance(self.module.parents.get(node), ast.AugAssign):
            names = ["__getitem__", "__setitem__"]
        found = [self.method(home, name) for name in names]
        inner = {_delegate(one[1], node.slice) if one is not None else "" for one in found}
        attribute = inner.pop() if len(inner) == 1 else ""
        if not attribute or not self.demand_class(node.value, home):
            return None
        array = ast.copy_location(ast.Attribute(node.value, attribute, ast.Load()), node.value)
        return ast.copy_location(ast.Subscript(array, node.slice, node.ctx), node)


def _delegate(method: ast.FunctionDef, index: ast.expr) -> str:
    """The attribute that a method looks an index up in, unchanged; empty if it does anything else."""
    body = [part for part in method.body if not _is_text(part)]
    names = [argument.arg for argument in method.args.args]
    if method.decorator_list or len(names) not in (2, 3) or not body:
        return ""
    wanted: ast.expr = ast.Name(names[1], ast.Load())
    match body[0]:
        case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Name(id=key)) if key == names[1]:
            count = len(index.elts) if isinstance(index, ast.Tuple) else 0
            if len(parts) != count or not all(isinstance(part, ast.Name) for part in parts):
                return ""
            wanted = ast.parse(ast.unparse(ast.Tuple(parts, ast.Load())), mode="eval").body
            body = body[1:]
    match body:
        case [ast.Return(value=ast.Subscript() as place)] if len(names) == 2:
            pass
        case [ast.Assign(targets=[ast.Subscript() as place], value=ast.Name(id=value))]:
            if names[2:] != [value]:
                return ""
        case _:
            return ""
    match place.value:
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if owner == names[0]:
            return attribute if ast.unparse(place.slice) == ast.unparse(wanted) else ""
    return ""


def _may_be_second_name(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Attribute | ast.Name)
        and all(isinstance(target, ast.Name) for target in statement.targets)
    )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
