"""A run of array statements, lifted one after the other."""

import ast
from collections.abc import Sequence

from pdeperf.arrays.conditions import first_made, if_there, whole_shapes
from pdeperf.arrays.dtypes import Unliftable, widened_by_a_number
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Scalar
from pdeperf.arrays.lifting.arranged import stored as stored_by
from pdeperf.arrays.lifting.bundles import given, record
from pdeperf.arrays.lifting.components import rely_on_components
from pdeperf.arrays.lifting.contents import with_keywords_written_out
from pdeperf.arrays.lifting.late import guards_of, where_it_holds
from pdeperf.arrays.lifting.library import stored_out
from pdeperf.arrays.lifting.outliving import Outliving
from pdeperf.arrays.lifting.reduce import number_made, reductions, replaced
from pdeperf.arrays.lifting.rotations import row
from pdeperf.arrays.lifting.spread import with_arguments_written_out
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.arrays.program import Item, Kept, Run
from pdeperf.arrays.rebound import with_names
from pdeperf.arrays.sizes import Sizes, Unequal
from pdeperf.arrays.values import Cells, Chosen, Several, Value, View
from pdeperf.kernel.lowering import Problem
from pdeperf.source.flow import reach, reads

_UPDATES = (ast.Add, ast.Sub, ast.Mult, ast.Div)


class Growing(Outliving):
    """A run that statements are added to, one after the other."""

    def __init__(self, names: Names, sizes: Sizes, problems: list[Problem]) -> None:
        super().__init__(names, sizes, problems)
        self._bodies: list[ast.AST] = []

    def reduce(self, statement: ast.stmt) -> ast.stmt | None:
        """A statement about numbers that are made of arrays: their loops join the run.

        Returns the statement with these numbers' names in it; None if there are none.
        """
        written = self._indices.spelled(self._plain(statement))
        match written:
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
            self._names.note_kind(each.step.name, number_made(each.step))
        self.run.reduced.append(statement)
        names = {id(each.call): each.step.name for each in found}
        rest = replaced(written, names)
        assert isinstance(rest, ast.stmt)
        self._read_after = reads(rest) | reach([rest]).exposed  # a branch may only change an array
        return rest

    def items(self, rest: Sequence[Item] = ()) -> list[Item]:
        """The run as an item, and what is left of the statement that uses its numbers.

        Statements that only name arrays and numbers stay as they are.
        """
        if self.run.steps:
            run = self._finished()
            rest = [*self._bundled.values(), *rest]
            if self._sizes.late:
                rely_on_components(run, self._sizes)
                run.relied = self._sizes.saved()
                ranks = {buffer.name: len(buffer.shape) for buffer in run.entry.values()}
                made = first_made(self._env.keys() - self.run.entry.keys(), self._names.module)
                late = self._sizes.late  # which are no longer late once they are left
                sizes = (if_there(each, made) for each in whole_shapes(self._sizes.left_late(), ranks))
                run.guards = (*guards_of(run, late, self._names), *self._outside_checks.values(), *sizes)
            return where_it_holds(run, rest, self._names)
        is_late = bool(self._sizes.late and self._sizes.left_late())
        apart = self._are_apart(self._names.live_after(self.run.statements)) if self.run.statements else True
        numbers = {id(kept.statement) for kept in self.run.before}
        kept = [
            Kept(
                with_names(each, self._names, self._sizes),
                keeps_sizes=apart and not is_late and id(each) not in numbers,
            )
            for each in self.run.statements
            if not _is_idle(each)
        ]
        return [*kept, *rest]

    def _finished(self) -> Run:
        """The run, with what is live after it."""
        self.run.live = self._names.live_after([*self.run.statements, *self.run.reduced][-1:])
        self.run.live |= self._read_after | {name for name in self._env if "." in name}
        self.run.live |= self._names.rebound & self._env.keys()
        several_values = [name for name, value in self._env.items() if isinstance(value, Several | Chosen)]
        several_values += [*self._indices.known, *self._indices.widths.known]
        made = self._bundles()
        same = {name for name, value in self._outside.items() if self._env.get(name) is value}
        several_values = [name for name in several_values if name not in self._bundled.keys() | same]
        if kept := sorted(self.run.live.intersection(several_values)):
            raise Unliftable(f"`{kept[0]}` holds several arrays")
        self._names.dropped.update(several_values)
        self.run.names = {
            name: value
            for name, value in self._env.items()
            if isinstance(value, View) and not (value.is_whole and self.run.entry.get(name) is value.buffer)
        } | made
        several = sorted(self.run.live & frozenset(self.run.names) & self._names.several_shapes)
        if several:
            raise Unliftable(f"`{several[0]}` stands for arrays of several shapes")
        self._carry()
        if not self._are_apart(self.run.live):
            raise Unliftable("two names stand for one array")
        if widened_by_a_number(self.run.steps):
            raise Unliftable("single precision meets an array of one number")
        return self.run

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

    def _plain(self, statement: ast.stmt) -> ast.stmt:
        """A statement without calls of ``get``, if it has no blocks."""
        return statement if hasattr(statement, "body") else self._names.with_entries(statement)

    def _lift(self, statement: ast.stmt) -> bool:
        lines = self._lines = statement.lineno, statement.end_lineno or statement.lineno
        trees = [*self._names.region, *self._names.put_in, *self._bodies]
        if self._indices.widths.takes(statement, trees) or self._indices.takes(statement):
            return True
        if self._changed_list(statement):
            return True
        statement = self._indices.spelled(self._plain(statement))
        match statement:
            case ast.Assign(targets=[target], value=value):
                return self._assign(statement, target, value, lines)
            case ast.Assign(targets=targets, value=value):
                return self._chained(targets, value, lines)
            case ast.AugAssign(target=target, op=op, value=value) if isinstance(op, _UPDATES):
                return self._update(statement, target, op, value, lines)
            case ast.For() as loop if (rounds := self.rounds(loop)) is not None:
                for part in rounds:
                    self._inner(ast.copy_location(part, loop))
                return bool(rounds)
            case ast.Expr(value=ast.Call() as call) if stored := (
                stored_out(call, self._names.called) or stored_by(call, self._names.called)
            ):
                return self._store(*stored, lines)
            case ast.Expr(value=ast.Call() as call):
                found = self._inlined(call)
                if found is None or not found.may_be_straight:
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
        target = self._entry_name(target)
        if isinstance(target, ast.Subscript) and not is_entry(target):
            return self._store(target, value, lines)
        if not is_path(target):
            return False
        if self._names.is_number(target):
            return self._number(statement, target, value, lines)
        if self._places(target, value):
            return True
        self._stem = ast.unparse(target)
        found = self.reader.value(value)
        if isinstance(found, Several) and isinstance(value, ast.Name):
            self._shared |= {value.id, self._stem}
        if isinstance(found, Cells) and not found.shape:
            if isinstance(found.expr, Scalar):
                return self._number(statement, target, value, lines)
            return False
        self._bind_value(target, found, lines)
        return True

    def _chained(self, targets: list[ast.expr], value: ast.expr, lines: tuple[int, int]) -> bool:
        """``u[0] = u[-1] = 0``: one number or row for several parts of arrays, from left to right."""
        if not all(isinstance(each, ast.Subscript) and not is_entry(each) for each in targets):
            return False
        cells = self.reader.cells(value)
        if not isinstance(cells.expr, Scalar):
            if not cells.shape:
                return False
            aside = self._new("value", cells.shape, cells.dtype)
            self._define_piece(aside, cells, None)
            cells = self._now(aside)
        return all(isinstance(each, ast.Subscript) and self._store_in(each, cells, lines) for each in targets)

    def _places(self, target: ast.expr, value: ast.expr) -> bool:
        """A name for places along an axis or weights of a stencil, used as such only: no array is needed."""
        if not isinstance(target, ast.Name) or not isinstance(value, ast.BinOp | ast.Call | ast.List):
            return False
        trees: list[ast.AST] = [*self._names.region, *self._names.put_in, *self._bodies]
        uses = self._names.uses
        own = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        if uses.times_bound(target.id, trees) != 1 or any(uses.times_bound(name, trees) > 1 for name in own):
            return False
        numbers = self._names.numbers_written(value)
        if isinstance(numbers, list) and uses.only_weighs(target.id, trees):
            self._names.literals[target.id] = numbers
        elif uses.only_indexes(target.id, trees) and (found := row(self.reader, value)):
            self._names.rows[target.id] = found
        else:
            return False
        self._names.carried.add(target.id)
        return True

    def _property_value(self, node: ast.Attribute) -> Value | None:
        """What a property computes, its statements lifted first."""
        if not self._names.is_property(node):
            return None
        call = ast.copy_location(ast.Call(func=node, args=[], keywords=[]), node)
        return self._called_value(call, is_read=True)

    def _called_value(self, call: ast.Call, *, is_read: bool = False) -> Value | None:
        """What a call of one of the user's functions returns, its statements lifted first."""
        found = self._inlined(call, is_read=is_read)
        if found is None or found.result is None:
            return self._record(call)
        if not found.may_be_straight:
            raise Unliftable(f"`{ast.unparse(call.func)}` has loops or branches in it")
        self._enter(found)
        return self.reader.value(self._indices.expression(found.result))

    def _record(self, call: ast.Call) -> Value | None:
        """An object that is nothing but its fields."""
        known = record(call.func, self._names.module, self._names.called)
        if known is not None:
            call = with_arguments_written_out(call, self._count, self._written_out)
            call = with_keywords_written_out(call, self._container)
        parts = given(call, known) if known is not None else None
        if known is None or parts is None:
            return None
        values: list[Value] = []
        for name, part in zip(known.fields, parts, strict=True):
            value = self.reader.value(part)
            self._stem = name
            values.append(self._in_memory(value))
        return Several(tuple(values), f"{known.name}({{}})", known.fields)

    def _enter(self, found: Inlined) -> None:
        self._bodies += [*found.body, *([found.result] if found.result is not None else [])]
        for name, value in found.bound:
            target = ast.Name(id=name, ctx=ast.Store())
            self._inner(ast.fix_missing_locations(ast.copy_location(ast.Assign([target], value), value)))
        for part in found.body:
            if not (isinstance(part, ast.Assert) and self._is_dimension(part.test)):
                self._inner(part)

    def _is_dimension(self, test: ast.expr) -> bool:
        """Does a condition ask for as many dimensions as an array from outside has? That is checked."""
        match test:
            case ast.Compare(
                left=ast.Attribute(value=array, attr="ndim"),
                ops=[ast.Eq()],
                comparators=[ast.Constant(value=int(count))],
            ):
                view, path = self._look(array), ast.unparse(array)
                if not isinstance(view, View) or len(view.shape) != count or view.buffer.name != path:
                    return False
                if view.buffer.is_temporary or is_entry(array):
                    return False
                self._names.checks[f"{path}.ndim == {count}"] = None
                return True
            case _:
                return False

    def _inner(self, statement: ast.stmt) -> None:
        self._names.rewritten.add(id(statement))
        self._names.kept_alive.append(statement)
        self._depth += 1
        lines, taken = self._lines, self._lift(statement)
        self._lines = lines
        self._depth -= 1
        if not taken:
            raise Unliftable(f"`{ast.unparse(statement)[:50]}` in a function that is called here")


def _is_idle(statement: ast.stmt) -> bool:
    """``p = p``, left over from a function that was put in."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name(id=value)):
            return target == value
        case _:
            return False
