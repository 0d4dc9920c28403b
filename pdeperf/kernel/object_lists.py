"""Lists of objects in kernels: an array for each attribute, an index in place of each object.

``for b in bodies: b.x += dt * b.vx`` becomes ``for b in range(len(bodies_x)): bodies_x[b] += dt *
bodies_vx[b]``. The access path ``bodies[].x`` stands for the attribute ``x`` of all of ``bodies``.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.columns import DICTS, pairwise
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.objects import Objects
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import MARK, column_name, is_path, root_name
from pdeperf.kernel.places import is_counted, whole_list
from pdeperf.kernel.syntax import shallow
from pdeperf.kernel.tuple_columns import is_one_place, tuple_places
from pdeperf.kernel.vector_columns import MOST_COMPONENTS
from pdeperf.source.edits import Edit, extent, replace

_ELEMENTS: Mapping[frozenset[str], str] = {
    frozenset(("float",)): "float64",
    frozenset(("int",)): "int64",
    frozenset(("bool",)): "bool",
    frozenset(("numpy.float64",)): "npfloat",
    frozenset(("float", "numpy.float64")): "npfloat",
}
_NAMES = {"float": "float", "int": "int", "bool": "bool"}


@dataclass(frozen=True, slots=True)
class Element:
    """A variable that is always an element of one list of objects.

    Attributes
    ----------
    objects
        The list's access path.
    home
        The class, ``file:Body``.
    index
        Text of the place in the list.
    """

    objects: str
    home: str
    index: str


@dataclass(slots=True)
class ObjectLists(Objects):
    """The part of a lowering that knows lists of objects.

    Attributes
    ----------
    elements
        Variables that are elements.
    """

    elements: dict[str, Element] = field(default_factory=dict)
    _anchors: dict[str, str] = field(default_factory=dict)

    def lowered_text(self, node: ast.expr, lower: Callable[[ast.expr], ast.expr] | None = None) -> str:
        """An expression's text with its own edits done."""
        raise NotImplementedError

    def list_class(self, node: ast.expr) -> str:
        """The class of all the objects in the list at an access path; empty when it is no such list."""
        if not is_path(node) or root_name(node) in self.own | self.assigned:
            return ""
        text = ast.unparse(node)
        seen = self.look(f"{text}[]") or self.look(f"{self.canonical(text)}[]")
        if seen is not None and seen.kind.base == "object" and seen.keys and isinstance(seen.keys[0], str):
            return "" if seen.classes or seen.elements else DICTS
        return seen.classes[0] if seen is not None and len(seen.classes) == 1 else ""

    def find_elements(self, statements: Sequence[ast.stmt]) -> None:
        """Which variables are elements of lists of objects, wherever they are bound."""
        found: dict[str, set[Element | None]] = {}
        for part in statements:
            for node in ast.walk(part):
                for name, element in self._bound(node):
                    found.setdefault(name, set()).add(element)
        for name, bound in found.items():
            element = None if name in self.turned else next(iter(bound))
            if len(bound) == 1 and element is not None:
                self.elements[name] = element
        for part in statements:
            for node in ast.walk(part):
                match node:
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.elements:
                        self._anchor(self.elements[name].objects, self.elements[name].home, attribute)
                    case ast.Attribute(value=ast.Subscript(value=value), attr=attribute):
                        if home := self.list_class(value):
                            self._anchor(self.canonical(ast.unparse(value)), home, attribute)
                    case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                        if name in self.elements and self.elements[name].home == DICTS:
                            self._anchors.setdefault(self.elements[name].objects, f"[{key!r}]")

    def _anchor(self, objects: str, home: str, attribute: str) -> None:
        """Let an array of attributes tell how many objects there are; of a method, one that it reads."""
        found = self.method(home, attribute)
        first = found[1].args.args[:1] if found is not None else []
        asked = [
            node.attr
            for node in (ast.walk(found[1]) if found is not None else ())
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if first and node.value.id == first[0].arg and self.has_column(home, node.attr)
        ]
        if found is None or asked:
            self._anchors.setdefault(objects, attribute if found is None else min(asked))

    def _bound(self, node: ast.AST) -> Iterator[tuple[str, Element | None]]:
        """What a statement binds names to."""
        match node:
            case ast.Assign(targets=[target], value=value):
                for part, source in pairwise(target, value):
                    if isinstance(part, ast.Name) and isinstance(source, ast.Subscript):
                        yield part.id, self._element_at(part.id, source)
            case ast.comprehension(target=ast.Name(id=name), iter=source):
                home = self.list_class(source)
                yield name, Element(self.canonical(ast.unparse(source)), home, name) if home else None
            case ast.For(target=ast.Name(id=name), iter=source):
                source = whole_list(source, self.module)
                home = self.list_class(source)
                yield name, Element(self.canonical(ast.unparse(source)), home, name) if home else None
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=index), ast.Name(id=name)]),
                iter=ast.Call(func=ast.Name(id="enumerate"), args=[source], keywords=[]),
            ):
                home = self.list_class(source)
                yield name, Element(self.canonical(ast.unparse(source)), home, index) if home else None
                yield index, None
            case ast.Name(id=name, ctx=ast.Store()):
                above = self.module.parents.get(node)
                within = self.module.parents.get(above) if isinstance(above, ast.Tuple) else above
                taken = isinstance(within, ast.Assign) and any(
                    part is node and isinstance(source, ast.Subscript)
                    for part, source in pairwise(within.targets[0], within.value)
                )
                called = isinstance(within, ast.For) and isinstance(within.iter, ast.Call)
                walked = called if within is not above else isinstance(above, ast.For | ast.comprehension)
                if not (taken or walked):
                    yield name, None

    def _element_at(self, name: str, source: ast.Subscript) -> Element | None:
        """What ``bodies[i]`` is, bound to a name."""
        fixed = isinstance(source.slice, ast.Slice | ast.Tuple)
        home = "" if fixed else self.list_class(source.value)
        return Element(self.canonical(ast.unparse(source.value)), home, name) if home else None

    def column(self, objects: str, home: str, attribute: str, node: ast.AST) -> str:
        """The kernel's name for an attribute of all objects of a list; empty where there is none."""
        dtype = _ELEMENTS.get(self._types(objects, home, attribute), "")
        vector = home != DICTS and self.components(home, attribute)
        places = home != DICTS and tuple_places(home, attribute, self.observed)
        is_word = home != DICTS or re.fullmatch(r"\['[A-Za-z_]\w*'\]", attribute)
        dtype = dtype if is_word else ""
        if places and isinstance(node, ast.Attribute) and not is_one_place(node, self.module):
            self.problem(node, f"the tuple `{attribute}` of `{objects}` is used as a whole")
            return ""
        if not (dtype or vector or places) or (
            home != DICTS and (self.method(home, attribute) is not None or self._is_customised(home))
        ):
            told = f"the attribute `{attribute}` of `{objects}` was not seen to be one kind of number"
            self.problem(node, told)
            return ""
        name = column_name(objects, attribute)
        plain = Kind("array", "float64", 2) if vector else Kind("list", dtype, 1)
        kind = places[1] if places else plain
        return self.name_of(f"{objects}{MARK}{attribute}", Seen(kind), name)

    def _types(self, objects: str, home: str, attribute: str) -> frozenset[str]:
        if home != DICTS:
            return self.observed.types_in_class(home, f".{attribute}")
        seen = self.look(f"{objects}[]{attribute}") or self.look(f"{objects}{attribute}")
        return frozenset({_NAMES.get(seen.kind.base, "")} if seen is not None else ())

    def components(self, home: str, attribute: str) -> int:
        """How many floats an attribute's array has in all objects of a class; 0 if it is anything else."""
        rest = f".{attribute}"
        if self.observed.types_in_class(home, rest) != {"numpy.ndarray"}:
            return 0
        dtypes, shapes = (self.observed.facts_in_class(home, rest, one) for one in ("dtype", "shape"))
        sizes = [int(shape) for shape in shapes if shape.isdecimal()]
        few = len(sizes) == len(shapes) == 1 and sizes[0] <= MOST_COMPONENTS
        return sizes[0] if few and dtypes == {"float64"} else 0

    def has_column(self, home: str, attribute: str) -> bool:
        """Does one array hold the attribute of all objects of a class?"""
        types = self.observed.types_in_class(home, f".{attribute}")
        found = tuple_places(home, attribute, self.observed) or self.components(home, attribute)
        return types in _ELEMENTS or bool(found)

    def _is_customised(self, home: str) -> bool:
        """Does a class read or write its attributes in a way of its own?"""
        ways = ("__getattr__", "__getattribute__", "__setattr__")
        classes = self.observed.provable.program.ancestry(home)
        return not classes or any(self.method(home, way) is not None for way in ways)

    def objects_statement(self, node: ast.stmt) -> ast.stmt | None:
        """``b = bodies[i]`` and ``for b in bodies`` over indices; None for other statements."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Subscript() as value):
                if name not in self.elements:
                    return None
                fresh = shallow(node)
                fresh.targets, fresh.value = [target], self._place(value)
                return fresh
            case ast.Assign(targets=[ast.Tuple() as target], value=ast.Tuple() as value):
                pairs = [*pairwise(target, value)]
                taken = [isinstance(part, ast.Name) and part.id in self.elements for part, _ in pairs]
                if not any(taken) or len(pairs) != len(target.elts):
                    return None
                fresh, target, value = shallow(node), shallow(target), shallow(value)
                value.elts = [
                    self._place(source)
                    if is_one and isinstance(source, ast.Subscript)
                    else self.expression(source)
                    for is_one, (_, source) in zip(taken, pairs, strict=True)
                ]
                target.elts = [
                    part if is_one else self.expression(part)
                    for is_one, (part, _) in zip(taken, pairs, strict=True)
                ]
                fresh.targets, fresh.value = [target], value
                return fresh
            case ast.For(target=ast.Name(id=name)) if name in self.elements:
                return self._over_indices(node, self.elements[name])
            case ast.For(target=ast.Tuple(elts=[_, ast.Name(id=name)])) if name in self.elements:
                return self._over_indices(node, self.elements[name])
        return None

    def _place(self, source: ast.Subscript) -> ast.expr:
        """The place ``i`` of ``bodies[i]``."""
        text, count = self.lowered_text(source.slice), len(self.edits)
        place = self.expression(source.slice)
        self.edits[count:] = [replace(self.module, source, text)]
        return place

    def _over_indices(self, loop: ast.For, element: Element) -> ast.stmt:
        size = self.length(element.objects, element.home, loop)
        if whole_list(loop.iter, self.module) is not loop.iter:
            assert isinstance(loop.iter, ast.Subscript) and isinstance(loop.iter.slice, ast.Slice)
            assert loop.iter.slice.lower is not None
            size = f"{self.lowered_text(loop.iter.slice.lower)}, {size}"
        text = f"{element.index} in range({size})"
        self.edits.append(Edit(extent(self.module, loop.target)[0], extent(self.module, loop.iter)[1], text))
        fresh = shallow(loop)
        fresh.target = ast.copy_location(ast.Name(id=element.index, ctx=ast.Store()), loop.target)
        fresh.iter = ast.parse(f"range({size})", mode="eval").body
        for part in ast.walk(fresh.iter):
            if isinstance(part, ast.expr):
                ast.copy_location(part, loop.iter)
        fresh.body = [self.statement(part) for part in loop.body]
        fresh.orelse = [self.statement(part) for part in loop.orelse]
        return fresh

    def walked(self, part: ast.comprehension) -> ast.expr:
        """What a comprehension goes through: for ``b in bodies``, the places in that list."""
        if not isinstance(part.target, ast.Name) or part.target.id not in self.elements:
            return self.expression(part.iter)
        element = self.elements[part.target.id]
        text = f"range({self.length(element.objects, element.home, part.iter)})"
        self.edits.append(replace(self.module, part.iter, text))
        made = ast.parse(text, mode="eval").body
        for node in ast.walk(made):
            if isinstance(node, ast.expr):
                ast.copy_location(node, part.iter)
        return made

    def statement(self, node: ast.stmt) -> ast.stmt:
        """A lowered copy of a statement."""
        raise NotImplementedError

    def length(self, objects: str, home: str, node: ast.AST) -> str:
        """Text of the number of objects in a list."""
        if (anchor := self._anchors.get(objects)) is None:
            self.problem(node, f"an attribute of the objects in `{objects}` was not seen")
            return "0"
        return f"len({self.column(objects, home, anchor, node)})"

    def length_of(self, node: ast.Call, source: ast.expr, home: str) -> ast.expr:
        """``len(bodies)``."""
        text = self.length(self.canonical(ast.unparse(source)), home, node)
        self.edits.append(replace(self.module, node, text))
        made = ast.parse(text, mode="eval").body
        for part in ast.walk(made):
            if isinstance(part, ast.expr):
                ast.copy_location(part, node)
        return made

    def is_of_element(self, func: ast.expr) -> bool:
        """Is it a method of an object in a list?"""
        return (
            isinstance(func, ast.Attribute)
            and isinstance(func.value, ast.Name)
            and func.value.id in self.elements
        )

    def is_property_of_element(self, node: ast.expr) -> bool:
        """Does reading an attribute of an object in a list run a property of its class?"""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()) if (
                name in self.elements
            ):
                home = self.elements[name].home
                found = self.method(home, attribute) if home != DICTS else None
                return found is not None and [ast.unparse(one) for one in found[1].decorator_list] == [
                    "property"
                ]
        return False

    def element(self, node: ast.expr) -> Element | None:
        """The object of a list that ``b`` or ``bodies[i]`` is."""
        match node:
            case ast.Name(id=name):
                return self.elements.get(name)
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice | ast.Tuple):
                home = self.list_class(value)
                return Element(self.canonical(ast.unparse(value)), home, "") if home else None
        return None

    def given(self, node: ast.expr) -> ast.expr:
        """An argument of the user's function: of an object in a list, its place there."""
        if isinstance(node, ast.Starred):
            fresh = shallow(node)
            fresh.value = self.expression(node.value)
            return fresh
        element = self.element(node)
        if element is None:
            return self.expression(node)
        if isinstance(node, ast.Subscript):
            return self._place(node)
        self.edits.append(replace(self.module, node, element.index))
        return ast.copy_location(ast.Name(id=element.index, ctx=ast.Load()), node)

    def of_element(self, node: ast.expr) -> ast.expr | None:
        """``b.x`` or ``bodies[i].x`` as an element of an array; None for other expressions."""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.elements:
                element = self.elements[name]
                column = self.column(element.objects, element.home, attribute, node)
                place: ast.expr = ast.copy_location(ast.Name(id=element.index, ctx=ast.Load()), node)
                text = element.index
            case ast.Attribute(value=ast.Subscript(value=value, slice=index), attr=attribute):
                home = "" if isinstance(index, ast.Slice | ast.Tuple) else self.list_class(value)
                if not home:
                    return None
                column = self.column(self.canonical(ast.unparse(value)), home, attribute, node)
                text, count = self.lowered_text(index), len(self.edits)
                place = self.expression(index)
                del self.edits[count:]
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if (
                name in self.elements and self.elements[name].home == DICTS
            ):
                element = self.elements[name]
                column = self.column(element.objects, DICTS, f"[{key!r}]", node)
                place = ast.copy_location(ast.Name(id=element.index, ctx=ast.Load()), node)
                text = element.index
            case ast.Subscript(
                value=ast.Subscript(value=value, slice=index), slice=ast.Constant(value=str(key))
            ):
                fixed = isinstance(index, ast.Slice | ast.Tuple | ast.Constant)
                if fixed or self.list_class(value) != DICTS:
                    return None
                column = self.column(self.canonical(ast.unparse(value)), DICTS, f"[{key!r}]", node)
                text, count = self.lowered_text(index), len(self.edits)
                place = self.expression(index)
                del self.edits[count:]
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[right]):
                return self._same_place(node, left, right, is_same=isinstance(op, ast.Is))
            case ast.Name(id=name, ctx=ast.Load()) if name in self.elements:
                self.problem(node, f"the object `{name}` is used as a whole")
                return node
            case _:
                return None
        self.edits.append(replace(self.module, node, f"{column}[{text}]"))
        array = ast.copy_location(ast.Name(id=column, ctx=ast.Load()), node)
        return ast.copy_location(ast.Subscript(array, place, node.ctx), node)

    def _same_place(
        self, node: ast.Compare, left: ast.expr, right: ast.expr, *, is_same: bool
    ) -> ast.expr | None:
        """``a is not b`` of two objects in one list, which stand at two places."""
        sides = [side for side in (left, right) if isinstance(side, ast.Name) and side.id in self.elements]
        places = [self.elements[side.id] for side in sides]
        if len(places) != 2 or places[0].objects != places[1].objects:
            return None
        if not all(is_counted(side.id, self.module) for side in sides):
            return None
        text = f"{places[0].index} {'==' if is_same else '!='} {places[1].index}"
        self.edits.append(replace(self.module, node, text))
        made = ast.parse(text, mode="eval").body
        for part in ast.walk(made):
            if isinstance(part, ast.expr):
                ast.copy_location(part, node)
        return made
