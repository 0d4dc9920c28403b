"""A region's statements become a program: array statements as definitions, all others as they are."""

import ast
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.growing import Growing
from pdeperf.arrays.lifting.outliving import Outlived, bound_by, unbound
from pdeperf.arrays.lifting.reduce import replaced
from pdeperf.arrays.lifting.scans import scanned
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, kept_of, runs_of
from pdeperf.arrays.rebound import with_names
from pdeperf.arrays.sizes import Size, Sizes, Unequal
from pdeperf.arrays.values import Cells
from pdeperf.kernel.lowering import Problem

_BLOCKS = ("body", "orelse")
_MOST_AXES = 3
_OF_NUMBERS = ("builtins.max", "builtins.min", "builtins.float", "builtins.abs")


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

    def block(
        self, statements: Sequence[ast.stmt], carried: Mapping[str, Outlived] = MappingProxyType({})
    ) -> list[Item]:
        """A block's statements as items, in order.

        Parameters
        ----------
        carried
            Names that stand for other names' arrays, for parts of them or for several when the block begins.
        """
        items: list[Item] = []
        run: Growing | None = None
        for statement in statements:
            if run is None:
                run = Growing(self.names, self.sizes, self.problems)
                run.take_on(carried)
            if run.take(statement):
                continue
            made = run.reduce(statement)
            if made is not None:
                items.extend(run.items([self._remaining(statement, made)]))
            else:
                items.extend(run.items())
            inside = frozenset[str]().union(
                *(bound_by(each, carried, self.names, is_lifted=True) for each in run.run.statements)
            )
            carried = {**unbound(carried, inside), **run.carried}
            if made is None:
                items.extend(self._spliced(statement, carried) or [self._other(statement, carried)])
            carried = unbound(carried, bound_by(statement, carried, self.names, is_lifted=made is not None))
            run = None
        if run is not None:
            items.extend(run.items())
        return items

    def _spliced(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[Item] | None:
        """The statements that stand for one that no run can take: of a function, of a sum along an axis."""
        body = self._scanned(statement, carried) or self._body(statement) or self._rounds(statement, carried)
        if not body:
            return None
        for part in body:
            ast.fix_missing_locations(ast.copy_location(part, statement))
        with self.names.inside(body, statement):
            items = self.block(body, carried)
        is_worth = any(True for _ in runs_of(items)) or _reads(items, self.names.rebound)
        return items if _all_lifted(items) and is_worth else None

    def _scanned(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[ast.stmt] | None:
        """A statement with sums along axes as loops before it."""

        def cells(node: ast.expr) -> Cells | None:
            sizes = self.sizes.saved()
            try:
                here = Growing(self.names, self.sizes, self.problems)
                here.take_on(carried)
                return here.reader.cells(node)
            except (Unliftable, Unequal):
                return None
            finally:
                self.sizes.restore(sizes)

        try:
            return scanned(statement, self.names, cells)
        except Unliftable:
            return None

    def _rounds(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[ast.stmt] | None:
        """The statements of a loop over the axes, which are arrays of other shapes in each round."""
        if not isinstance(statement, ast.For):
            return None
        here = Growing(self.names, self.sizes, self.problems)
        here.take_on(carried)
        found = here.rounds(statement)
        return found if found is not None and len(found) <= _MOST_AXES * len(statement.body) else None

    def _body(self, statement: ast.stmt) -> list[ast.stmt] | None:
        """The statements of the function that a statement calls."""
        target: ast.expr | None
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Tuple() as target], value=ast.Call() as call) if (
                not self.names.called(call.func)
            ):
                pass
            case ast.Expr(value=ast.Call() as call):
                target = None
            case ast.Assign(targets=[ast.Name()], value=value) if (
                inside := self._call_in(value)
            ) is not None:
                return self._called_first(statement, inside)
            case _:
                return None
        found = self.names.inlined(call)
        if found is None or (target is not None and found.result is None):
            return None
        body: list[ast.stmt] = [
            ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
            for name, value in found.bound
        ]
        body += found.body
        if target is not None and found.result is not None:
            body.append(ast.Assign(targets=[target], value=found.result))
        return body

    def _call_in(self, value: ast.expr) -> ast.Call | None:
        """The only call of a function of the user's in an expression of names and numbers otherwise."""
        calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
        own = [call for call in calls if not self.names.called(call.func)]
        if len(own) != 1 or own[0] is value:
            return None
        inside = {id(node) for node in ast.walk(own[0])}
        others = (node for node in ast.walk(value) if id(node) not in inside)
        plain = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)
        is_plain = all(
            isinstance(node, plain)
            or (isinstance(node, ast.Call) and self.names.called(node.func) in _OF_NUMBERS)
            for node in others
        )
        return own[0] if is_plain else None

    def _called_first(self, statement: ast.Assign, call: ast.Call) -> list[ast.stmt] | None:
        """``dt = cfl * dx / fastest(u)`` as ``number = fastest(u)`` and what is made of it."""
        name = self.names.fresh_plain(ast.unparse(call.func))
        first = ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=call)
        body = self._body(ast.copy_location(first, statement))
        rest = replaced(statement.value, {id(call): name})
        assert isinstance(rest, ast.expr)
        return [*body, ast.Assign(targets=statement.targets, value=rest)] if body else None

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

    def _remaining(self, statement: ast.stmt, rest: ast.stmt) -> Item:
        """What is left of a statement whose numbers have names of their own."""
        item: Item = Kept(rest)
        if isinstance(statement, ast.If):
            assert isinstance(rest, ast.If)
            rest.body, rest.orelse = statement.body, statement.orelse
            item = Nested(rest, {name: self.block(getattr(rest, name)) for name in _BLOCKS})
        if isinstance(rest, ast.Assign) and isinstance(rest.targets[0], ast.Name):
            self.names.note_number(rest.targets[0].id, rest.value)
        self.names.rewritten.add(id(rest))
        self.names.kept_alive.append(rest)
        return item

    def _other(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> Item:
        if isinstance(statement, ast.For | ast.While | ast.If | ast.With):
            if isinstance(statement, ast.For):
                self._note_range(statement)
            if isinstance(statement, ast.For | ast.While):
                carried = unbound(carried, bound_by(statement, carried, self.names, is_lifted=False))
            blocks = {name: self.block(getattr(statement, name, []), carried) for name in _BLOCKS}
            if any(not isinstance(item, Kept) for items in blocks.values() for item in items):
                live = self.names.live_after([statement])
                head = with_names(statement, self.names, self.sizes, has_blocks=True)
                return Nested(head, blocks, live)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            self.names.note_number(statement.targets[0].id, statement.value)
        return Kept(with_names(statement, self.names, self.sizes))


def _reads(items: Sequence[Item], names: Collection[str]) -> bool:
    """Does a statement that stays as it is read one of some names, for which a call would not?"""
    return any(
        isinstance(node, ast.Name) and node.id in names
        for kept in kept_of(items)
        for node in ast.walk(kept.statement)
    )


def _all_lifted(items: Sequence[Item]) -> bool:
    """Is there nothing left but loops, numbers and jumps?"""
    for item in items:
        if isinstance(item, Nested):
            if not all(_all_lifted(block) for block in item.blocks.values()):
                return False
        elif isinstance(item, Kept) and not _may_stay(item.statement):
            return False
    return True


def _may_stay(statement: ast.stmt) -> bool:
    """May a statement of a function that is put in stay as it is: about numbers, or ``log.append(u[0])``?"""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[_], keywords=[])):
            return True
    return isinstance(statement, ast.Assign | ast.AugAssign | ast.Break | ast.Continue | ast.Pass | ast.If)
