"""What names stand for while a run grows, and the arrays and numbers that it makes."""

import ast
import copy

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Buffer, Definition, Reduction, Scalar, Version, walk
from pdeperf.arrays.lifting.along import reduced as along
from pdeperf.arrays.lifting.arranged import summed
from pdeperf.arrays.lifting.bundles import field, fields
from pdeperf.arrays.lifting.chosen import subscript
from pdeperf.arrays.lifting.contents import (
    DICT,
    Contents,
    KeysWritten,
    contents,
    entry,
    entry_of,
    held,
    is_mapping,
    written,
)
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.gathers import gathered
from pdeperf.arrays.lifting.library import called
from pdeperf.arrays.lifting.listed import taken
from pdeperf.arrays.lifting.named_indices import NamedIndices
from pdeperf.arrays.lifting.reduce import number_made, reduction, replaced
from pdeperf.arrays.lifting.rotations import rotated
from pdeperf.arrays.lifting.spread import with_arguments_written_out
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_entry, is_path, place_of
from pdeperf.arrays.program import Kept, Run
from pdeperf.arrays.sizes import Size, Sizes, Unequal
from pdeperf.arrays.values import Cells, Chosen, Cut, Row, Several, Value, View, cut, read, stretched
from pdeperf.kernel.lowering import Problem

_MOST_PARTS = 9
"""Arguments that ``f(*u)`` gives, where ``u`` is an array."""
_Known = tuple[dict[str, ast.expr], dict[str, list[object]]]
_Saved = tuple[int, int, dict[str, Value], dict[Buffer, int], set[str], set[str], _Known]


class Environment:
    """The state of a growing run."""

    def __init__(self, names: Names, sizes: Sizes, problems: list[Problem]) -> None:
        self.run = Run()
        self._names, self._sizes, self._problems = names, sizes, problems
        self._env: dict[str, Value] = {}
        self._versions: dict[Buffer, int] = {}
        self._numbers: set[str] = set()
        self._used: set[str] = set()
        self.reader = Reader(
            sizes=self._sizes,
            look=self._look,
            number=self._number_of,
            now=self._now,
            called=self._names.called,
            user=self._called_value,
            property=self._property_value,
            integer=self._names.integer,
            library=called,
            reduced=self._reduced,
            new=self._new,
            define=self._define_piece,
            choose=_chosen,
            row=self._row,
            pattern=self._names.pattern,
            literal=self._names.literal,
            total=summed,
            mapping=self._mapping,
            written_out=self._written_out,
            counts=self._names.counts,
            gathers=self._names.gathers,
            padded={},
            steps=self.run.steps,
        )
        self._stem, self._lines, self._depth = "", (0, 0), 0
        self._indices = NamedIndices(names, self._rank)
        self._made: dict[int, str] = {}
        self._shared: set[str] = set()
        self._outside: dict[str, Several] = {}
        """Lists and dicts that were there before the run, as long as nothing else has their names."""
        self._outside_checks: dict[str, str] = {}
        self._elements: dict[str, int] = {}
        """Names for single elements, and which version of the array they were taken from: no views."""
        self._read_after: frozenset[str] = frozenset()

    def _row(self, node: ast.expr) -> Row | None:
        """The places that an index array goes through."""
        return self._names.row(node, self._sizes)

    def _fields(self, node: ast.expr) -> tuple[str, ...]:
        """The fields of a class of named tuples, or of one that the run has made."""
        made = self._look(node) if is_path(node) else None
        return fields(node, made, self._names.module, self._names.called)

    def _written_out(self, node: ast.ListComp | ast.GeneratorExp) -> list[ast.expr] | None:
        """The expressions of a comprehension over a few things."""
        source = KeysWritten(self._container, self._fields).of(node.generators[0].iter)
        generators = [ast.comprehension(node.generators[0].target, source, node.generators[0].ifs, 0)]
        other = type(node)(node.elt, [*generators, *node.generators[1:]])
        return self._names.written_out(ast.copy_location(other, node), self._length)

    def rounds(self, loop: ast.For) -> list[ast.stmt] | None:
        """The statements of a loop over a few things, dicts' keys among them."""
        source = KeysWritten(self._container, self._fields).of(loop.iter)
        plain = ast.For(target=loop.target, iter=source, body=loop.body, orelse=loop.orelse)
        same = ast.dump(source) == ast.dump(loop.iter)
        return self._names.unrolled(loop if same else ast.copy_location(plain, loop), self._length)

    def _length(self, name: ast.expr) -> int | None:
        """Number of arrays in a list that a name stands for; None for anything else."""
        found = self._container(name)
        return len(found.parts) if found is not None and not is_mapping(found) else None

    def _count(self, node: ast.expr) -> int | None:
        """The same, or length of an array's first axis if it is short: that it is so is checked."""
        if (known := self._length(node)) is not None:
            return known
        found = self._look(node)
        seen = self._sizes.value(found.shape[0]) if isinstance(found, View | Cells) and found.shape else None
        if found is None or seen is None or not 0 < seen <= _MOST_PARTS:
            return None
        self._unpacked(found, seen)
        return seen

    def _container(self, node: ast.expr) -> Several | None:
        """The arrays of the list or dict that a name stands for; None for anything else."""
        found = self._look(node)
        if found is None and isinstance(node, ast.Attribute) and is_path(node):
            return held(node, self._names, self._look)
        if found is not None or not isinstance(node, ast.Name):
            return found if isinstance(found, Several) else None
        known = contents(node, self._names) if node.id in self._names.before else None
        if known is None or node.id in self._used | self._numbers:
            return None
        fields = tuple(str(key) for key in known.keys) if known.is_dict else ()
        made = DICT if known.is_dict else ""
        if self._names.is_settled(node.id):
            self._names.opened.setdefault(node.id, (known.keys, ()))
            self._names.opened_checks[known.check(node.id)] = None
            inside = tuple(self._look(entry_of(node, key)) for key in known.keys)
            parts = tuple(part for part in inside if part is not None)
            return Several(parts, made, fields) if len(parts) == len(inside) else None
        found = Several(self._taken_apart(node, known), made, fields)
        self._env[node.id] = self._outside[node.id] = found
        self._outside_checks[node.id] = known.check(node.id)
        return found

    def _taken_apart(self, node: ast.Name, known: Contents) -> tuple[Value, ...]:
        """The arrays of a list or dict under names of their own, which they get where the run begins."""
        _, names = self._names.opened.get(node.id, (known.keys, ()))
        if not names:
            stems = (f"{key}_of_{node.id}" if known.is_dict else f"{node.id}_{key}" for key in known.keys)
            names = tuple(map(self._names.fresh_plain, stems))
            self._names.opened[node.id] = known.keys, names
        entries = ", ".join(ast.unparse(entry_of(node, key)) for key in known.keys)
        statement = ast.parse(f"{', '.join(names)} = {entries}").body[0]
        for part in ast.walk(statement):
            ast.copy_location(part, node)
        self._names.rewritten.add(id(statement))
        self._names.own_text.add(id(statement))
        self._names.kept_alive.append(statement)
        self.run.before.append(Kept(statement))
        parts: list[Value] = []
        for name, (dtype, shape) in zip(names, known.arrays, strict=True):
            self._names.note_element(name, dtype, shape, self._sizes)
            array = self._look(ast.Name(id=name, ctx=ast.Load()))
            assert array is not None
            parts.append(array)
        return tuple(parts)

    def _entry(self, node: ast.Subscript) -> Value | None:
        """What a dict or list has at a key where a run has made it, or the region binds it anew."""
        home = node.value
        if not isinstance(home, ast.Name) or not isinstance(node.slice, ast.Constant):
            return None
        if home.id not in self._env and self._names.is_settled(home.id):
            return None
        found, key = self._container(home), node.slice.value
        if is_mapping(found):
            return entry(found, key)
        if found is None or type(key) is not int or found is not self._outside.get(home.id):
            return None
        return found.parts[key] if key < len(found.parts) else None

    def _mapping(self, node: ast.Dict | ast.DictComp) -> Several:
        """A dict that is written out."""
        if isinstance(node, ast.DictComp):
            both = ast.Tuple(elts=[node.key, node.value], ctx=ast.Load())
            rounds = self._written_out(ast.copy_location(ast.ListComp(both, node.generators), node))
            if rounds is None:
                raise Unliftable("a dict that is not written out")
            pairs = [each.elts for each in rounds if isinstance(each, ast.Tuple)]
            node = ast.Dict(keys=[key for key, _ in pairs], values=[value for _, value in pairs])
        return written(node, self.reader.value, self._container)

    def _rank(self, node: ast.expr) -> int | None:
        """Number of dimensions of the array that a name or path stands for."""
        found = self._look(node)
        return len(found.shape) if isinstance(found, View | Cells) else None

    def _inlined(self, call: ast.Call, *, is_read: bool = False) -> Inlined | None:
        """The body of the user's function that a call means, in the names of this scope."""
        call = with_arguments_written_out(call, self._count, self._written_out)
        return self._names.inlined(call, is_read=is_read)

    def _called_value(self, call: ast.Call) -> Value | None:
        """What a call of one of the user's functions returns."""
        raise NotImplementedError

    def _property_value(self, node: ast.Attribute) -> Value | None:
        """What one of the user's properties computes."""
        raise NotImplementedError

    def _saved(self) -> _Saved:
        counts = len(self.run.steps), len(self.run.before)
        indices = dict(self._indices.known), dict(self._indices.widths.known)
        return *counts, dict(self._env), dict(self._versions), set(self._numbers), set(self._used), indices

    def _restore(self, saved: _Saved) -> None:
        """As if what came since had not been tried."""
        steps, before, self._env, self._versions, self._numbers, self._used, indices = saved
        self._indices.known, self._indices.widths.known = indices
        for key, (view, _) in list(self.reader.padded.items()):
            if view.buffer not in self._versions:
                del self.reader.padded[key]
        del self.run.steps[steps:]
        del self.run.before[before:]
        self._depth = 0

    def _new(self, stem: str, shape: tuple[Size, ...], dtype: str) -> View:
        """A new array without a name of the user's."""
        buffer = Buffer(self._names.fresh_plain(self._stem or stem), shape, dtype, is_temporary=True)
        self._versions[buffer] = 0
        return View.whole(buffer)

    def _reduced(self, call: ast.Call) -> Cells | None:
        """A number made of a whole array by a step of the run; or what is left of one axis less."""
        step = reduction(call, self.reader, self._names.fresh_plain)
        if step is None:
            return along(self.reader, call, self._names.called)
        self.run.steps.append(step)
        self._names.note_kind(step.name, number_made(step))
        self._numbers.add(step.name)
        self._names.kept_alive.append(call)
        self._made[id(call)] = step.name
        return self._names.number(ast.Name(id=step.name, ctx=ast.Load()))

    def _number_of(self, node: ast.expr) -> Cells:
        """A number, with those in it that are made of whole arrays by their names."""
        rest = replaced(node, self._made)
        assert isinstance(rest, ast.expr)
        listed = {name for name, value in self._env.items() if isinstance(value, Several)}
        listed |= self._names.rows.keys()
        if listed & {part.id for part in ast.walk(rest) if isinstance(part, ast.Name)}:
            rest = _Entries(self, listed).visit(copy.deepcopy(rest))
        return self._names.number(rest)

    def entry(self, node: ast.Subscript) -> ast.expr:
        """The number in a list that the run has made.

        Raises
        ------
        Unliftable
            If it is none.
        """
        value = self.reader.value(node)
        if not isinstance(value, Cells) or not isinstance(value.expr, Scalar):
            raise Unliftable(f"`{ast.unparse(node)[:50]}` is no number")
        return ast.parse(value.expr.text, mode="eval").body

    def _define(self, view: View, cells: Cells, lines: tuple[int, int], mask: Cells | None = None) -> None:
        """New values for the cells of a view."""
        expr = stretched(cells, view.shape, self._sizes)
        where = stretched(mask, view.shape, self._sizes) if mask is not None else None
        number = self._versions[view.buffer] + 1
        if any(index.modulus is not None for index in view.index):
            raise Unliftable("an assignment to a rolled array")
        self.run.steps.append(
            Definition(Version(view.buffer, number), view.shape, view.index, expr, where, lines)
        )
        self._versions[view.buffer] = number
        self._used |= _scalar_names(self.run.steps[-1])

    def _define_piece(self, view: View, cells: Cells, mask: Cells | None) -> None:
        self._kept_type(view, cells)
        self._define(view, cells, self._lines, mask)

    def _unpacked(self, value: Value, count: int) -> tuple[Value, ...]:
        """What the names of ``a, b, c = value`` get."""
        if isinstance(value, Several):
            if len(value.parts) != count:
                raise Unliftable("several values for other names")
            return value.parts
        if isinstance(value, Chosen) or not value.shape:
            raise Unliftable("what is unpacked is no array")
        try:
            self._sizes.require_equal(value.shape[0], Size(count))
        except Unequal as problem:
            raise Unliftable(f"unpacked: {problem}") from problem
        return tuple(cut(value, [Cut(place=Size(place))], self._sizes) for place in range(count))

    def _has_arrays(self, value: ast.expr) -> bool:
        return any(self._look(node) is not None for node in ast.walk(value))

    def _kept_type(self, view: View, cells: Cells) -> None:
        """Values are converted to the array's type as NumPy does it."""
        mine = view.buffer.dtype
        weak = isinstance(cells.expr, Scalar) and cells.expr.weak
        fine = {
            "float64": ("bool", "int32", "int64", "float32", "float64"),
            "complex128": ("int64", "float64", "complex128"),
            "float32": ("float32",),
            "int64": ("bool", "int32", "int64"),
            "bool": ("bool",),
        }.get(mine, ())
        if cells.dtype not in fine and not (
            weak and mine == "float32" and cells.dtype in ("float64", "int64")
        ):
            raise Unliftable(f"{cells.dtype} values are put into an array of {mine}")

    def _look(self, node: ast.AST) -> Value | None:
        """The array that a name or path stands for."""
        if not isinstance(node, ast.expr):
            return None
        is_inside = is_entry(node) or self._is_place(node)
        if not (is_inside or is_path(node)):
            return None
        name = ast.unparse(node)
        if name in self._env:
            found = self._env[name]
            if (
                isinstance(found, View)
                and self._elements.get(name, number := self._versions[found.buffer]) != number
            ):
                raise Unliftable(f"`{name}` is an element of what it was before")
            return found
        if isinstance(node, ast.Attribute) and (part := field(self._look(node.value), node.attr)) is not None:
            return part
        if isinstance(node, ast.Subscript) and (part := self._entry(node)) is not None:
            return part
        buffer = self._names.array(node, self._sizes)
        if buffer is None:
            return None
        if is_inside:
            name = buffer.name
            if name in self._env:
                return self._env[name]
        self.run.entry[name] = buffer
        self._versions.setdefault(buffer, 0)
        self._env[name] = View.whole(buffer)
        return self._env[name]

    def _is_place(self, node: ast.expr) -> bool:
        """Is it a place in a list that was there before the run?"""
        return place_of(node) is not None and ast.unparse(node).partition("[")[0] not in self._env

    def _now(self, view: View) -> Cells:
        return read(view, Version(view.buffer, self._versions[view.buffer]))


class _Entries(ast.NodeTransformer):
    """Puts the entries of lists that a run has made in place of subscripts."""

    def __init__(self, home: Environment, names: set[str]) -> None:
        self._home, self._names = home, names

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in self._names:
            return ast.copy_location(self._home.entry(node), node)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._names:
            raise Unliftable(f"`{node.id}` holds several values")
        return node


def _chosen(reader: Reader, value: View | Cells | Chosen, parts: list[ast.expr]) -> Value | None:
    """What a subscript with a mask or an index array means."""
    found = subscript(reader, value, parts)
    if found is not None or isinstance(value, Chosen):
        return found
    for way in (rotated, taken, gathered):
        if (places := way(reader, value, parts)) is not None:
            return places
    return None


def _scalar_names(step: Definition | Reduction) -> set[str]:
    found: set[str] = set()
    for part in walk(step.expr):
        if isinstance(part, Scalar):
            found |= part.names
    return found
