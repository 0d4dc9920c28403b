"""Follows one iteration of a loop, statement by statement, and gathers what it touches."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

import islpy as isl

from pdeperf.kernel import affine
from pdeperf.kernel.affine import Number
from pdeperf.kernel.array_stores import is_store
from pdeperf.kernel.calls import Caller
from pdeperf.kernel.values import Local, Several, UnliftableError, Unset, Value, View, without_pieces
from pdeperf.source.flow import writes
from pdeperf.source.scopes import own_nodes, parameters

CALLS_DEEPEST = 6


@dataclass(slots=True)
class Walker(Caller):
    """Interprets statements over sets of iteration points; every answer errs towards more accesses."""

    returned: Value | None = None

    def begin(self, loop: ast.For, reductions: frozenset[str]) -> None:
        """Enter the analysed loop: dimension 0 is its variable."""
        for name in writes(loop):
            self.environment[name] = Number() if name in reductions else Unset()
        self.enter_axis(loop, self.bounds(loop))
        self.block(loop.body)

    # ---- loops

    def bounds(self, loop: ast.For) -> tuple[Number, Number, Number]:
        """Start, stop and step of a ``for`` over ``range``."""
        source = loop.iter
        is_range = (
            isinstance(source, ast.Call)
            and not source.keywords
            and 1 <= len(source.args) <= 3
            and self.resolve(source.func) in ("builtins.range", "numba.prange")
        )
        if not is_range or not isinstance(loop.target, ast.Name) or loop.orelse:
            raise UnliftableError(loop, "the loop is not a plain `for` over `range`")
        assert isinstance(source, ast.Call)
        values = [self.evaluate(argument) for argument in source.args]
        numbers = [value if isinstance(value, Number) else Number(None, True) for value in values]
        if len(numbers) == 1:
            return self.constant(0), numbers[0], self.constant(1)
        return numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else self.constant(1)

    def enter_axis(self, loop: ast.For, bounds: tuple[Number, Number, Number]) -> None:
        """Bound the innermost dimension of the iteration points, which is the loop's variable."""
        axis = self.frame.axis(self.depth - 1, self.depth)
        start, stop, step = (affine.at_depth(bound, self.depth) for bound in bounds)
        stride = affine.single_constant(step)
        if stride:
            if start.pieces is not None:
                self.domain = self.domain.intersect(
                    _union([_from(axis, one, stride) for one in start.pieces])
                )
            if stop.pieces is not None:
                test = axis.lt_set if stride > 0 else axis.gt_set
                self.domain = self.domain.intersect(_union([test(one) for one in stop.pieces]))
        assert isinstance(loop.target, ast.Name)
        self.environment[loop.target.id] = Number((axis,), True)

    def inner_for(self, loop: ast.For) -> None:
        """A loop inside the analysed one."""
        bounds = self.bounds(loop)
        outside, depth = self.domain, self.depth

        def turn() -> None:
            self.depth = depth + 1
            self.domain = outside.add_dims(isl.dim_type.set, 1)
            self.enter_axis(loop, bounds)
            self.block(loop.body)
            self.domain, self.depth = outside, depth

        self.repeated(loop, turn)

    def inner_while(self, loop: ast.While) -> None:
        """An inner loop whose number of turns is not known."""
        if loop.orelse:
            raise UnliftableError(loop, "`while ... else` is not followed")
        outside = self.domain

        def turn() -> None:
            self.condition(loop.test)
            self.block(loop.body)
            self.domain = outside

        self.repeated(loop, turn)

    def repeated(self, loop: ast.stmt, turn: Callable[[], None]) -> None:
        """Follow any number of turns: what a turn changes is known by its sort alone at its head."""
        head = {name: without_pieces(self.environment.get(name, Unset())) for name in writes(loop)}
        while True:
            self.environment.update(head)
            turn()
            changed = [name for name, value in head.items() if not _covers(value, self.environment[name])]
            if not changed:
                break
            for name in changed:
                after = self.environment[name]
                if not isinstance(head[name], Number) or not isinstance(after, Number | Local):
                    raise UnliftableError(loop, f"`{name}` becomes something else in the loop")
                head[name] = Local()
        self.environment.update(head)

    # ---- statements

    def block(self, statements: list[ast.stmt]) -> bool:
        """Follow statements in order; False if the end is never reached."""
        return all(self.statement(statement) for statement in statements)

    def statement(self, node: ast.stmt) -> bool:
        """Follow one statement; False if what comes after it is never reached."""
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self.evaluate(value)
                for target in targets:
                    self.bind(target, found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.evaluate(value))
            case ast.AugAssign(target=target, op=op, value=value):
                self.update(target, op, value, node)
            case ast.If(test=test, body=body, orelse=orelse):
                return self.branch(test, body, orelse)
            case ast.For():
                self.inner_for(node)
            case ast.While():
                self.inner_while(node)
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign(value=None):
                pass
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ZeroDivisionError"))):
                pass  # where loops run on all cores, they go on and raise afterwards
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=[target, value])) if is_store(
                name, self.callees
            ):
                self.bind(target, self.evaluate(value))
            case ast.Expr(value=value):
                self.used(self.evaluate(value), node)
            case ast.Continue() | ast.Break():
                return False
            case ast.Return(value=value) if self.scope:
                self.finish(Number() if value is None else self.evaluate(value), node)
                return False
            case _:
                raise UnliftableError(node, f"`{ast.unparse(node).splitlines()[0][:40]}` is not understood")
        return True

    def branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> bool:
        """Follow both branches and join what they leave."""
        holds, fails = self.condition(test)
        at_test = dict(self.environment)
        self.domain = holds
        goes_on = self.block(body)
        yes, after_yes = self.environment, self.domain
        self.environment, self.domain = dict(at_test), fails
        goes_on_else = self.block(orelse)
        no, after_no = self.environment, self.domain
        if not (goes_on and goes_on_else):
            self.environment, self.domain = (yes, after_yes) if goes_on else (no, after_no)
            return goes_on or goes_on_else
        self.domain = after_yes.union(after_no).coalesce()
        self.environment = {
            name: self.joined(yes.get(name, Unset()), after_yes, no.get(name, Unset()), after_no, test)
            for name in yes.keys() | no.keys()
        }
        return True

    def bind(self, target: ast.expr, value: Value) -> None:
        """Assign a value to a target."""
        match target:
            case ast.Name(id=name):
                if isinstance(value, Several) and not all(isinstance(v, Number) for v in value.values):
                    value = Unset()
                self.environment[name] = value
            case ast.Subscript(value=base, slice=index):
                self.used(value, target)
                self.store(self.evaluate(base), index, target)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                known = isinstance(value, Several) and len(value.values) == len(parts)
                for at, part in enumerate(parts):
                    if known:
                        assert isinstance(value, Several)
                        self.bind(part, value.values[at])
                    elif isinstance(value, Local):
                        self.bind(part, Local())
                    else:
                        raise UnliftableError(target, "what is unpacked here is not understood")
            case _:
                raise UnliftableError(target, f"assignment to `{ast.unparse(target)[:40]}` is not followed")

    def store(self, base: Value, index: ast.expr, node: ast.Subscript) -> None:
        """Write ``base[index]``."""
        if isinstance(base, Local):
            self._index_parts(index)
            return
        if not isinstance(base, View):
            raise UnliftableError(node, f"`{ast.unparse(node.value)[:40]}` is written but is not an array")
        self.touch(self.place(base, index, node), node, writes=True)

    def update(self, target: ast.expr, op: ast.operator, value: ast.expr, node: ast.stmt) -> None:
        """Follow ``target op= value``."""
        right = self.evaluate(value)
        match target:
            case ast.Name(id=name):
                left = self.name(ast.copy_location(ast.Name(name, ast.Load()), target))
                if isinstance(left, View):
                    self.used(right, node)
                    self.touch(left, node, writes=False)
                    self.touch(left, node, writes=True)
                elif isinstance(left, Number) and left.element:
                    raise UnliftableError(node, f"`{name}` may be a row of an array")
                else:
                    self.environment[name] = self.binary(left, op, right, node)
            case ast.Subscript(value=base, slice=index):
                self.used(right, node)
                held = self.evaluate(base)
                if isinstance(held, View):
                    self.touch(self.place(held, index, target), target, writes=False)
                self.store(held, index, target)
            case _:
                raise UnliftableError(node, f"`{ast.unparse(target)[:40]}` is not followed")

    # ---- the user's functions

    def enter(self, function: ast.FunctionDef, node: ast.Call) -> Value:
        """Follow a call: the function's body runs with its parameters bound to the arguments."""
        names = parameters(function)
        simple = not (function.args.vararg or function.args.kwarg or function.args.kwonlyargs)
        nested = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Global, ast.Nonlocal)
        if not simple or any(isinstance(inner, nested) for inner in own_nodes(function)):
            raise UnliftableError(node, f"`{function.name}` is not followed")
        if self.calls_deep >= CALLS_DEEPEST:
            raise UnliftableError(node, f"`{function.name}` calls too deep, or itself")
        bound: dict[str, Value] = dict.fromkeys(writes(function), Unset())
        defaults = function.args.defaults
        for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
            bound[name] = self.evaluate(default) if isinstance(default, ast.Constant) else Unset()
        if len(node.args) > len(names) or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise UnliftableError(node, f"the arguments of `{function.name}` are not understood")
        bound.update(zip(names, (self.evaluate(argument) for argument in node.args), strict=False))
        for keyword in node.keywords:
            if keyword.arg not in names:
                raise UnliftableError(node, f"the arguments of `{function.name}` are not understood")
            bound[keyword.arg] = self.evaluate(keyword.value)
        outside = self.environment, self.domain, self.scope, self.returned
        self.environment, self.scope, self.returned = bound, function.name, None
        self.calls_deep += 1
        ends = self.block(function.body)
        result = self.returned if self.returned is not None else Number()
        if ends and self.returned is not None:
            result = self.joined(result, self.domain, Number(), self.domain, node)
        self.calls_deep -= 1
        self.environment, self.domain, self.scope, self.returned = outside
        return affine.at_depth(result, self.depth) if isinstance(result, Number) else result

    def finish(self, value: Value, node: ast.stmt) -> None:
        """Note what a function returns on one of its paths."""
        if isinstance(value, Number):
            value = affine.restricted(affine.at_depth(value, self.depth), self.domain)
        if self.returned is None:
            self.returned = value
            return
        before = self.returned
        if isinstance(before, Number) and isinstance(value, Number):
            deeper = max((piece.dim(isl.dim_type.in_) for piece in before.pieces or ()), default=0)
            here = Number(None, before.integral, before.element) if deeper > self.depth else before
            self.returned = affine.either(affine.at_depth(here, self.depth), value)
            return
        self.returned = self.joined(before, self.domain, value, self.domain, node)


def _covers(head: Value, after: Value) -> bool:
    """Does what is assumed at a loop's head hold after a turn too?"""
    match head:
        case Number(element=element):
            return isinstance(after, Number) and after.element <= element
        case Local():
            return isinstance(after, Number | Local)
        case _:
            return True


def _from(axis: isl.PwAff, start: isl.PwAff, stride: int) -> isl.Set:
    """Where the axis is at or after the start, a whole number of strides away."""
    reached: isl.Set = axis.ge_set(start) if stride > 0 else axis.le_set(start)
    if abs(stride) == 1:
        return reached
    size = isl.Val.int_from_si(axis.get_ctx(), abs(stride))
    away = axis.sub(start).mod_val(size)
    return reached.intersect(away.zero_set())


def _union(sets: list[isl.Set]) -> isl.Set:
    whole = sets[0]
    for part in sets[1:]:
        whole = whole.union(part)
    return whole
