"""What assignments bind and store: names for arrays and numbers, parts of arrays, masked cells."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from pdeperf.arrays.dtypes import Unliftable, arithmetic
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Buffer, Definition, Reduction, Scalar, walk
from pdeperf.arrays.lifting.chosen import kept, stored
from pdeperf.arrays.lifting.contents import is_mapping, with_entry
from pdeperf.arrays.lifting.environment import Environment
from pdeperf.arrays.lifting.extents import extent, extents
from pdeperf.arrays.lifting.listed import Listed, listed
from pdeperf.arrays.lifting.listed import stored as put_at
from pdeperf.arrays.lifting.masks import unmasked
from pdeperf.arrays.lifting.reduce import number_made, reductions, replaced
from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.arrays.program import Kept
from pdeperf.arrays.values import Cells, Chosen, Several, Value, View, operation

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Binding(Environment):
    """A run's assignments, one after the other."""

    def _enter(self, found: Inlined) -> None:
        """The statements of a function that is put in."""
        raise NotImplementedError

    def _bind_value(self, target: ast.expr, found: Value, lines: tuple[int, int]) -> None:
        """A name for an array: another name of one that is there, or a new one."""
        if isinstance(found, Cells):
            self._bind(target, found, lines)
            return
        name = ast.unparse(target)
        if not isinstance(target, ast.Name) and not (isinstance(found, View) and found.is_whole):
            raise Unliftable(f"`{name}` becomes another name of an array")
        found = kept(self.reader, found) if isinstance(found, Chosen) else found
        if isinstance(found, Several):
            parts: list[Value] = []
            for place, part in enumerate(found.parts):
                self._stem = f"{name}_{found.fields[place] if is_mapping(found) else place}"
                parts.append(self._in_memory(part))
            found = replace(found, parts=tuple(parts))
            twins = {other for other, known in self._env.items() if known == found and found.parts}
            self._shared |= {name, *twins} if twins else set()
        self._env[name] = found
        if isinstance(found, Several | Chosen):
            return
        if not found.shape:
            self._elements[name] = self._versions[found.buffer]
        self._names.note_view(name, found.buffer.dtype, found.shape, self._sizes)

    def _in_memory(self, value: Value) -> Value:
        """An entry of a list: computed once, where the list is made."""
        if not isinstance(value, Cells) or not value.shape:
            return value
        made = self._new("entry", value.shape, value.dtype)
        self._define_piece(made, value, None)
        return made

    def _changed_list(self, statement: ast.stmt) -> bool:
        """``k.append(value)``, or ``k[1] = value``, for a list that the run has made."""
        match statement:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[node], keywords=[]
                )
            ):
                place = None
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=place)], value=node) if (
                not isinstance(place, ast.Slice | ast.Tuple)
            ):
                pass
            case _:
                return False
        if not isinstance(known := self._env.get(name), Several):
            return False
        if name in self._shared or known is self._outside.get(name):
            raise Unliftable(f"`{name}` is a list with two names")
        self._stem = name
        value = self._in_memory(self.reader.value(node))
        parts = list(known.parts)
        if place is None:
            parts.append(value)
        elif not is_mapping(known):
            parts[self.reader.position(place, len(parts))] = value
        made = replace(known, parts=(*parts,))
        self._env[name] = with_entry(known, place, value) if is_mapping(known) else made
        return True

    def _bind(self, target: ast.expr, cells: Cells, lines: tuple[int, int]) -> None:
        """A new array for a name."""
        name = ast.unparse(target)
        taken = {buffer.name for buffer in self._versions}
        own = self._names.fresh(name, taken) if name in taken or not isinstance(target, ast.Name) else name
        if name in self.run.entry or name in self._names.several_shapes:
            own = self._names.fresh(name, taken)
        self._sizes.keep_late(name, cells.shape if name in self.run.entry else ())
        self._names.note_array(name, cells.dtype, cells.shape, self._sizes)
        if name in self._names.several_shapes and own == name:
            own = self._names.fresh(name, taken)
        buffer = Buffer(own, cells.shape, cells.dtype, is_temporary=True)
        self._versions[buffer] = 0
        self._define(View.whole(buffer), cells, lines)
        self._env[name] = View.whole(buffer)

    def _entry_name(self, target: ast.expr) -> ast.expr:
        """The name that stands for an entry of a dict or list which is bound anew; the target otherwise."""
        if not (is_entry(target) or self._is_place(target)) or not self._names.may_rebind:
            return target
        buffer = self._names.array(target, self._sizes)
        if buffer is None or buffer.name not in self._names.rebound:
            return target
        return ast.copy_location(ast.Name(id=buffer.name, ctx=ast.Store()), target)

    def _several(self, target: ast.Tuple, value: ast.expr, lines: tuple[int, int]) -> bool:
        """``u, un = un, u``, ``u[1:], v[1:] = a, b``, ``h, hu = state``, or results of a function."""
        if isinstance(value, ast.Call):
            found = self._inlined(value)
            if found is not None and found.may_be_straight and isinstance(found.result, ast.Tuple):
                self._enter(found)
                value = self._indices.expression(found.result)
        if isinstance(value, ast.Tuple):
            return self._pairwise(target.elts, value.elts, lines)
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            array = self._look(value.value)
            if isinstance(array, View) and len(array.shape) == len(target.elts):
                return self._pairwise(target.elts, extents(value, len(array.shape)), lines)
        parts = (node for each in target.elts for node in ast.walk(each) if isinstance(node, ast.expr))
        if not all(isinstance(node, ast.Name | ast.Tuple | ast.List) for node in parts):
            return False
        if is_path(value) and self._look(value) is None:
            return self._taken_out(target, value)
        pairs = list(self._pairs(target, self.reader.value(value)))
        if any(isinstance(each, Cells) and isinstance(each.expr, Scalar) for _, each in pairs):
            return False
        for name, each in pairs:
            self._bind_value(name, each, lines)
        return True

    def _pairs(self, target: ast.Tuple | ast.List, value: Value) -> Iterator[tuple[ast.expr, Value]]:
        """What each name of ``(a, b), c = value`` gets."""
        for each, part in zip(target.elts, self._unpacked(value, len(target.elts)), strict=True):
            if isinstance(each, ast.Tuple | ast.List):
                yield from self._pairs(each, part)
            else:
                yield each, part

    def _taken_out(self, target: ast.Tuple, value: ast.expr) -> bool:
        """``h, hu = state`` for a tuple that is there: it comes first if the names are new."""
        names = [each.id for each in target.elts if isinstance(each, ast.Name)]
        known = self._names.arrays_in(value, len(names))
        is_new = not any(name in self._env or name in self._used | self._numbers for name in names)
        if known is None or not is_new or not self._depth or len(set(names)) < len(names):
            return False
        statement = ast.fix_missing_locations(ast.copy_location(ast.Assign([target], value), value))
        self._names.rewritten.add(id(statement))
        self._names.kept_alive.append(statement)
        self.run.before.append(Kept(statement))
        for name in names:
            self._names.note_element(name, known[0], known[2], self._sizes)
        return True

    def _pairwise(self, targets: list[ast.expr], nodes: list[ast.expr], lines: tuple[int, int]) -> bool:
        """One value for each target; numbers by assignments of their own."""
        targets = [self._entry_name(each) for each in targets]
        if len(targets) != len(nodes) or not all(
            isinstance(each, ast.Name) or _is_part(each) or (self._names.exchanges_paths and is_path(each))
            for each in targets
        ):
            return False
        numbers = [self._names.is_number(node) for node in nodes]
        plain = [
            number and not isinstance(target, ast.Subscript)
            for target, number in zip(targets, numbers, strict=True)
        ]
        values = self._before_stores(
            targets,
            [None if each else self.reader.value(node) for node, each in zip(nodes, plain, strict=True)],
        )
        names = {ast.unparse(each) for each, number in zip(targets, numbers, strict=True) if number}
        read = {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)}
        if len(names) + (not all(numbers)) > 1 and names & read:
            return False
        for target, node, value in zip(targets, nodes, values, strict=True):
            if isinstance(target, ast.Subscript):
                assert value is not None
                cells = self._cells(value)
                if not self._store_in(target, cells, lines):
                    return False
                continue
            if value is not None:
                if isinstance(value, Cells) and not value.shape:
                    return False
                self._bind_value(target, value, lines)
                continue
            single = ast.fix_missing_locations(ast.copy_location(ast.Assign([target], node), node))
            self._names.rewritten.add(id(single))
            self._names.kept_alive.append(single)
            if not self._number(single, target, node, lines):
                return False
        return True

    def _before_stores(self, targets: list[ast.expr], values: list[Value | None]) -> list[Value | None]:
        """Values as they are before the first of the targets is stored to.

        What comes after it is put aside in an array of its own; a view is read when it is stored.
        """
        found: list[Value | None] = []
        has_store = False
        for target, value in zip(targets, values, strict=True):
            if has_store and isinstance(value, View) and not value.shape:
                raise Unliftable("a single element that is read before others are stored")
            if has_store and isinstance(value, Cells) and not isinstance(value.expr, Scalar):
                if not value.shape:
                    raise Unliftable("a single element that is read before others are stored")
                aside = self._new("value", value.shape, value.dtype)
                self._define_piece(aside, value, None)
                value = self._now(aside)
            found.append(value)
            has_store |= isinstance(target, ast.Subscript)
        return found

    def _cells(self, value: Value) -> Cells:
        if isinstance(value, View):
            return self._now(value)
        if not isinstance(value, Cells):
            raise Unliftable("several values are put into a part of an array")
        return value

    def _number(self, statement: ast.stmt, target: ast.expr, value: ast.expr, lines: tuple[int, int]) -> bool:
        """An assignment to a number: it moves to the front if nothing lifted so far uses it."""
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        bound = ast.unparse(target)
        if bound in self._used or bound in self._numbers or bound in self._env:
            return False
        if not isinstance(target, ast.Name):
            return self._attribute(statement, bound, value)
        if (size := extent(bound, value, self._names, self._sizes)) is not None:
            self._sizes.define(bound, size)
            self._names.note_number(bound, value)
            is_made_here = any(
                isinstance(known, View) and self.run.entry.get(name) is not known.buffer
                for name, known in self._env.items()
                if name in names
            )
            self.run.before.append(Kept(statement, f"{bound} = {size}" if is_made_here else ""))
            return True
        if self._has_arrays(value) or names & self._numbers:
            return self._depth > 0 and self._number_between(bound, value, lines)
        self._names.number(value)
        self._names.note_number(bound, value)
        self.run.before.append(Kept(statement))
        return True

    def _attribute(self, statement: ast.stmt, path: str, value: ast.expr) -> bool:
        """A number of an object, in a function that is put in: it may come first if nothing reads it."""
        masks = (step.mask for step in self.run.steps if isinstance(step, Definition) and step.mask)
        trees = (*(step.expr for step in self.run.steps), *masks)
        parts = (part for tree in trees for part in walk(tree) if isinstance(part, Scalar))
        if not self._depth or self._has_arrays(value) or any(path in part.text for part in parts):
            return False
        if path.rpartition(".")[2] in self._names.made_of:
            return False
        if {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} & self._numbers:
            return False
        self._names.number(value)
        self.run.before.append(Kept(statement))
        return True

    def _number_between(self, bound: str, value: ast.expr, lines: tuple[int, int]) -> bool:
        """A number made of what the run has computed so far: a step of the run."""
        found = reductions([value], self.reader, self._names.fresh_plain)
        for each in found:
            self.run.steps.append(each.step)
            self._names.note_kind(each.step.name, number_made(each.step))
            self._numbers.add(each.step.name)
        rest = replaced(value, {id(each.call): each.step.name for each in found})
        assert isinstance(rest, ast.expr)
        if self._has_arrays(rest):
            return False
        number = self._names.number(rest).expr
        assert isinstance(number, Scalar)
        self._names.note_number(bound, rest)
        self.run.steps.append(Reduction(bound, "number", (), number, number.dtype, lines))
        self._numbers.add(bound)
        return True

    def _store(self, target: ast.Subscript, value: ast.expr, lines: tuple[int, int]) -> bool:
        if self._listed(target) is not None:
            return self._store_in(target, self.reader.cells(value), lines)
        mask = self._mask(target)
        if mask is not None:
            base, where = mask
            cells = self.reader.cells(self._unmasked(value, target))
            if len(cells.shape) > len(base.shape):
                raise Unliftable("values that do not fit where a mask holds")
            self._kept_type(base, cells)
            self._define(base, cells, lines, where)
            return True
        if isinstance(target.slice, ast.Tuple):
            place = self.reader.value(ast.Subscript(value=target.value, slice=target.slice, ctx=ast.Load()))
            if isinstance(place, Chosen):
                given = self.reader.value(value)
                stored(self.reader, place, given if isinstance(given, Chosen) else self.reader.cells(value))
                return True
        return self._store_in(target, self.reader.cells(value), lines)

    def _store_in(self, target: ast.Subscript, cells: Cells, lines: tuple[int, int]) -> bool:
        """Values for a part of an array that slices and places name."""
        if (places := self._listed(target)) is not None:
            put_at(self.reader, places, cells)
            return True
        if self._mask(target) is not None:
            return False
        view = self._target(target)
        if view is None:
            return False
        self._kept_type(view, cells)
        self._define(view, cells, lines)
        return True

    def _listed(self, target: ast.Subscript) -> Listed | None:
        """``u[[0, -1]]``: the cells at listed places."""
        parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        if not any(isinstance(part, ast.List | ast.Name) for part in parts):
            return None
        base = self.reader.value(target.value) if _is_part(target.value) else self._look(target.value)
        return listed(self.reader, base, parts) if isinstance(base, View) else None

    def _unmasked(self, value: ast.expr, target: ast.Subscript) -> ast.expr:
        return unmasked(value, target.slice, lambda node: self._look(node) is not None, self._names.called)

    def _mask(self, target: ast.Subscript) -> tuple[View, Cells] | None:
        """``u[mask]``: the array and the cells' condition."""
        if isinstance(target.slice, ast.Slice | ast.Tuple | ast.Constant):
            return None
        if self._names.is_number(target.slice):
            return None
        base = self.reader.value(target.value) if _is_part(target.value) else self._look(target.value)
        if base is None:
            return None
        where = self.reader.cells(target.slice)
        if where.dtype != "bool" or not isinstance(base, View) or len(where.shape) != len(base.shape):
            if not where.shape:
                return None
            raise Unliftable("an assignment indexed by an array")
        return base, where

    def _target(self, target: ast.Subscript) -> View | None:
        """Where a subscript on the left stores; None for a single element."""
        found = self.reader.value(ast.Subscript(value=target.value, slice=target.slice, ctx=ast.Load()))
        if not isinstance(found, View):
            raise Unliftable(f"`{ast.unparse(target)}` is not part of an array")
        return found

    def _update(
        self, statement: ast.stmt, target: ast.expr, op: ast.operator, value: ast.expr, lines: tuple[int, int]
    ) -> bool:
        if is_path(target) and self._names.is_number(target):
            return self._number(statement, target, ast.BinOp(left=target, op=op, right=value), lines)
        if isinstance(target, ast.Subscript) and _is_part(target) and self._listed(target) is not None:
            both = ast.copy_location(ast.BinOp(left=target, op=op, right=value), target)
            return self._store_in(target, self.reader.cells(both), lines)
        mask = self._mask(target) if isinstance(target, ast.Subscript) and _is_part(target) else None
        where: Cells | None = None
        view: View | None
        if mask is not None:
            assert isinstance(target, ast.Subscript)
            view, where = mask
            value = self._unmasked(value, target)
        elif isinstance(target, ast.Subscript) and _is_part(target):
            view = self._target(target)
        else:
            found = self._look(target)
            view = found if isinstance(found, View) else None
        if view is None:
            return False
        cells = self.reader.cells(value)
        old = self._now(view)
        name = _OPERATORS[type(op)]
        if name == "/" and view.buffer.dtype not in ("float64", "float32", "complex128"):
            raise Unliftable("`/=` on integers")
        dtype = arithmetic(name, (old.expr, cells.expr))
        result = operation(
            name, dtype, (old, cells), self._sizes, exact=dtype != "complex128" or name in "+-"
        )
        if len(result.shape) > len(view.shape):
            raise Unliftable("an update that does not fit")
        self._kept_type(view, result)
        self._define(view, result, lines, where)
        return True


def _is_part(node: ast.expr) -> bool:
    """Is it a part of an array, by slices, places or a mask?"""
    return isinstance(node, ast.Subscript) and not is_entry(node)
