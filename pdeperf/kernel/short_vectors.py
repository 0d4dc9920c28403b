"""Short arrays in compiled functions as their components: no memory is asked for, and numbers are seen.

::

    y = y + dt / 2 * k                    y = (y[0] + dt / 2 * k[0], y[1] + dt / 2 * k[1])
    return np.array([y[1], -w * y[0]])    return y[1], -w * y[0]
    force += a * (pos[j] - pos[i])        force_0 += a * (pos[j, 0] - pos[i, 0])
                                          force_1 += a * (pos[j, 1] - pos[i, 1])

Numba asks for memory for each array that an expression makes, some 50 ns; the arithmetic of a few
components takes one. Each component is computed by the same operations in the same order.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.syntax import is_atom, is_copy
from pdeperf.kernel.vector_components import OPERATORS, Components
from pdeperf.kernel.vector_shapes import ELEMENTWISE, Function, NotShortError, Shapes, Value
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, owns_lines
from pdeperf.source.scopes import parameters


@dataclass(frozen=True, slots=True)
class Vectors:
    """Functions written anew.

    Attributes
    ----------
    texts
        Their texts, by name.
    entered
        For each kernel, the arrays that it takes the components of when it begins.
    """

    texts: Mapping[str, str]
    entered: Mapping[str, tuple[str, ...]]


def with_components(
    imports: str,
    texts: Mapping[str, str],
    entries: Mapping[str, Mapping[str, Value]],
    numpy_name: str = "np",
    shared: Mapping[str, Kind] = MappingProxyType({}),
) -> Vectors | None:
    """Functions with short arrays as components; None where there are none, or where that cannot be.

    Parameters
    ----------
    imports
        The import statements that the functions rely on.
    texts
        Compiled functions by name, with their decorators.
    entries
        What the arguments of the kernels among them are.
    numpy_name
        What NumPy is called there.
    shared
        What the names are that the functions read from outside.
    """
    module = Module("", f"{imports}\n" + "\n\n".join(texts.values()))
    shapes = Shapes(module, entries, shared)
    if not any(_makes_short(function, shapes) for function in shapes.functions.values()):
        return None
    made: dict[str, str] = {}
    entered: dict[str, tuple[str, ...]] = {}
    try:
        for name, function in shapes.functions.items():
            if not function.names and function.result is None and name not in entries:
                return None  # nothing is known of it
            rewriting = _Rewriting(module, function, shapes, numpy_name, is_kernel=name in entries)
            made[name] = rewriting.text()
            entered[name] = rewriting.entered
    except NotShortError:
        return None
    return Vectors(made, entered)


def _makes_short(function: Function, shapes: Shapes) -> bool:
    """Is a short array made somewhere, rather than only looked at?"""
    return any(
        isinstance(node, ast.BinOp | ast.Call) and shapes.value(node, function).size
        for node in ast.walk(function.node)
    )


class _Rewriting(Components):
    """One function, written anew statement by statement."""

    def __init__(
        self, module: Module, function: Function, shapes: Shapes, numpy_name: str, *, is_kernel: bool
    ) -> None:
        super().__init__(module, function, shapes, numpy_name, is_kernel=is_kernel)
        self.entered: tuple[str, ...] = ()
        self._spread = frozenset(self._spread_names())

    def _spread_names(self) -> Iterator[str]:
        """Names of short arrays that are changed in place: each component becomes a variable."""
        for node in ast.walk(self._node):
            target: ast.expr | None = node.target if isinstance(node, ast.AugAssign) else None
            if isinstance(node, ast.Assign):
                target = node.targets[0]
            inner = target.value if isinstance(target, ast.Subscript) else target
            is_changed = isinstance(node, ast.AugAssign) or isinstance(target, ast.Subscript)
            if not (
                is_changed
                and isinstance(inner, ast.Name)
                and self._function.names.get(inner.id, Value()).size
            ):
                continue
            if self._is_real(inner.id):
                continue
            if inner.id in self._parameters or not all(map(self._is_fresh, self._bound[inner.id])):
                raise NotShortError  # another name may see the change
            yield inner.id

    def _is_fresh(self, node: ast.expr | None) -> bool:
        return isinstance(node, ast.BinOp | ast.UnaryOp) or (
            isinstance(node, ast.Call) and bool(self._size(node))
        )

    def text(self) -> str:
        """The function's text."""
        if any(isinstance(node, ast.Name) and self._gets_another_name(node) for node in ast.walk(self._node)):
            raise NotShortError
        self._block(self._node.body)
        self._enter()
        first = self._node.decorator_list[0].lineno if self._node.decorator_list else self._node.lineno
        start = sum(len(row) for row in self._module.lines[: first - 1])
        end = sum(len(row) for row in self._module.lines[: self._node.end_lineno])
        return apply(
            self._module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in self._edits]
        )

    def _gets_another_name(self, node: ast.Name) -> bool:
        """Is it ``old = v`` of an array that changes in place?"""
        if node.id not in self._spread or not isinstance(node.ctx, ast.Load):
            return False
        above = self._module.parents[node]
        above = self._module.parents[above] if isinstance(above, ast.Tuple | ast.IfExp) else above
        return isinstance(above, ast.Assign) and not isinstance(above.targets[0], ast.Subscript)

    def _enter(self) -> None:
        """Parameters that are bound to components later are components from the beginning."""
        entered = [
            name
            for name in parameters(self._node)
            if self._function.names.get(name, Value()).size and not self._is_real(name)
        ]
        if entered and not self._is_kernel and self._shapes.stores(self._function):
            raise NotShortError  # perhaps in one of these
        body = self._node.body
        has_text = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        first = body[1] if has_text and len(body) > 1 else body[0]
        at = sum(len(row) for row in self._module.lines[: first.lineno - 1])
        for name in entered:
            parts = ", ".join(f"{name}[{c}]" for c in range(self._function.names[name].size))
            self._edits.append(Edit(at, at, f"{indentation(self._module, first)}{name} = ({parts})\n"))
        self.entered = tuple(entered)

    def _block(self, block: Sequence[ast.stmt]) -> None:
        for statement in block:
            is_simple = not isinstance(statement, ast.For | ast.While | ast.If)
            self._ahead = [] if is_simple and owns_lines(self._module, [statement]) else None
            self._statement(statement)
            if self._ahead:
                at = sum(len(row) for row in self._module.lines[: statement.lineno - 1])
                text = "".join(f"{indentation(self._module, statement)}{row}\n" for row in self._ahead)
                self._edits.append(Edit(at, at, text))
            self._ahead = None
            for name in ("body", "orelse"):
                self._block(getattr(statement, name, []))

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self._assign(node, target, value)
            case ast.Assign(targets=targets):
                if any(self._size(target) for target in targets):
                    raise NotShortError
                self._scalar(node.value)
                for target in targets:
                    self._scalar(target)
            case ast.AugAssign(target=target, value=value):
                if self._size(target):
                    self._change(node, target, value)
                else:
                    self._scalar(target)
                    self._scalar(value)
            case ast.Return(value=ast.expr() as value):
                self._return(node, value)
            case ast.For(target=target, iter=source):
                self._loop(target, source)
            case ast.While(test=test) | ast.If(test=test) | ast.Assert(test=test):
                self._scalar(test)
            case ast.Expr(value=value):
                self._whole(value) if self._size(value) else self._scalar(value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) if not self._size(target):
                self._scalar(value)
            case ast.Pass() | ast.Break() | ast.Continue() | ast.Raise():
                pass
            case _:
                raise NotShortError

    def _loop(self, target: ast.expr, source: ast.expr) -> None:
        if self._size(source) and not self._is_view(source):
            raise NotShortError
        names = [part for part in ast.walk(target) if isinstance(part, ast.Name)]
        if any(
            self._function.names.get(name.id, Value()).size and not self._is_real(name.id) for name in names
        ):
            raise NotShortError
        self._scalar(source, is_array=bool(self._size(source)))

    def _assign(self, node: ast.Assign, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            self._assign_parts(target, value)
        elif isinstance(target, ast.Name) and self._function.names.get(target.id, Value()).size:
            self._bind(node, target, value)
        elif isinstance(target, ast.Subscript) and (
            size := self._size(target) or self._fitting(target, value)
        ):
            self._scalar(target.slice)
            if not self._size(value):
                self._scalar(value)  # one number for all
            elif self._size(value) == size:
                names = ", ".join(self._component(target, c) for c in range(size))
                is_tuple = isinstance(value, ast.Name) and not self._is_real(value.id)
                if (is_tuple and value.id not in self._spread) or self._is_called(value):  # type: ignore[attr-defined]
                    self._replace(node, f"{names} = {self._text(value, is_array=True)}")
                else:
                    self._replace(node, self._written(node, f"{names} = ", self._components(value)))
            else:
                raise NotShortError
        else:
            self._scalar(target)
            self._scalar(value)

    def _fitting(self, target: ast.Subscript, value: ast.expr) -> int:
        """How many components a part of an array has that is given so many."""
        found = self._value(target)
        is_line = found.kind == Kind("array", "float64", 1) and found.shape in ((-1,), ())
        return self._size(value) if is_line and isinstance(target.value, ast.Name) else 0

    def _bind(self, node: ast.Assign, target: ast.Name, value: ast.expr) -> None:
        size = self._function.names[target.id].size
        if self._size(value) != size:
            raise NotShortError
        if self._is_real(target.id):
            self._scalar(value, is_array=True)
        elif target.id in self._spread:
            names = [f"{target.id}_{c}" for c in range(size)]
            if self._taken & {*names}:
                raise NotShortError
            parts = self._components(value)
            if len({*parts}) == 1 and parts[0] in ("0.0", "1.0"):
                self._replace(node, f"{' = '.join(names)} = {parts[0]}")
            else:
                self._replace(node, self._written(node, f"{', '.join(names)} = ", parts))
        elif isinstance(value, ast.Name) and self._is_real(value.id):
            raise NotShortError  # the array may change while it has two names
        elif isinstance(value, ast.Subscript):
            raise NotShortError
        else:
            self._whole(value)

    def _assign_parts(self, target: ast.Tuple, value: ast.expr) -> None:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            for part, given in zip(target.elts, value.elts, strict=True):
                if self._size(part) != self._size(given) or isinstance(part, ast.Subscript):
                    raise NotShortError
                if isinstance(part, ast.Name) and self._size(part):
                    if part.id in self._spread or self._is_real(part.id) or self._is_view(given):
                        raise NotShortError
                    self._whole(given)
                else:
                    self._scalar(given)
            return
        parts = self._value(value).parts
        for index, part in enumerate(target.elts):
            expected = parts[index].size if index < len(parts) else 0
            if self._size(part) != expected or (isinstance(part, ast.Name) and part.id in self._spread):
                raise NotShortError
            if not isinstance(part, ast.Name):
                self._scalar(part)
        self._whole(value) if self._size(value) else self._scalar(value)

    def _change(self, node: ast.AugAssign, target: ast.expr, value: ast.expr) -> None:
        """``v += a * w``, in place."""
        size, sign = self._size(target), _sign(node.op)
        if not isinstance(node.op, OPERATORS) or self._size(value) not in (0, size):
            raise NotShortError
        if isinstance(node.op, ast.Div):
            self._need_free_division(value)
        if isinstance(target, ast.Subscript):
            self._scalar(target.slice)
        names = [self._component(target, c) for c in range(size)]
        given = self._components(value) if self._size(value) else [self._text(value)] * size
        if self._is_separate(target, value):
            indent = indentation(self._module, node)
            rows = (f"{name} {sign}= {text}" for name, text in zip(names, given, strict=True))
            self._replace(node, f"\n{indent}".join(rows))
            return
        is_sum = isinstance(node.op, ast.Add | ast.Sub)
        wrapped = (text if is_atom(text) or (is_sum and _is_product(text)) else f"({text})" for text in given)
        sums = [f"{name} {sign} {text}" for name, text in zip(names, wrapped, strict=True)]
        self._replace(node, self._written(node, f"{', '.join(names)} = ", sums))

    def _is_separate(self, target: ast.expr, value: ast.expr) -> bool:
        """Does each component depend on its own alone, whichever arrays are one?"""
        changed = target.id if isinstance(target, ast.Name) else ""
        inner = target.value if isinstance(target, ast.Subscript) else target
        is_alone = isinstance(inner, ast.Name) and self._is_fresh_array(inner.id)
        for part in ast.walk(value):
            if self._joins_components(part):
                short = [one for one in ast.walk(part) if isinstance(one, ast.expr) and self._size(one)]
                names = {one.id for one in short if isinstance(one, ast.Name)}
                if isinstance(part, ast.Call) and not self.full(part):
                    return False
                if changed in names or any(map(self._is_view, short)):
                    return False
            if isinstance(part, ast.Subscript):
                above = self._module.parents.get(part)
                inside = isinstance(above, ast.Subscript) and above.value is part
                is_row = bool(self._size(part)) and not inside and _is_row(part) and _is_row(target)
                in_memory = not isinstance(part.value, ast.Name) or self._is_real(part.value.id)
                root = part.value.id if isinstance(part.value, ast.Name) else ""
                is_other = is_alone and root in self._parameters
                if (in_memory and not is_row and not is_other) or root == changed:
                    return False
        return True

    def _joins_components(self, node: ast.AST) -> bool:
        """Is a component of it, or its number, made of all components: ``np.dot(v, w)``, ``v @ w``?"""
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.MatMult)
        return isinstance(node, ast.Call) and not is_copy(node) and self.full(node) not in ELEMENTWISE

    def _is_fresh_array(self, name: str) -> bool:
        """Is an array made in the function each time that its name is bound?"""
        made = (self._shapes.is_made(value) for value in self._bound.get(name, [None]))
        return name not in self._parameters and all(made)

    def _return(self, node: ast.Return, value: ast.expr) -> None:
        if isinstance(value, ast.Tuple):
            expected = self._function.result.parts if self._function.result else ()
            for index, part in enumerate(value.elts):
                if self._size(part) != (expected[index].size if index < len(expected) else 0):
                    raise NotShortError
                self._given_back(part) if self._size(part) else self._scalar(part)
        elif self._size(value):
            if not self._function.result or self._function.result.size != self._size(value):
                raise NotShortError
            self._given_back(value)
        else:
            self._scalar(value)

    def _given_back(self, value: ast.expr) -> None:
        is_view = self._is_view(value)
        if is_view and not self._is_kernel:
            raise NotShortError  # the caller would have another name of it
        if is_view:
            self._scalar(value, is_array=True)
            return
        self._whole(value)
        if self._is_kernel:
            start, end = extent(self._module, value)
            text = apply_within(self._edits, start, end, self._module.text)
            self._edits.append(Edit(start, end, f"{self._numpy}.array({text})"))


def apply_within(edits: list[Edit], start: int, end: int, text: str) -> str:
    """The text of a place with its edits done, which are taken out."""
    inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
    edits[:] = [edit for edit in edits if edit not in inside]
    return apply(text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in inside])


def _is_product(text: str) -> bool:
    """May it be added as it stands?"""
    node = ast.parse(text, mode="eval").body
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Pow)
    return is_product or is_atom(text)


def _is_row(node: ast.expr) -> bool:
    """Is it a row of an array, or an array as a whole, rather than a column?"""
    if not isinstance(node, ast.Subscript):
        return True
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return not any(isinstance(part, ast.Slice) for part in parts)


def _sign(op: ast.operator) -> str:
    return {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}.get(type(op), "")
