"""Expressions in CuPy's words: what of them CuPy does as NumPy does, and numbers made of arrays there."""

import ast
import copy
from collections.abc import Callable

from pdeperf.arrays.paths import is_entry, is_path
from pdeperf.gpu.algebra import DENSE
from pdeperf.gpu.names import GpuNames
from pdeperf.kernel.kinds import Kind

At = Callable[[str], str]

_EXACT = frozenset("real imag conj conjugate copy ravel reshape transpose concatenate stack where".split())
_ELEMENTWISE = frozenset(
    "exp sqrt sin cos tan log abs absolute square maximum minimum sinh cosh tanh hypot arctan2 power".split()
)
_REDUCED = frozenset("sum mean max min amax amin prod std var any all".split())
_ORDERLESS = frozenset("max min amax amin any all".split())
_ALGEBRA = frozenset("dot vdot matmul einsum tensordot outer inner".split())
_NUMPY = _EXACT | _ELEMENTWISE | _REDUCED | _ALGEBRA
_FFT = frozenset(
    "fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn fftshift ifftshift".split()
)
_TO_NUMBERS = frozenset("sum mean max min amax amin any all norm".split())
_METHODS = frozenset("copy conj conjugate ravel reshape transpose sum mean max min any all".split())


def transform(call: ast.Call, names: GpuNames) -> str:
    """The Fourier transform that a call is, ``ifft2``; empty if it is none that CuPy does as NumPy does."""
    home, _, last = names.called(call.func).rpartition(".")
    if home not in ("numpy.fft", "scipy.fft", "scipy.fftpack") or last not in _FFT:
        return ""
    return "" if home == "scipy.fftpack" and "r" in last else last


def numbers_read(
    statement: ast.stmt, names: GpuNames, known: frozenset[str], at: At
) -> tuple[ast.stmt, bool] | None:
    """A statement in which numbers made of arrays on the GPU are made there; None if there are none.

    The flag says whether NumPy's own bits are kept.
    """
    moved = _Numbers(names, known, at)
    changed = moved.visit(copy.deepcopy(statement))
    return (changed, moved.exact) if moved.count else None


class _Numbers(ast.NodeTransformer):
    """``u.max()``, ``np.sum(u)`` and ``u[i, j]`` of arrays on the GPU, computed there."""

    def __init__(self, names: GpuNames, known: frozenset[str], at: At) -> None:
        self._names, self._known, self._at = names, known, at
        self.count = 0
        self.exact = True

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = self._names.called(node.func)
        last = name.rpartition(".")[2] if name.startswith("numpy.") else ""
        inner: ast.expr | None = None
        if not name and isinstance(node.func, ast.Attribute) and not node.args:
            last, inner = node.func.attr, node.func.value
        elif len(node.args) == 1:
            inner = node.args[0]
        if self._is_dot(node, name):
            return self._number(node, exact=False)
        if inner is None or node.keywords or last not in _TO_NUMBERS:
            return self.generic_visit(node)
        return self._number(node, exact=last not in ("sum", "mean", "std", "var", "norm"))

    def _is_dot(self, node: ast.Call, name: str) -> bool:
        """Is it the inner product of two vectors?"""
        given = [*node.args]
        if not name and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            given.append(node.func.value)
        elif name not in ("numpy.dot", "numpy.vdot", "numpy.inner"):
            return False
        vectors = [each for each in given if is_path(each) and self._names._kind(each).ndim == 1]
        return len(given) == len(vectors) == 2 and not node.keywords

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        sides = (node.left, node.right)
        if isinstance(node.op, ast.MatMult) and all(
            is_path(side) and self._names._kind(side).ndim == 1 for side in sides
        ):
            return self._number(node, exact=False)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not isinstance(node.ctx, ast.Load) or not is_path(node.value):
            return self.generic_visit(node)
        kind = self._names._kind(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        whole = kind.is_array and len(parts) == kind.ndim
        if not whole or any(isinstance(part, ast.Slice) for part in parts):
            return self.generic_visit(node)
        if not all(self._names.kind_of(part).base in ("int", "npint") for part in parts):
            return self.generic_visit(node)
        return self._number(node, exact=True)

    def _number(self, node: ast.expr, *, exact: bool) -> ast.AST:
        checked = Checked(self._names)
        if not checked.covers(node) or not checked.arrays.keys() <= self._known or not checked.arrays:
            return self.generic_visit(node)
        self.count += 1
        self.exact = self.exact and exact and checked.exact
        text = on_device(node, self._names, self._at)
        inner = f"({text})" if isinstance(node, ast.BinOp) else text
        return ast.parse(f"{inner}.get()[()]", mode="eval").body


class Checked:
    """Looks an expression through: only what CuPy does as NumPy does."""

    def __init__(self, names: GpuNames) -> None:
        self._names = names
        self.arrays: dict[str, tuple[str, int]] = {}
        self.calls = 0
        self.exact = True
        self.is_heavy = False
        self.matrices: set[str] = set()

    def covers(self, node: ast.expr) -> bool:
        """Is all of it known?"""
        if isinstance(node, ast.Name | ast.Attribute) and is_path(node):
            kind = self._names._kind(node)
            if kind.is_array:
                self.arrays[ast.unparse(node)] = kind.dtype, kind.ndim
                return kind.dtype in ("float64", "complex128", "float32", "int64", "bool")
            if kind.is_scalar:
                return True
        if is_entry(node):
            return self._names.kind_of(node).is_scalar
        match node:
            case ast.Constant(value=int() | float() | complex()):
                return True
            case ast.BinOp(
                left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=right
            ):
                self.exact = self.exact and not isinstance(node.op, ast.Pow)
                return self.covers(left) and self.covers(right)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return self._product(left, right)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.covers(operand)
            case ast.Attribute(value=inner, attr="shape") if is_path(inner):
                return True
            case ast.Attribute(value=inner, attr="real" | "imag" | "T"):
                self.calls += 1
                return self.covers(inner)
            case ast.Subscript(value=inner, slice=index):
                self.calls += 1
                return self.covers(inner) and is_basic(index, self._names)
            case ast.Call():
                return self._call(node)
        return False

    def _product(self, left: ast.expr, right: ast.expr) -> bool:
        """A product with a matrix, or of two arrays; of two vectors it is a number."""
        self.calls += 1
        self.exact = False
        if self._names.is_matrix(left):
            self.matrices.add(ast.unparse(left))
            self.is_heavy = True
            return self.covers(right)
        self.is_heavy = self.is_heavy or any(
            is_path(each) and self._names._kind(each).ndim > 1 for each in (left, right)
        )
        return self.covers(left) and self.covers(right)

    def _call(self, node: ast.Call) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right], keywords=[]) if (
                self._names.is_matrix(left) or self._names.is_array(left)
            ):
                return self._product(left, right)
        if any(isinstance(each, ast.Starred) for each in node.args):
            return False
        if any(each.arg not in ("axis", "axes", "keepdims", "norm", "s", "n") for each in node.keywords):
            return False
        self.calls += 1
        name = self._names.called(node.func)
        home, _, last = name.rpartition(".")
        if transform(node, self._names):
            self.exact, self.is_heavy = False, True
            return self._arguments(node)
        if home == "numpy" and last in _NUMPY:
            self.exact = self.exact and last in _EXACT | _ORDERLESS
            return self._arguments(node)
        if name in DENSE and not node.keywords:
            self.exact, self.is_heavy = False, True
            return self._arguments(node)
        if name == "numpy.linalg.norm" and len(node.args) == 1:
            self.exact = False
            return self._arguments(node)
        if not name and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            self.exact = self.exact and node.func.attr in _EXACT | _ORDERLESS
            return self.covers(node.func.value) and self._arguments(node)
        return False

    def _arguments(self, node: ast.Call) -> bool:
        plain = [each for each in node.args if not isinstance(each, ast.Tuple | ast.Constant)]
        return all(self.covers(each) for each in plain)


def is_basic(index: ast.expr, names: GpuNames) -> bool:
    """Slices, integers and new axes only."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(
        isinstance(part, ast.Slice | ast.Constant)
        or names.kind_of(part).base in ("int", "npint")
        or (isinstance(part, ast.Attribute) and part.attr == "newaxis")
        or (isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant))
        for part in parts
    )


def on_device(value: ast.AST, names: GpuNames, at: At) -> str:
    """An expression with arrays by their names on the GPU, and CuPy's functions."""
    return ast.unparse(_Moved(names, at).visit(copy.deepcopy(value)))


class _Moved(ast.NodeTransformer):
    def __init__(self, names: GpuNames, at: At) -> None:
        self._names, self._at = names, at

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._path(node) or node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        found = self._path(node) if is_path(node) else None
        return found or self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = self._names.called(node.func)
        if not any(
            is_path(part) and self._names._kind(part).is_array
            for part in ast.walk(node)
            if isinstance(part, ast.expr)
        ):
            return node
        self.generic_visit(node) if not name else self._arguments(node)
        if name:
            home, _, last = name.rpartition(".")
            own = {"numpy.fft": "cp.fft", "scipy.fft": "cp.fft", "scipy.fftpack": "cp.fft"}
            own |= {"numpy.linalg": "cp.linalg"}
            node.func = ast.parse(f"{own.get(home, 'cp')}.{last}", mode="eval").body
        return node

    def _arguments(self, node: ast.Call) -> None:
        node.args = [self.visit(each) for each in node.args]
        for each in node.keywords:
            each.value = self.visit(each.value)

    def _path(self, node: ast.expr) -> ast.expr | None:
        kind: Kind = self._names._kind(node)
        if not kind.is_array and not self._names.is_matrix(node):
            return None
        return ast.parse(self._at(ast.unparse(node)), mode="eval").body
