"""A region's statements become a program: array statements as definitions, all others as they are."""

import ast
import copy
from collections.abc import Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.elements import Reader
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Buffer, Definition, Reduction, Scalar, Version
from pdeperf.arrays.names import Names, is_path
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.reduce import reductions
from pdeperf.arrays.sizes import Size, Sizes, Unequal
from pdeperf.arrays.values import Cells, Value, View, operation, read, stretched
from pdeperf.kernel.lowering import Problem
from pdeperf.source.flow import reads

_BLOCKS = ("body", "orelse")
_REDUCED = {
    "sum": "sum",
    "max": "max",
    "min": "min",
    "amax": "max",
    "amin": "min",
    "any": "any",
    "all": "all",
}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Lifter:
    """Lifts the statements of one region.

    Parameters
    ----------
    names
        What the region's names are.
    sizes
        What is known about sizes; grows.

    Attributes
    ----------
    problems
        Why array statements were left as they are.
    """

    def __init__(self, names: Names, sizes: Sizes) -> None:
        self.names, self.sizes = names, sizes
        self.problems: list[Problem] = []

    def block(self, statements: Sequence[ast.stmt]) -> list[Item]:
        """A block's statements as items, in order."""
        items: list[Item] = []
        run: _Growing | None = None
        for statement in statements:
            run = run or _Growing(self)
            if run.take(statement):
                continue
            reduced = run.reduce(statement)
            items.extend(run.items())
            items.extend(self._spliced(statement) or [self._other(statement)] if reduced is None else reduced)
            run = None
        if run is not None:
            items.extend(run.items())
        return items

    def _spliced(self, statement: ast.stmt) -> list[Item] | None:
        """The body of a function with loops in it, in place of the statement that calls it."""
        target: ast.expr | None
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Tuple() as target], value=ast.Call() as call):
                pass
            case ast.Expr(value=ast.Call() as call):
                target = None
            case _:
                return None
        found = self.names.inlined(call)
        if found is None or found.is_straight or (target is not None and found.result is None):
            return None
        body: list[ast.stmt] = [
            ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
            for name, value in found.bound
        ]
        body += found.body
        if target is not None and found.result is not None:
            body.append(ast.Assign(targets=[target], value=found.result))
        for part in body:
            ast.fix_missing_locations(ast.copy_location(part, statement))
        with self.names.inside(body, statement):
            items = self.block(body)
        return items if _all_lifted(items) else None

    def _note_range(self, loop: ast.For) -> None:
        """What values a loop's counter takes, if nothing else in the region binds it."""
        match loop:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range") as function, args=bounds, keywords=[]),
            ) if self.names.called(function) == "builtins.range":
                pass
            case _:
                return
        binders = [
            node
            for part in (*self.names.region, *self.names.kept_alive)
            for node in ast.walk(part)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        ]
        own = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(loop.target))
        loops = [
            node
            for part in (*self.names.region, *self.names.kept_alive)
            for node in ast.walk(part)
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id == name
        ]
        if len(binders) != len(loops) or not own:
            return
        try:
            sizes = [self.names.integer(bound) for bound in bounds]
        except Unliftable:
            return
        start, stop = (Size(), sizes[0]) if len(sizes) == 1 else (sizes[0], sizes[1])
        step = sizes[2] if len(sizes) > 2 else Size(1)
        if step.is_const and step.const:
            ends = (start, stop - 1) if step.const > 0 else (stop + 1, start)
            self.sizes.ranges[name] = ends
            self.names.note_counter(name)

    def remaining(self, statement: ast.stmt, replaced: dict[int, str]) -> list[Item]:
        """A statement with some of its calls replaced by names."""
        if isinstance(statement, ast.If):
            test = _replaced(statement.test, replaced)
            assert isinstance(test, ast.expr)
            changed: ast.stmt = ast.copy_location(
                ast.If(test=test, body=statement.body, orelse=statement.orelse), statement
            )
            item: Item = Nested(changed, {name: self.block(getattr(changed, name)) for name in _BLOCKS})
        else:
            found = _replaced(statement, replaced)
            assert isinstance(found, ast.stmt)
            changed = found
            item = Kept(changed)
        self.names.rewritten.add(id(changed))
        self.names.kept_alive.append(changed)
        return [item]

    def _other(self, statement: ast.stmt) -> Item:
        if isinstance(statement, ast.For | ast.While | ast.If | ast.With):
            if isinstance(statement, ast.For):
                self._note_range(statement)
            blocks = {name: self.block(getattr(statement, name, [])) for name in _BLOCKS}
            if any(not isinstance(item, Kept) for items in blocks.values() for item in items):
                return Nested(statement, blocks)
        return Kept(statement)


def _replaced(node: ast.AST, names: dict[int, str]) -> ast.AST:
    """An expression or simple statement with some calls replaced by names; the original stays."""
    if id(node) in names:
        return ast.copy_location(ast.Name(id=names[id(node)], ctx=ast.Load()), node)
    result = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            parts = [_replaced(part, names) if isinstance(part, ast.AST) else part for part in value]
            setattr(result, field, parts)
        elif isinstance(value, ast.AST):
            setattr(result, field, _replaced(value, names))
    return result


def _all_lifted(items: Sequence[Item]) -> bool:
    """Is there nothing left but loops, numbers and jumps?"""
    for item in items:
        if isinstance(item, Nested):
            if not all(_all_lifted(block) for block in item.blocks.values()):
                return False
        elif isinstance(item, Kept) and not isinstance(
            item.statement, ast.Assign | ast.AugAssign | ast.Break | ast.Continue | ast.Pass | ast.If
        ):
            return False
    return True


class _Growing:
    """A run that statements are added to, one after the other."""

    def __init__(self, lifter: Lifter) -> None:
        self.run = Run()
        self._lifter = lifter
        self._names, self._sizes = lifter.names, lifter.sizes
        self._env: dict[str, Value] = {}
        self._versions: dict[Buffer, int] = {}
        self._numbers: set[str] = set()
        self._used: set[str] = set()
        self.reader = Reader(
            sizes=self._sizes,
            look=self._look,
            number=self._names.number,
            now=self._now,
            called=self._names.called,
            user=self._called_value,
            integer=self._names.integer,
        )

    def reduce(self, statement: ast.stmt) -> list[Item] | None:
        """A statement about numbers that are made of arrays: their loops join the run.

        Returns what remains of the statement; None if there is no such number in it.
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
        steps, env, versions = len(self.run.steps), dict(self._env), dict(self._versions)
        saved = self._sizes.saved()
        try:
            found = reductions(parts, self.reader, self._names.fresh_plain)
            for each in found:
                self.run.steps.append(each.step)
        except Unliftable as problem:
            self._lifter.problems.append(Problem(statement.lineno, str(problem)))
            found = []
        if not found:
            del self.run.steps[steps:]
            self._env, self._versions = env, versions
            self._sizes.restore(saved)
            return None
        for each in found:
            self._names.note_float(each.step.name)
        self.run.reduced.append(statement)
        replaced = {id(each.call): each.step.name for each in found}
        return self._lifter.remaining(statement, replaced)

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
        for statement in self.run.reduced:
            self.run.live |= reads(statement)
        self.run.names = {
            name: value
            for name, value in self._env.items()
            if isinstance(value, View) and self.run.entry.get(name) is not value.buffer
        }
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
        steps, env, versions = len(self.run.steps), dict(self._env), dict(self._versions)
        saved = self._sizes.saved()
        try:
            taken = self._lift(statement)
        except (Unliftable, Unequal) as problem:
            self._lifter.problems.append(Problem(statement.lineno, str(problem)))
            taken = False
        if taken:
            self.run.statements.append(statement)
            return True
        del self.run.steps[steps:]
        self._env, self._versions = env, versions
        self._sizes.restore(saved)
        return False

    def _lift(self, statement: ast.stmt) -> bool:
        lines = statement.lineno, statement.end_lineno or statement.lineno
        match statement:
            case ast.Assign(targets=[target], value=value):
                return self._assign(statement, target, value, lines)
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in _OPERATORS:
                return self._update(statement, target, op, value, lines)
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
        if isinstance(target, ast.Subscript):
            return self._store(target, value, lines)
        if not is_path(target):
            return False
        if self._names.is_number(target):
            return self._number(statement, target, value, lines)
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
        self._env[name] = found
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
        if not self._lift(statement):
            raise Unliftable(f"`{ast.unparse(statement)[:50]}` in a function that is called here")

    def _bind(self, target: ast.expr, cells: Cells, lines: tuple[int, int]) -> None:
        """A new array for a name."""
        name = ast.unparse(target)
        taken = {buffer.name for buffer in self._versions}
        own = self._names.fresh(name, taken) if name in taken or not isinstance(target, ast.Name) else name
        if name in self.run.entry:
            own = self._names.fresh(name, taken)
        buffer = Buffer(own, cells.shape, cells.dtype, is_temporary=True)
        self._versions[buffer] = 0
        self._define(View.whole(buffer), cells, lines)
        self._env[name] = View.whole(buffer)
        self._names.note_array(name, cells.dtype, cells.shape, self._sizes)

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

    def _several(self, target: ast.Tuple, value: ast.expr, lines: tuple[int, int]) -> bool:
        """``u, un = un, u``, several assignments in one, or several results of a function."""
        if isinstance(value, ast.Call):
            found = self._names.inlined(value)
            if found is None or not found.is_straight or not isinstance(found.result, ast.Tuple):
                return False
            self._enter(found)
            value = found.result
        if not isinstance(value, ast.Tuple) or len(target.elts) != len(value.elts):
            return False
        if not all(isinstance(each, ast.Name) for each in target.elts):
            return False
        values = [self.reader.value(each) for each in value.elts]
        if any(not each.shape for each in values):
            return False
        for name, each in zip(target.elts, values, strict=True):
            self._bind_value(name, each, lines)
        return True

    def _number(self, statement: ast.stmt, target: ast.expr, value: ast.expr, lines: tuple[int, int]) -> bool:
        """An assignment to a number: it moves to the front if nothing lifted so far uses it."""
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        reads_arrays = any(self._look(node) is not None for node in ast.walk(value) if is_path(node))
        bound = ast.unparse(target)
        if reads_arrays or names & self._numbers:
            return False
        if bound in self._used or not isinstance(target, ast.Name):
            return False
        self._names.number(value)
        self._names.note_number(bound, value)
        self.run.before.append(Kept(statement))
        return True

    def _store(self, target: ast.Subscript, value: ast.expr, lines: tuple[int, int]) -> bool:
        mask = self._mask(target)
        cells = self.reader.cells(value)
        if mask is not None:
            base, where = mask
            self._kept_type(base, cells)
            self._define(base, cells, lines, where)
            return True
        view = self._target(target)
        if view is None:
            return False
        self._kept_type(view, cells)
        self._define(view, cells, lines)
        return True

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
        if cells.dtype not in fine and not (weak and (mine, cells.dtype) == ("float32", "float64")):
            raise Unliftable(f"{cells.dtype} values are put into an array of {mine}")

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
        mask = self._mask(target) if isinstance(target, ast.Subscript) else None
        if mask is not None:
            raise Unliftable("an update indexed by an array")
        if isinstance(target, ast.Subscript):
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
        from pdeperf.arrays.dtypes import arithmetic

        dtype = arithmetic(name, (old.expr, cells.expr))
        result = operation(
            name, dtype, (old, cells), self._sizes, exact=dtype != "complex128" or name in "+-"
        )
        if len(result.shape) > len(view.shape):
            raise Unliftable("an update that does not fit")
        self._kept_type(view, result)
        self._define(view, result, lines)
        return True

    def _look(self, node: ast.AST) -> Value | None:
        """The array that a name or path stands for."""
        if not isinstance(node, ast.expr) or not is_path(node):
            return None
        name = ast.unparse(node)
        if name in self._env:
            return self._env[name]
        buffer = self._names.array(node, self._sizes)
        if buffer is None:
            return None
        self.run.entry[name] = buffer
        self._versions.setdefault(buffer, 0)
        self._env[name] = View.whole(buffer)
        return self._env[name]

    def _now(self, view: View) -> Cells:
        return read(view, Version(view.buffer, self._versions[view.buffer]))


def _is_idle(statement: ast.stmt) -> bool:
    """``p = p``, left over from a function that was put in."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name(id=value)):
            return target == value
        case _:
            return False


def _scalar_names(step: Definition | Reduction) -> set[str]:
    from pdeperf.arrays.ir import walk

    found: set[str] = set()
    for part in walk(step.expr):
        if isinstance(part, Scalar):
            found |= part.names
    return found
