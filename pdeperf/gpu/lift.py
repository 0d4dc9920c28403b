"""Statements for the GPU: transforms apart from what surrounds them, functions with transforms put in."""

import ast
import copy
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.inline import Inlined
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.lifting.lift import Lifter
from pdeperf.arrays.lifting.outliving import Outlived
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, Kept, Nested
from pdeperf.arrays.sizes import Size
from pdeperf.gpu.calls import EVERY, device_work
from pdeperf.gpu.names import GpuNames
from pdeperf.gpu.words import numbers_read, transform
from pdeperf.source.flow import reads

_FURTHER = (ast.BinOp, ast.UnaryOp, ast.Attribute, ast.Subscript)
_REAL = frozenset("irfft irfft2 irfftn".split())
_HALF = frozenset("rfft rfft2 rfftn".split())
_INNER = frozenset(("numpy.dot", "numpy.vdot", "numpy.inner", "numpy.linalg.norm"))
_SAME_SIZE = frozenset("fft ifft fft2 ifft2 fftn ifftn".split())


class GpuLifter(Lifter):
    """Lifts a region for the GPU."""

    names: GpuNames

    def block(
        self, statements: Sequence[ast.stmt], carried: Mapping[str, Outlived] = MappingProxyType({})
    ) -> list[Item]:
        """As ever; what several transforms are made of is computed together, before the first."""
        body = self._gathered(statements)
        if body is None:
            return super().block(statements, carried)
        with self.names.inside(body, statements[-1]):
            return super().block(body, carried)

    def _gathered(self, statements: Sequence[ast.stmt]) -> list[ast.stmt] | None:
        """The block with its transforms apart, and their arguments in front; None if nothing moves."""
        found: list[ast.stmt] = []
        moves = False
        for statement in statements:
            opened = self._opened(statement, only_transforms=True)
            moves = moves or any(_target(part) in self.names.numbers for part in opened or ())
            for part in opened or [statement]:
                ast.fix_missing_locations(ast.copy_location(part, statement))
                place = len(found)
                if part is not statement and _target(part).startswith("transformed"):
                    while place and self._may_pass(part, found[place - 1]):
                        place -= 1
                moves = moves or place < len(found)
                found.insert(place, part)
        return found if moves else None

    def _may_pass(self, part: ast.stmt, other: ast.stmt) -> bool:
        """May a statement be done before the one in front of it?"""
        name = _target(other)
        if not name or name in reads(part) or _target(part) in reads(other):
            return False
        calls = [node for each in (part, other) for node in ast.walk(each) if isinstance(node, ast.Call)]
        functions = [self.names.called(call.func) for call in calls]
        return all(
            name.startswith(("numpy.", "scipy.fft")) and not name.startswith("numpy.random.")
            for name in functions
        ) and not any(keyword.arg == "out" for call in calls for keyword in call.keywords)

    def _scanned(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[ast.stmt] | None:
        """Sums along axes stay one call: loops over rows would launch a kernel for each."""
        return None

    def _spliced(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> list[Item] | None:
        found = super()._spliced(statement, carried)
        if found is not None:
            return found
        body = self._opened(statement) or self._called(statement)
        if not body:
            return None
        for part in body:
            ast.fix_missing_locations(ast.copy_location(part, statement))
        saved, said = self.sizes.saved(), len(self.problems)
        with self.names.inside(body, statement):
            items = self.block(body)
        if _is_device_work(items, self.names) or self._needs_numbers(items):
            del self.problems[said - 1 :]
            return items
        self.sizes.restore(saved)
        return None

    def _needs_numbers(self, items: Sequence[Item]) -> bool:
        """Is all done there, but for a last statement that needs numbers made of arrays?"""
        last = items[-1]
        if not isinstance(last, Kept) or not isinstance(last.statement, ast.Expr):
            return False
        found = numbers_read(last.statement, self.names, EVERY, lambda name: f"{name}_there")
        if found is None or not _is_device_work(items[:-1], self.names):
            return False
        rest = (node for node in ast.walk(found[0]) if isinstance(node, ast.expr))
        return not any(self.names.is_array(node) for node in rest)

    def _called(self, statement: ast.stmt) -> list[ast.stmt] | None:
        """The statements of a function that a statement calls for what it does."""
        match statement:
            case ast.Expr(value=ast.Call() as call):
                found = self.names.inlined(call)
            case _:
                return None
        if found is None:
            return None
        bound = [
            ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
            for name, value in found.bound
        ]
        return [*bound, *found.body]

    def _opened(self, statement: ast.stmt, *, only_transforms: bool = False) -> list[ast.stmt] | None:
        """The statements that a statement is made of; None if it stays one."""
        match statement:
            case ast.Assign(targets=[target], value=value) if is_path(target) or isinstance(
                target, ast.Subscript
            ):
                pass
            case ast.AugAssign(value=value) | ast.Expr(value=ast.Call() as value):
                pass
            case _:
                return None
        opener = _Opener(self.names, value, only_transforms=only_transforms)
        changed = copy.copy(statement)
        opened = opener.visit(copy.deepcopy(value))
        assert isinstance(opened, ast.expr) and isinstance(changed, ast.Assign | ast.AugAssign | ast.Expr)
        changed.value = opened
        return [*opener.lines, changed] if opener.lines else None

    def _other(self, statement: ast.stmt, carried: Mapping[str, Outlived]) -> Item:
        item = super()._other(statement, carried)
        if isinstance(statement, ast.For | ast.While) and isinstance(item, Kept):
            item = self._with_calls(statement, item)
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if (
                name not in self.names.before
            ):
                self._note_transform(name, call)
                if isinstance(call.func, ast.Attribute) and call.func.attr == "dot" and len(call.args) == 1:
                    self._note_product(name, call.func.value, call.args[0])
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.BinOp(left=left, op=ast.MatMult(), right=right)
            ) if name not in self.names.before:
                self._note_product(name, left, right)
        return item

    def _with_calls(self, loop: ast.For | ast.While, item: Item) -> Item:
        """A loop without kernels, with the functions put in whose work CuPy does."""
        if loop.orelse or not any(self._called(part) for part in loop.body):
            return item
        said = len(self.problems)
        found = self.block(loop.body)
        del self.problems[said:]
        return (
            Nested(loop, {"body": found, "orelse": []})
            if len(found) != len(loop.body)
            or any(isinstance(each, Kept) and each.statement not in loop.body for each in found)
            else item
        )

    def _note_product(self, name: str, left: ast.expr, right: ast.expr) -> None:
        """What a matrix makes of an array that is known."""
        try:
            source = self.names.array(right, self.sizes) if is_path(right) else None
            matrix = self.names.array(left, self.sizes) if is_path(left) else None
        except Unliftable:
            return
        if source is None or source.dtype != "float64":
            return
        if matrix is not None and len(matrix.shape) == 2 and matrix.dtype == "float64":
            self.names.note_array(name, "float64", (matrix.shape[0], *source.shape[1:]), self.sizes)
        elif self.names.is_matrix(left):
            rows = f"{name}.shape[0]"
            if (count := self.sizes.value(source.shape[0])) is not None:
                self.sizes.note(rows, count)
            self.names.note_array(name, "float64", (Size.of(rows), *source.shape[1:]), self.sizes)

    def _note_transform(self, name: str, call: ast.Call) -> None:
        """What a transform makes of an array that is known."""
        last = transform(call, self.names)
        if not last or not call.args or not is_path(call.args[0]):
            return
        try:
            source = self.names.array(call.args[0], self.sizes)
        except Unliftable:
            return
        if source is None or source.dtype not in ("float64", "complex128"):
            return
        if last in _SAME_SIZE and not call.keywords and len(call.args) == 1:
            self.names.note_array(name, "complex128", source.shape, self.sizes)
            return
        length = self._last_length(last, call, source)
        if length is None or last not in _HALF | _REAL:
            return
        size = Size.of(f"{name}.shape[{len(source.shape) - 1}]")
        self.sizes.note(f"{name}.shape[{len(source.shape) - 1}]", length)
        dtype = "complex128" if last in _HALF else "float64"
        self.names.note_array(name, dtype, (*source.shape[:-1], size), self.sizes)

    def _last_length(self, last: str, call: ast.Call, source: Buffer) -> int | None:
        """Cells along the last axis of a real transform, as seen."""
        count = self.sizes.value(source.shape[-1])
        if count is None:
            return None
        if last in _HALF:
            return count // 2 + 1 if len(call.args) == 1 and not call.keywords else None
        match call.keywords:
            case []:
                return 2 * (count - 1) if len(call.args) == 1 else None
            case [ast.keyword(arg="s", value=ast.Attribute(value=path, attr="shape"))] if is_path(path):
                like = self.names.array(path, self.sizes)
                return self.sizes.value(like.shape[-1]) if like is not None else None
            case [ast.keyword(arg="s", value=ast.Tuple(elts=[*_, size]))] | [
                ast.keyword(arg="n", value=size)
            ]:
                return self.sizes.value(self.names.integer(size))
        return None


def _is_device_work(items: Sequence[Item], names: GpuNames) -> bool:
    """Is there nothing left that only the host could do with the arrays?"""
    for item in items:
        if isinstance(item, Nested):
            if not all(_is_device_work(block, names) for block in item.blocks.values()):
                return False
        elif isinstance(item, Kept) and not device_work(item.statement, names):
            return False
    return True


class _Opener(ast.NodeTransformer):
    """Takes transforms and functions out of an expression, in the order in which they are called."""

    def __init__(self, names: GpuNames, whole: ast.expr, *, only_transforms: bool) -> None:
        self._names, self._whole, self._only_transforms = names, ast.dump(whole), only_transforms
        self.lines: list[ast.stmt] = []

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and self._is_number_of_arrays(node):
            name = self._named("number", node)
            self._names.note_number(name.id, node)
            self._names.numbers |= {name.id}
            return name
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, _FURTHER):
            for field, value in ast.iter_fields(node):
                if isinstance(value, ast.expr):
                    setattr(node, field, self.visit(value))
        return node

    def _is_number_of_arrays(self, node: ast.expr) -> bool:
        """Is it a number, made of arrays with CuPy's functions, in an expression about arrays?"""
        if not isinstance(node, ast.Call | ast.BinOp) or ast.dump(node) == self._whole:
            return False
        if not self._names.kind_of(node).is_scalar:
            return False
        return any(
            (isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult))
            or (isinstance(part, ast.Call) and self._names.called(part.func) in _INNER)
            for part in ast.walk(node)
        )

    def _call(self, node: ast.Call) -> ast.AST:
        is_whole = ast.dump(node) == self._whole
        if transform(node, self._names) and node.args:
            first = self.visit(node.args[0])
            assert isinstance(first, ast.expr)
            if not is_path(first):
                first = self._named("transformed", first)
            node.args[0] = first
            return node if is_whole else self._named("spectrum", node)
        found = None if self._only_transforms else self._names.inlined(node)
        if found is not None and found.result is not None and found.is_straight and _is_pure(found):
            self.lines += [
                ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)
                for name, value in found.bound
            ]
            self.lines += found.body
            return self.visit(found.result)
        node.args = [part for each in node.args if isinstance(part := self.visit(each), ast.expr)]
        return node

    def _named(self, stem: str, value: ast.expr) -> ast.Name:
        name = self._names.fresh_made(stem)
        if stem == "spectrum":
            self._names.alone |= {name}
        self.lines.append(ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value))
        return ast.Name(id=name, ctx=ast.Load())


def _target(statement: ast.stmt) -> str:
    """The name that a statement binds, if that is all that it does."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return ""


def _is_pure(found: Inlined) -> bool:
    """Does a function only bind names of its own?"""
    return all(
        isinstance(part, ast.Assign) and all(isinstance(target, ast.Name) for target in part.targets)
        for part in found.body
    )
