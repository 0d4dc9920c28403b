"""Expressions on the host that can be computed on the device instead."""

import ast
import copy

from pdeperf.transfers.on_device import OnDevice

NUMBER, ARRAY, SAME = "number", "array", "same"
"""What was on the host and is on the device now; ``SAME``: what was on the device before."""

_ELEMENTWISE = frozenset(
    "sqrt exp log sin cos tan sinh cosh tanh abs absolute fabs square maximum minimum hypot arctan2 real "
    "imag conj".split()
)
_EXACT = frozenset("sqrt abs absolute fabs square maximum minimum real imag conj max min amax amin".split())
_REDUCING = frozenset("sum mean max min std var".split())
_MATH = frozenset("sqrt exp log sin cos tan sinh cosh tanh fabs hypot".split())
_COUNTING = frozenset("argmax argmin count_nonzero nonzero all any".split())
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_ABOUT = frozenset(("shape", "size", "ndim", "dtype"))


class Looked(Exception):  # noqa: N818 - a reason, not a fault
    """The host needs the value itself."""


class DeviceValues:
    """Follows a converted value through expressions.

    Parameters
    ----------
    device
        What is on the device already.
    seed
        The conversion: ``float(u.sum())``, ``u.get()``, ``u.max().item()``.

    Attributes
    ----------
    names
        Names that come to stand for device values, and whether for numbers or arrays.
    taken
        Conversions that were left out.
    problem
        Why the conversion itself cannot be left out; empty if it can.
    """

    def __init__(self, device: OnDevice, seed: ast.expr) -> None:
        self._device, self._seed = device, seed
        self.cupy = device.alias("cupy")
        self.names: dict[str, str] = {}
        self.taken: list[ast.expr] = []
        self.exact = True
        self.problem = "" if self.cupy else "CuPy is not imported under a name of its own"
        self._inner, self._kind, self._host = self._converted(seed)

    def _converted(self, seed: ast.expr) -> tuple[ast.expr, str, str]:
        """What is converted, whether it is a number, and the type that the host gets."""
        match seed:
            case ast.Call(func=ast.Name(id="float"), args=[inner], keywords=[]):
                kind, host = NUMBER, "float"
            case ast.Call(func=ast.Attribute(value=inner, attr="item"), args=[], keywords=[]):
                kind, host = NUMBER, "float"
            case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[], keywords=[]):
                kind, host = NUMBER if self._device.is_reduced(inner) else ARRAY, "numpy"
            case ast.Call(func=func, args=[inner], keywords=[]) if self._device.full(func) == "cupy.asnumpy":
                kind, host = NUMBER if self._device.is_reduced(inner) else ARRAY, "numpy"
            case _:
                self.problem = self.problem or "the host looks at it where it is made"
                return seed, NUMBER, "float"
        for node in ast.walk(inner):
            name = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            counting = isinstance(node, ast.Attribute) and node.attr in _COUNTING
            if isinstance(node, ast.Compare) or counting:
                self.problem = self.problem or "it is a count"
            if name in self._device.arrays and self.dtype(name) != "float64":
                self.problem = self.problem or f"`{name}` is not known to be of double precision"
        if not self._device.is_array(inner):
            self.problem = self.problem or f"`{ast.unparse(inner)[:40]}` may not be on the device"
        return inner, kind, host

    def dtype(self, name: str) -> str:
        """The element type that was seen of a name."""
        return self._device.dtypes.get(name, "")

    def bind(self, name: str, kind: str, line: int) -> None:
        """Note what a name stands for."""
        if kind == SAME or not kind:
            return
        if name in self._device.arrays:
            raise Looked(f"line {line}: `{name}` stands for an array on the device too")
        if self.names.setdefault(name, kind) != kind:
            raise Looked(f"line {line}: `{name}` stands for numbers and for arrays")

    def touches(self, tree: ast.AST) -> bool:
        """Is the value, or one made of it, used in a tree?"""
        return any(
            node is self._seed
            or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.names)
            or (isinstance(tree, ast.AugAssign) and node is tree.target and self._is_kept(node))
            for node in ast.walk(tree)
        )

    def _is_kept(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self.names

    def host_type(self, node: ast.expr) -> str:
        """What type the host had: ``float``, or NumPy's."""
        if node is self._seed:
            return self._host
        if isinstance(node, ast.Name):
            return "float" if self._device.types.get(node.id) == "float" else "numpy"
        return "numpy" if self._host == "numpy" else "float"

    def as_host(self, name: str, kind: str) -> str:
        """Text that brings a name's value to the host."""
        if kind == ARRAY:
            return f"{self.cupy}.asnumpy({name})"
        return (
            f"float({name})"
            if self._device.types.get(name) == "float"
            else f"{self.cupy}.asnumpy({name})[()]"
        )

    def on_host(self, statement: ast.stmt) -> ast.stmt:
        """A statement of a branch that looks at the values: they are brought there and then."""
        found = _Brought(self).visit(copy.deepcopy(statement))
        assert isinstance(found, ast.stmt)
        return found

    def value(self, node: ast.expr) -> tuple[ast.expr, str]:
        """An expression on the device, and what it was before; ``""`` for what is the host's as before.

        Raises
        ------
        Looked
            If only the host can compute it.
        """
        if node is self._seed:
            self.taken.append(node)
            inner = copy.deepcopy(self._inner)
            is_new = not isinstance(inner, ast.Subscript) and self._device.is_reduced(inner)
            is_new = is_new or isinstance(inner, ast.BinOp | ast.UnaryOp)
            return (inner if is_new else method(inner, "copy")), self._kind
        if isinstance(node, ast.Name) and node.id in self.names:
            return node, self.names[node.id]
        if not self.touches(node):
            names = {
                ast.unparse(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)
            }
            if names & self._device.on_host:
                raise Looked(f"line {node.lineno}: `{min(names & self._device.on_host)}` is the host's")
            return node, SAME if self._device.is_array(node) else ""
        match node:
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
                self.exact = self.exact and not isinstance(op, ast.Pow)
                (one, first), (other, second) = self.value(left), self.value(right)
                made = ast.copy_location(ast.BinOp(left=one, op=op, right=other), node)
                return made, _joined(first, second)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                inner, kind = self.value(operand)
                return ast.copy_location(ast.UnaryOp(op=op, operand=inner), node), kind
            case ast.Subscript(value=ast.Name(id=name) as inner, slice=index) if (
                self.names.get(name) == ARRAY
            ):
                return self._part(inner, index, node)
            case ast.Call():
                return self._call(node)
        raise Looked(f"line {node.lineno}: `{ast.unparse(node)[:40]}` looks at it in every turn")

    def _part(self, inner: ast.Name, index: ast.expr, node: ast.expr) -> tuple[ast.expr, str]:
        if self.touches(index):
            raise Looked(f"line {node.lineno}: it is used as an index")
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        single = not any(isinstance(part, ast.Slice) or ast.unparse(part) == "..." for part in parts)
        if single and len(parts) == self._device.ndims.get(inner.id):
            return method(copy.deepcopy(node), "copy"), NUMBER
        if any(not isinstance(part, ast.Slice | ast.Constant | ast.UnaryOp | ast.Name) for part in parts):
            raise Looked(f"line {node.lineno}: a part of an array")
        return copy.deepcopy(node), ARRAY

    def _call(self, node: ast.Call) -> tuple[ast.expr, str]:
        name = self._device.full(node.func)
        last = name.rpartition(".")[2]
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise Looked(f"line {node.lineno}: `{ast.unparse(node)[:40]}` looks at it in every turn")
        made = [self.value(each) for each in node.args]
        texts, kinds = [text for text, _ in made], [kind for _, kind in made]
        if (name == "float" or name == "numpy.float64") and kinds == [NUMBER]:
            return texts[0], NUMBER
        if name == "abs" and len(texts) == 1:
            return ast.Call(func=node.func, args=texts, keywords=[]), kinds[0]
        if name in ("min", "max") and len(texts) == 2 and ARRAY not in kinds and SAME not in kinds:
            return self._chosen(name, texts), NUMBER
        if name in ("cupy.asarray", "cupy.array") and kinds == [ARRAY]:
            return method(texts[0], "copy"), SAME
        known = (name.startswith("math.") and last in _MATH) or (
            name.startswith(("numpy.", "cupy.")) and name.count(".") == 1 and last in _ELEMENTWISE | _REDUCING
        )
        if known:
            self.exact = self.exact and last in _EXACT
            function = self._function(last)
            kind = kinds[0] if len(kinds) == 1 else _joined(*kinds[:2])
            if last in _REDUCING:
                kind = SAME if kinds[0] == SAME else NUMBER
            kind = SAME if name.startswith("cupy.") else kind
            return ast.Call(func=function, args=texts, keywords=[]), kind
        if isinstance(node.func, ast.Attribute) and node.func.attr in _REDUCING and not node.args:
            inner, kind = self.value(node.func.value)
            if kind == ARRAY:
                self.exact = self.exact and node.func.attr in _EXACT
                return method(inner, node.func.attr), NUMBER
        raise Looked(f"line {node.lineno}: `{ast.unparse(node)[:40]}` looks at it in every turn")

    def _chosen(self, name: str, texts: list[ast.expr]) -> ast.expr:
        """``min(a, b)`` as Python does it: the first unless the second is smaller."""
        sign: ast.cmpop = ast.Lt() if name == "min" else ast.Gt()
        test = ast.Compare(left=copy.deepcopy(texts[1]), ops=[sign], comparators=[copy.deepcopy(texts[0])])
        return ast.Call(func=self._function("where"), args=[test, texts[1], texts[0]], keywords=[])

    def _function(self, name: str) -> ast.expr:
        return ast.parse(f"{self.cupy}.{name}", mode="eval").body


class _Brought(ast.NodeTransformer):
    def __init__(self, values: DeviceValues) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not isinstance(node.ctx, ast.Load) or node.id not in self._values.names:
            return node
        return ast.parse(self._values.as_host(node.id, self._values.names[node.id]), mode="eval").body


def _joined(one: str, other: str) -> str:
    kinds = {one, other} - {""}
    if SAME in kinds:
        return SAME
    return ARRAY if ARRAY in kinds else NUMBER if kinds else ""


def method(value: ast.expr, name: str) -> ast.expr:
    return ast.Call(func=ast.Attribute(value=value, attr=name, ctx=ast.Load()), args=[], keywords=[])
