"""A run of array statements, lifted one after the other."""

import ast

from pdeperf.arrays.chosen import kept, stored
from pdeperf.arrays.dtypes import Unliftable, arithmetic
from pdeperf.arrays.environment import Environment
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Buffer, Reduction, Scalar
from pdeperf.arrays.library import stored_out
from pdeperf.arrays.masks import unmasked
from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.arrays.program import Item, Kept, Run
from pdeperf.arrays.reduce import reductions, replaced
from pdeperf.arrays.sizes import Unequal
from pdeperf.arrays.values import Cells, Chosen, Several, Value, View, operation
from pdeperf.kernel.lowering import Problem
from pdeperf.source.flow import reads

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Growing(Environment):
    """A run that statements are added to, one after the other."""

    def reduce(self, statement: ast.stmt) -> dict[int, str] | None:
        """A statement about numbers that are made of arrays: their loops join the run.

        Returns the names of the numbers by the id of the call that makes each; None if there is none.
        """
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Subscript() | ast.Attribute()], value=value):
                parts = [value]
            case ast.AugAssign(value=value):
                parts = [value]
            case ast.If(test=test):
                parts = [test]
            case _:
                return None
        before, saved = self._saved(), self._sizes.saved()
        try:
            found = reductions(parts, self.reader, self._names.fresh_plain)
            for each in found:
                self.run.steps.append(each.step)
        except Unliftable as problem:
            self._problems.append(Problem(statement.lineno, str(problem)))
            found = []
        if not found:
            self._restore(before)
            self._sizes.restore(saved)
            return None
        for each in found:
            self._names.note_float(each.step.name)
        self.run.reduced.append(statement)
        names = {id(each.call): each.step.name for each in found}
        rest = replaced(statement, names)
        assert isinstance(rest, ast.stmt)
        self._read_after = reads(rest)
        return names

    def items(self) -> list[Item]:
        """The run as an item; statements that only name arrays and numbers stay as they are."""
        if self.run.steps:
            return [self._finished()]
        apart = self._are_apart(self._names.live_after(self.run.statements)) if self.run.statements else True
        numbers = {id(kept.statement) for kept in self.run.before}
        return [
            Kept(each, keeps_sizes=apart and id(each) not in numbers)
            for each in self.run.statements
            if not _is_idle(each)
        ]

    def _finished(self) -> Run:
        """The run, with what is live after it."""
        self.run.live = self._names.live_after([*self.run.statements, *self.run.reduced][-1:])
        self.run.live |= self._read_after | {name for name in self._env if "." in name}
        several_values = [name for name, value in self._env.items() if isinstance(value, Several | Chosen)]
        if kept := sorted(self.run.live.intersection(several_values)):
            raise Unliftable(f"`{kept[0]}` holds several arrays")
        self.run.names = {
            name: value
            for name, value in self._env.items()
            if isinstance(value, View) and self.run.entry.get(name) is not value.buffer
        }
        several = sorted(self.run.live & frozenset(self.run.names) & self._names.several_shapes)
        if several:
            raise Unliftable(f"`{several[0]}` stands for arrays of several shapes")
        if not self._are_apart(self.run.live):
            raise Unliftable("two names stand for one array")
        return self.run

    def _are_apart(self, live: frozenset[str]) -> bool:
        """Does every live name stand for an array of its own?

        If so at the end of every run, arrays that were apart when the region was entered stay so.
        """
        buffers = [
            value.buffer for name, value in self._env.items() if name in live and isinstance(value, View)
        ]
        return len(set(buffers)) == len(buffers)

    def take(self, statement: ast.stmt) -> bool:
        """Lift a statement; False if it cannot join."""
        before, saved = self._saved(), self._sizes.saved()
        try:
            taken = self._lift(statement)
        except (Unliftable, Unequal) as problem:
            self._problems.append(Problem(statement.lineno, str(problem)))
            taken = False
        if taken:
            self.run.statements.append(statement)
            return True
        self._restore(before)
        self._sizes.restore(saved)
        return False

    def _lift(self, statement: ast.stmt) -> bool:
        lines = self._lines = statement.lineno, statement.end_lineno or statement.lineno
        match statement:
            case ast.Assign(targets=[target], value=value):
                return self._assign(statement, target, value, lines)
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in _OPERATORS:
                return self._update(statement, target, op, value, lines)
            case ast.For() as loop if (rounds := self._names.unrolled(loop)) is not None:
                for part in rounds:
                    self._inner(ast.copy_location(part, loop))
                return bool(rounds)
            case ast.Expr(value=ast.Call() as call) if stored := stored_out(call, self._names.called):
                return self._store(*stored, lines)
            case ast.Expr(value=ast.Call() as call):
                found = self._names.inlined(call)
                if found is None or not found.is_straight:
                    return False
                self._enter(found)
                return True
            case ast.Pass():
                return bool(self.run.steps)
            case _:
                return False

    def _assign(self, statement: ast.stmt, target: ast.expr, value: ast.expr, lines: tuple[int, int]) -> bool:
        if isinstance(target, ast.Tuple):
            return self._several(target, value, lines)
        if isinstance(target, ast.Subscript) and not is_entry(target):
            return self._store(target, value, lines)
        if not is_path(target):
            return False
        if self._names.is_number(target):
            return self._number(statement, target, value, lines)
        self._stem = ast.unparse(target)
        found = self.reader.value(value)
        if isinstance(found, Cells) and not found.shape:
            if isinstance(found.expr, Scalar):
                return self._number(statement, target, value, lines)
            return False
        self._bind_value(target, found, lines)
        return True

    def _bind_value(self, target: ast.expr, found: Value, lines: tuple[int, int]) -> None:
        """A name for an array: another name of one that is there, or a new one."""
        if isinstance(found, Cells):
            self._bind(target, found, lines)
            return
        name = ast.unparse(target)
        if not isinstance(target, ast.Name):
            raise Unliftable(f"`{name}` becomes another name of an array")
        if isinstance(found, Chosen):
            found = kept(self.reader, found)
        self._env[name] = found
        if isinstance(found, Several | Chosen):
            return
        self._names.note_view(name, found.buffer.dtype, found.shape, self._sizes)

    def _called_value(self, call: ast.Call) -> Value | None:
        """What a call of one of the user's functions returns, its statements lifted first."""
        found = self._names.inlined(call)
        if found is None or found.result is None:
            return None
        if not found.is_straight:
            raise Unliftable(f"`{ast.unparse(call.func)}` has loops or branches in it")
        self._enter(found)
        return self.reader.value(found.result)

    def _enter(self, found: Inlined) -> None:
        for name, value in found.bound:
            target = ast.Name(id=name, ctx=ast.Store())
            self._inner(ast.fix_missing_locations(ast.copy_location(ast.Assign([target], value), value)))
        for part in found.body:
            self._inner(part)

    def _inner(self, statement: ast.stmt) -> None:
        self._names.rewritten.add(id(statement))
        self._names.kept_alive.append(statement)
        self._depth += 1
        lines, taken = self._lines, self._lift(statement)
        self._lines = lines
        self._depth -= 1
        if not taken:
            raise Unliftable(f"`{ast.unparse(statement)[:50]}` in a function that is called here")

    def _bind(self, target: ast.expr, cells: Cells, lines: tuple[int, int]) -> None:
        """A new array for a name."""
        name = ast.unparse(target)
        taken = {buffer.name for buffer in self._versions}
        own = self._names.fresh(name, taken) if name in taken or not isinstance(target, ast.Name) else name
        if name in self.run.entry or name in self._names.several_shapes:
            own = self._names.fresh(name, taken)
        self._names.note_array(name, cells.dtype, cells.shape, self._sizes)
        if name in self._names.several_shapes and own == name:
            own = self._names.fresh(name, taken)
        buffer = Buffer(own, cells.shape, cells.dtype, is_temporary=True)
        self._versions[buffer] = 0
        self._define(View.whole(buffer), cells, lines)
        self._env[name] = View.whole(buffer)

    def _several(self, target: ast.Tuple, value: ast.expr, lines: tuple[int, int]) -> bool:
        """``u, un = un, u``, ``h, hu = state``, several assignments in one, or results of a function."""
        if not all(isinstance(each, ast.Name) for each in target.elts):
            return False
        if isinstance(value, ast.Call):
            found = self._names.inlined(value)
            if found is not None and found.is_straight and isinstance(found.result, ast.Tuple):
                self._enter(found)
                value = found.result
        if isinstance(value, ast.Tuple):
            return self._pairwise(target.elts, value.elts, lines)
        values = self._unpacked(self.reader.value(value), len(target.elts))
        if any(isinstance(each, Cells) and isinstance(each.expr, Scalar) for each in values):
            return False
        for name, each in zip(target.elts, values, strict=True):
            self._bind_value(name, each, lines)
        return True

    def _pairwise(self, targets: list[ast.expr], nodes: list[ast.expr], lines: tuple[int, int]) -> bool:
        """One value for each name; numbers by assignments of their own."""
        if len(targets) != len(nodes):
            return False
        numbers = [self._names.is_number(node) for node in nodes]
        values = [
            None if plain else self.reader.value(node) for node, plain in zip(nodes, numbers, strict=True)
        ]
        names = {ast.unparse(each) for each, plain in zip(targets, numbers, strict=True) if plain}
        read = {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)}
        if len(names) + (not all(numbers)) > 1 and names & read:
            return False
        for target, node, value in zip(targets, nodes, values, strict=True):
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

    def _number(self, statement: ast.stmt, target: ast.expr, value: ast.expr, lines: tuple[int, int]) -> bool:
        """An assignment to a number: it moves to the front if nothing lifted so far uses it."""
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        bound = ast.unparse(target)
        if bound in self._used or bound in self._numbers or not isinstance(target, ast.Name):
            return False
        if self._has_arrays(value) or names & self._numbers:
            return self._depth > 0 and self._number_between(bound, value, lines)
        self._names.number(value)
        self._names.note_number(bound, value)
        self.run.before.append(Kept(statement))
        return True

    def _number_between(self, bound: str, value: ast.expr, lines: tuple[int, int]) -> bool:
        """A number made of what the run has computed so far: a step of the run."""
        found = reductions([value], self.reader, self._names.fresh_plain)
        for each in found:
            self.run.steps.append(each.step)
            self._names.note_float(each.step.name)
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
        cells = self.reader.cells(value)
        view = self._target(target)
        if view is None:
            return False
        self._kept_type(view, cells)
        self._define(view, cells, lines)
        return True

    def _unmasked(self, value: ast.expr, target: ast.Subscript) -> ast.expr:
        return unmasked(value, target.slice, lambda node: self._look(node) is not None, self._names.called)

    def _mask(self, target: ast.Subscript) -> tuple[View, Cells] | None:
        """``u[mask]``: the array and the cells' condition."""
        if isinstance(target.slice, ast.Slice | ast.Tuple | ast.Constant):
            return None
        base = self._look(target.value)
        if base is None or self._names.is_number(target.slice):
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
        is_part = isinstance(target, ast.Subscript) and not is_entry(target)
        mask = self._mask(target) if isinstance(target, ast.Subscript) and is_part else None
        where: Cells | None = None
        view: View | None
        if mask is not None:
            assert isinstance(target, ast.Subscript)
            view, where = mask
            value = self._unmasked(value, target)
        elif isinstance(target, ast.Subscript) and is_part:
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


def _is_idle(statement: ast.stmt) -> bool:
    """``p = p``, left over from a function that was put in."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name(id=value)):
            return target == value
        case _:
            return False
