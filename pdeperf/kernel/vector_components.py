"""Expressions with short arrays, written out for one component or for all."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pdeperf.kernel.syntax import is_atom, is_line, number
from pdeperf.kernel.vector_shapes import ELEMENTWISE, Function, NotShortError, Shapes, Value
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation
from pdeperf.source.scopes import parameters

WIDTH = 100
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_TO_FLOAT = frozenset(
    f"{home}.{name}"
    for home in ("math", "numpy")
    for name in "sqrt exp log sin cos tan tanh sinh cosh hypot dot".split()
) | {"builtins.float"}


class Components:
    """The expressions of one function.

    A short array is in memory (``real``), or a tuple, or, where it is changed in place, one variable
    for each component (``spread``).
    """

    def __init__(
        self, module: Module, function: Function, shapes: Shapes, numpy_name: str, *, is_kernel: bool
    ) -> None:
        self._module, self._function, self._shapes = module, function, shapes
        self._numpy, self._is_kernel = numpy_name, is_kernel
        self._node = function.node
        self._edits: list[Edit] = []
        self._ahead: list[str] | None = None
        self._names_ahead: dict[int, str] = {}
        first = self._node.decorator_list[0] if self._node.decorator_list else None
        self._divides_freely = first is not None and "numpy" in ast.unparse(first)
        self._bound = self._bindings()
        self._spread: frozenset[str] = frozenset()
        self._parameters = frozenset(parameters(self._node))
        self._taken = {node.id for node in module.all(ast.Name)}

    def _value(self, node: ast.expr) -> Value:
        return self._shapes.value(node, self._function)

    def _size(self, node: ast.expr) -> int:
        return self._value(node).size

    def full(self, call: ast.Call) -> str:
        return self._shapes.full(call.func)

    def _is_view(self, node: ast.expr | None) -> bool:
        """Is it a part of an array, or an array that was there before?"""
        if isinstance(node, ast.Name):
            return self._is_real(node.id)
        return isinstance(node, ast.Subscript) and bool(self._size(node))

    def _is_real(self, name: str) -> bool:
        """Does a name hold an array in memory all the time?"""
        bound = self._bound.get(name, [])
        if not self._function.names.get(name, Value()).size:
            return True
        return all(
            value is not None and not isinstance(value, ast.Name) and self._is_view(value) for value in bound
        )

    def _bindings(self) -> dict[str, list[ast.expr | None]]:
        """What each name is bound to; None where that is not written there."""
        found: dict[str, list[ast.expr | None]] = {}
        for node in ast.walk(self._node):
            pairs: list[tuple[ast.expr, ast.expr | None]] = []
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    values = getattr(node.value, "elts", []) if isinstance(target, ast.Tuple) else []
                    parts = target.elts if isinstance(target, ast.Tuple) else [target]
                    written = values if len(values) == len(parts) else [None] * len(parts)
                    written = [node.value] if isinstance(target, ast.Name) else written
                    pairs += zip(parts, written, strict=True)
            elif isinstance(node, ast.AnnAssign):
                pairs.append((node.target, node.value))
            elif isinstance(node, ast.For | ast.comprehension):
                pairs += [(part, None) for part in ast.walk(node.target) if isinstance(part, ast.Name)]
            for target, value in pairs:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(value)
        return found

    def _whole(self, node: ast.expr) -> None:
        """A short array as a tuple of its components, where one stands."""
        is_plain = isinstance(node, ast.Name) and node.id not in self._spread
        if is_plain or self._is_called(node) or self._is_view(node):
            self._scalar(node, is_array=True)
        else:
            self._replace(node, self._written(node, "", self._components(node)))

    def _is_called(self, node: ast.expr) -> bool:
        """Is it what one of the compiled functions returns?"""
        return isinstance(node, ast.Call) and self._shapes.called(node) is not None

    def _components(self, node: ast.expr) -> list[str]:
        return [self._component(node, c) for c in range(self._size(node))]

    def _component(self, node: ast.expr, component: int) -> str:
        """Text of one component."""
        match node:
            case ast.Name(id=name):
                return f"{name}_{component}" if name in self._spread else f"{name}[{component}]"
            case ast.Subscript(value=ast.Name() as whole):
                return self._of_part(node, whole, component)
            case ast.BinOp(op=ast.Pow(), left=left, right=ast.Constant(value=2)):
                return self._with(node, [left], component)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, OPERATORS):
                if isinstance(op, ast.Div):
                    self._need_free_division(right)
                return self._with(node, [left, right], component)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._with(node, [operand], component)
            case ast.IfExp(test=test, body=body, orelse=orelse) if not self._size(test):
                with self._nothing_ahead():
                    return self._with(node, [test, body, orelse], component)
            case ast.Call():
                return self._of_call(node, component)
        raise NotShortError

    def _with(self, node: ast.expr, parts: Sequence[ast.expr], component: int) -> str:
        """Text of a node in which its parts are replaced."""
        start, end = extent(self._module, node)
        edits = []
        for part in parts:
            low, high = extent(self._module, part)
            text = self._component(part, component) if self._size(part) else self._text(part)
            edits.append(Edit(low - start, high - start, text))
        return apply(self._module.text[start:end], edits)

    def _of_part(self, node: ast.Subscript, whole: ast.Name, component: int) -> str:
        if not self._is_real(whole.id):
            raise NotShortError
        index = node.slice
        parts = [*index.elts] if isinstance(index, ast.Tuple) else [index]
        texts, is_done = [], False
        for part in parts:
            if isinstance(part, ast.Slice):
                low = part.lower.value if isinstance(part.lower, ast.Constant) else 0
                texts.append(str(int(low) + component))  # type: ignore[arg-type]
                is_done = True
            elif any(isinstance(inner, ast.Call) for inner in ast.walk(part)):
                raise NotShortError
            else:
                texts.append(self._text(part))
        return f"{whole.id}[{', '.join(texts if is_done else [*texts, str(component)])}]"

    def _of_call(self, node: ast.Call, component: int) -> str:
        full = self.full(node)
        if filling := self._shapes.filling(node):
            return filling
        if full == "numpy.array" and (parts := self._shapes.literal(node)):
            return self._element(parts[component])
        if full in ("numpy.array", "numpy.copy"):
            return self._atom(node.args[0], component)
        if full in ELEMENTWISE:
            return self._with(node, node.args, component)
        if full == "numpy.cross":
            one, other = ((component + shift) % 3 for shift in (1, 2))
            sides = [[self._atom(side, place) for place in (one, other)] for side in node.args]
            return f"({sides[0][0]} * {sides[1][1]} - {sides[0][1]} * {sides[1][0]})"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not full:
            return self._atom(node.func.value, component)
        if self._shapes.called(node):
            return f"{self._computed_ahead(node)}[{component}]"
        raise NotShortError

    def _atom(self, node: ast.expr, component: int) -> str:
        text = self._component(node, component)
        return text if is_atom(text) else f"({text})"

    def _element(self, node: ast.expr) -> str:
        """An element of ``np.array([a, b])``, which makes floats of all."""
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return f"{node.value}.0"
        text = self._text(node)
        if not self._is_float(node):
            return f"float({text})"
        is_single = isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Subscript)
        above = self._module.parents[self._module.parents[node]]
        is_alone = not isinstance(self._module.parents.get(above), ast.BinOp | ast.UnaryOp)
        return text if is_single or is_alone else f"({text})"

    def _is_float(self, node: ast.expr, asked: frozenset[str] = frozenset()) -> bool:
        """Is it a float even if an argument that was one is given an integer?"""
        match node:
            case ast.BinOp(op=ast.Div()):
                return True
            case ast.BinOp(left=left, right=right, op=ast.Add() | ast.Sub() | ast.Mult()):
                return self._is_float(left, asked) or self._is_float(right, asked)
            case ast.BinOp(left=inner, op=ast.Pow()) | ast.UnaryOp(operand=inner):
                return self._is_float(inner, asked)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_float(body, asked) and self._is_float(orelse, asked)
            case ast.Name(id=name):
                is_own = name in self._bound and name not in self._parameters
                given = self._bound.get(name, [])
                is_element = self._value(node).kind.base == "npfloat" and None in given
                if not is_own or is_element or name in asked:
                    return is_own
                return all(one is not None and self._is_float(one, asked | {name}) for one in given)
            case ast.Call():
                full = self.full(node)
                if full in ("numpy.abs", "builtins.abs") and len(node.args) == 1:
                    return self._is_float(node.args[0], asked)
                return full in _TO_FLOAT
            case ast.Subscript(value=value):
                return self._value(value).kind.dtype == "float64"
            case ast.Constant(value=value):
                return isinstance(value, float)
        return False

    def _computed_ahead(self, node: ast.Call) -> str:
        """The name of what a function returns, which is called before the statement."""
        callee = self._shapes.called(node)
        if self._ahead is None or callee is None or self._shapes.stores(callee):
            raise NotShortError
        assert isinstance(node.func, ast.Name)
        known = self._names_ahead.get(id(node))
        if known:
            return known
        text = self._text(node, is_array=True)
        given = node.args[-1].id if node.args and isinstance(node.args[-1], ast.Name) else "here"
        name = f"{node.func.id.removesuffix('_kernel')}_{given}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self._names_ahead[id(node)] = name
        self._ahead.append(f"{name} = {text}")
        return name

    def _need_free_division(self, divisor: ast.expr) -> None:
        """Arrays divide by zero without an exception; numbers of a function may raise one."""
        is_number = isinstance(divisor, ast.Constant) and isinstance(divisor.value, int | float)
        if not self._divides_freely and not (is_number and divisor.value):  # type: ignore[attr-defined]
            raise NotShortError

    def _replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        self._edits.append(Edit(*extent(self._module, node), text))

    def _written(self, node: ast.expr | ast.stmt, head: str, parts: Sequence[str]) -> str:
        """``head`` and a tuple in place of a node, on one line or on several."""
        statement: ast.AST = node
        while not isinstance(statement, ast.stmt):
            statement = self._module.parents[statement]
        indent = indentation(self._module, statement)
        line = f"{head}{', '.join(parts)}"
        start, end = extent(self._module, node)
        around = len(self._module.lines[statement.lineno - 1]) - (end - start) if not head else len(indent)
        is_alone = bool(head) or isinstance(self._module.parents[node], ast.Return)
        if around + len(line) <= WIDTH and "\n" not in line:
            return line if is_alone or self._is_enclosed(node) else f"({line})"
        rows = "".join(f"{indent}    {part},\n" for part in parts)
        return f"{head}(\n{rows}{indent})"

    def _is_enclosed(self, node: ast.expr | ast.stmt) -> bool:
        """Does it stand in parentheses of its own?"""
        start, end = extent(self._module, node)
        is_call = isinstance(self._module.parents[node], ast.Call)
        return not is_call and self._module.text[start - 1] == "(" and self._module.text[end : end + 1] == ")"

    @contextmanager
    def _apart(self) -> Iterator[list[Edit]]:
        kept, self._edits = self._edits, []
        try:
            yield self._edits
        finally:
            self._edits = kept

    @contextmanager
    def _nothing_ahead(self) -> Iterator[None]:
        """Within what may not be computed at all."""
        kept, self._ahead = self._ahead, None
        yield
        self._ahead = kept

    def _text(self, node: ast.expr, *, is_array: bool = False) -> str:
        """Text of what is no short array, or is one in memory."""
        with self._apart() as edits:
            self._scalar(node, is_array=is_array)
        start, end = extent(self._module, node)
        return apply(
            self._module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in edits]
        )

    def _scalar(self, node: ast.AST, *, is_array: bool = False) -> None:
        """Edits within what is no short array itself."""
        if isinstance(node, ast.expr) and self._size(node) and not is_array:
            raise NotShortError
        match node:
            case ast.Subscript(value=ast.Name(id=name) as value, slice=index) if self._size(value):
                self._scalar(index)
                if name in self._spread:
                    place = number(index)
                    if place not in range(self._size(value)):
                        raise NotShortError
                    self._replace(node, f"{name}_{place}")
                elif isinstance(index, ast.Slice) and not self._is_real(name):
                    raise NotShortError  # a part of a tuple, of a length that is not known
            case ast.Subscript(value=value, slice=ast.Constant(value=int() as place)) if self._size(
                value
            ) and not self._is_view(value):
                if place not in range(self._size(value)):
                    raise NotShortError
                text = self._component(value, place)
                self._replace(node, text if is_atom(text) else f"({text})")
            case ast.Subscript(value=value, slice=index):
                self._scalar(value, is_array=self._is_view(value))
                self._scalar(index)
            case ast.Call():
                self._call(node)
            case ast.BinOp(op=ast.MatMult(), left=left, right=right) if self._size(left) and self._size(
                right
            ):
                text = self._products(left, right)
                self._replace(node, text[1:-1] if self._is_enclosed(node) else text)
            case ast.Name():
                pass
            case ast.IfExp() | ast.BoolOp():
                with self._nothing_ahead():
                    for child in ast.iter_child_nodes(node):
                        self._scalar(child)
            case ast.Attribute(value=value) if self._size(value):
                raise NotShortError
            case ast.ListComp() | ast.GeneratorExp():
                if any(isinstance(part, ast.expr) and self._size(part) for part in ast.walk(node)):
                    raise NotShortError
            case _:
                for child in ast.iter_child_nodes(node):
                    self._scalar(child)

    def _call(self, node: ast.Call) -> None:
        callee = self._shapes.called(node)
        if callee is not None:
            names = parameters(callee.node)
            words = [(word.arg or "", word.value) for word in node.keywords]
            for name, given in [*zip(names, node.args, strict=False), *words]:
                if self._size(given) != callee.names.get(name, Value()).size:
                    raise NotShortError
                if not self._size(given):
                    self._scalar(given)
                elif is_line(given) and not self._shapes.stores(callee):
                    self._replace(given, self._written(given, "", self._components(given)))
                else:
                    self._whole(given)
            return
        full = self.full(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) and not full else None
        short = [part for part in (*([owner] if owner else []), *node.args) if self._size(part)]
        if not short:
            for part in (*([owner] if owner else []), *node.args, *(word.value for word in node.keywords)):
                self._scalar(part)
            return
        name = full.removeprefix("numpy.") if full else f".{node.func.attr}"  # type: ignore[attr-defined]
        if node.keywords or len(short) != len(node.args) + (owner is not None):
            raise NotShortError
        self._replace(node, self._reduced(name, short))

    def _reduced(self, name: str, short: Sequence[ast.expr]) -> str:
        """One number made of short arrays."""
        match name, short:
            case (("dot" | ".dot"), [one, other]):
                return self._products(one, other)
            case "linalg.norm", [one]:
                parts = (self._atom(one, c) for c in range(self._size(one)))
                return f"{self._numpy}.sqrt({' + '.join(f'{part} ** 2' for part in parts)})"
            case (("sum" | ".sum" | "builtins.sum"), [one]):
                return f"({' + '.join(self._components(one))})"
            case (("max" | ".max" | "min" | ".min" | "amax" | "amin"), [one]):
                text, *others = self._components(one)
                function = f"{self._numpy}.{'maximum' if 'max' in name else 'minimum'}"
                for more in others:
                    text = f"{function}({text}, {more})"
                return text
            case "builtins.len", [one]:
                return str(self._size(one))
        raise NotShortError

    def _products(self, one: ast.expr, other: ast.expr) -> str:
        if self._size(one) != self._size(other):
            raise NotShortError
        pairs = (f"{self._atom(one, c)} * {self._atom(other, c)}" for c in range(self._size(one)))
        return f"({' + '.join(pairs)})"
