"""The values of a matrix that is computed of others, as an expression of their values.

``A - diags(v)`` becomes ``at(A) - at(v)``: what stands at the entries of the result.
"""

import ast
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.dependencies import Dependencies, Impure

_DIAGONALS = frozenset(("scipy.sparse.diags", "scipy.sparse.diags_array"))
_BLOCKS = frozenset(("scipy.sparse.bmat", "scipy.sparse.block_array"))
_MAKERS = _DIAGONALS | {f"scipy.sparse.{name}" for name in ("spdiags", "eye", "eye_array", "identity")}
_FORMATS = ("_csr.", "_csc.", "_dia.", "_lil.")
_CONVERSIONS = ("tocsr", "tocsc", "tocoo", "todia", "copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a part of a matrix stands.

    Attributes
    ----------
    statement
        The statement that mentions it.
    block
        Row and column of the block; None outside all blocks.
    is_turned
        Is it transposed there?
    """

    statement: ast.stmt
    block: tuple[int, int] | None = None
    is_turned: bool = False


@dataclass(slots=True)
class Values:
    """Writes expressions of sparse matrices as expressions of values; notes what they consist of.

    Attributes
    ----------
    at
        The name of the function that gives the values of a part.
    bound
        The names that statements before bind to matrices, with these statements.
    used
        Those of them that the matrix consists of.
    computed_count
        How many sums, products and tables of blocks there are.
    is_scaled
        Are there rows or columns that are multiplied?
    has_blocks, has_whole
        Are there parts in blocks, and some outside of all?
    """

    meaning: Meaning
    module: Module
    at: str
    bound: dict[str, ast.Assign] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    computed_count: int = 0
    is_scaled: bool = False
    has_blocks: bool = False
    has_whole: bool = False

    def of(self, node: ast.expr, where: Where) -> ast.expr | None:
        """The values of a matrix; None where it is none, by rules that we know."""
        match node:
            case ast.Name(id=name) if name in self.bound:
                binding = self.bound[name]
                self.used.add(name)
                there = Where(statement=binding, block=where.block, is_turned=where.is_turned)
                return self.of(binding.value, there)
            case ast.Name() | ast.Attribute(value=ast.Name()) if formats := self._formats(node, where):
                is_lil = any("_lil." in one for one in formats)
                return self._part(_called(node, "tocsr") if is_lil else node, where)
            case ast.Attribute(value=value, attr="T"):
                turned = Where(statement=where.statement, block=where.block, is_turned=not where.is_turned)
                return self.of(value, turned)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                values = self.of(operand, where)
                return values and ast.UnaryOp(ast.USub(), values)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                self.computed_count += 1
                values, others = self.of(left, where), self.of(right, where)
                return values and others and ast.BinOp(values, op, others)
            case ast.BinOp(left=left, op=ast.Mult(), right=right) if self._is_plain(left, where):
                values = self.of(right, where)
                return values and ast.BinOp(left, ast.Mult(), values)
            case ast.BinOp(left=left, op=ast.Mult(), right=right) if self._is_plain(right, where):
                values = self.of(left, where)
                return values and ast.BinOp(values, ast.Mult(), right)
            case ast.BinOp(left=left, op=ast.Div(), right=right) if self._is_plain(right, where):
                values = self.of(left, where)  # as SciPy does it
                inverse = ast.BinOp(ast.Constant(1.0), ast.Div(), right)
                return values and ast.BinOp(values, ast.Mult(), inverse)
            case (
                ast.BinOp(left=left, op=ast.MatMult(), right=right)
                | ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right], keywords=[])
            ):
                return self._product(left, right, where)
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[], keywords=[]) if (
                attr in _CONVERSIONS
            ):
                return self.of(value, where)
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=[first, *rest], keywords=keywords):
                name = self.meaning.full(self.module, func)
                if not all(self._is_plain(one, where) for one in (*rest, *(each.value for each in keywords))):
                    return None
                if name in _BLOCKS:
                    return self._blocks(first, where)
                return self._made(node, where) if name in _MAKERS and self._is_plain(first, where) else None
            case _:
                return None

    def _part(self, node: ast.expr, where: Where, along: ast.expr | None = None) -> ast.expr:
        """``at(A, i, j)``."""
        if where.block is None:
            self.has_whole = True
        if where.is_turned and along is None:
            node = ast.Attribute(node, "T")
        block = [] if where.block is None else [ast.Constant(place) for place in where.block]
        keywords = [ast.keyword("along", along)] if along is not None and not block else []
        more = [along] if along is not None and block else []
        return ast.Call(ast.Name(self.at), [node, *block, *more], keywords)

    def _product(self, left: ast.expr, right: ast.expr, where: Where) -> ast.expr | None:
        """A matrix with all rows or columns multiplied by the entries of a diagonal one."""
        self.computed_count += 1
        self.is_scaled = True
        names = ("columns", "rows") if where.is_turned else ("rows", "columns")
        for name, diagonal, other in zip(names, (left, right), (right, left), strict=True):
            vector = self._vector(diagonal, where)
            values = vector and self.of(other, where)
            if vector and values:
                return ast.BinOp(self._part(vector, where, ast.Constant(name)), ast.Mult(), values)
        return None

    def _vector(self, node: ast.expr, where: Where) -> ast.expr | None:
        """The main diagonal of a matrix that has no other entries, as far as can be seen."""
        match node:
            case ast.Name(id=name) if name in self.bound:
                self.used.add(name)
                return self._vector(self.bound[name].value, where)
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=[vector], keywords=[]) if (
                self.meaning.full(self.module, func) in _DIAGONALS and self._is_plain(vector, where)
            ):
                return None if isinstance(vector, ast.List | ast.Tuple) else vector
            case _:
                return None

    def _blocks(self, node: ast.expr, where: Where) -> ast.expr | None:
        self.computed_count += 1
        if where.block is not None or where.is_turned or not isinstance(node, ast.List | ast.Tuple):
            return None
        rows = [row.elts for row in node.elts if isinstance(row, ast.List | ast.Tuple)]
        if len(rows) != len(node.elts):
            return None
        self.has_blocks = True
        whole: ast.expr | None = None
        for place, row in enumerate(rows):
            for column, one in enumerate(row):
                if isinstance(one, ast.Constant) and one.value is None:
                    continue
                values = self.of(one, Where(statement=where.statement, block=(place, column)))
                if values is None:
                    return None
                whole = values if whole is None else ast.BinOp(whole, ast.Add(), values)
        return whole

    def _made(self, node: ast.Call, where: Where) -> ast.expr:
        """What ``diags`` makes of vectors, as these; every other matrix as it is."""
        assert isinstance(node.func, ast.Name | ast.Attribute)
        if self.meaning.full(self.module, node.func) not in _DIAGONALS:
            return self._part(node, where)
        named = {one.arg: one.value for one in node.keywords}
        first, *more = node.args
        offsets = more[0] if more else named.get("offsets", ast.Constant(0))
        if len(more) > 1 or not {*named} <= {"offsets", "format", "shape"}:
            return self._part(node, where)
        is_list = isinstance(first, ast.List | ast.Tuple)
        if is_list != isinstance(offsets, ast.List | ast.Tuple):
            return self._part(node, where)
        vectors = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
        places = offsets.elts if isinstance(offsets, ast.List | ast.Tuple) else [offsets]
        if len(vectors) != len(places) or not all(map(_may_be_array, vectors)):
            return self._part(node, where)
        whole: ast.expr | None = None
        for vector, place in zip(vectors, places, strict=True):
            along = ast.UnaryOp(ast.USub(), place) if where.is_turned else place
            is_main = isinstance(place, ast.Constant) and place.value == 0
            upright = Where(statement=where.statement, block=where.block)
            one = self._part(vector, upright, None if is_main else along)
            whole = one if whole is None else ast.BinOp(whole, ast.Add(), one)
        assert whole is not None
        return whole

    def _formats(self, node: ast.expr, where: Where) -> list[str]:
        """The types of a name or an attribute, if all that were seen are matrices."""
        text = ast.unparse(node)
        kinds = [*self.meaning.values(self.module, where.statement, text, "type")]
        if self.meaning.values(self.module, where.statement, text, "property"):
            return []
        is_known = all(
            kind.startswith("scipy.sparse.") and any(form in kind for form in _FORMATS) for kind in kinds
        )
        return kinds if is_known else []

    def _is_plain(self, node: ast.expr, where: Where) -> bool:
        """Does an expression only compute, of no matrix, so that it may be evaluated twice?"""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in self.bound:
                return False
            if isinstance(inner, ast.Name | ast.Attribute):
                kinds = self.meaning.values(self.module, where.statement, ast.unparse(inner), "type")
                if any("sparse" in kind for kind in kinds):
                    return False
        try:
            [*Dependencies(self.meaning).of(self.module, [node], frozenset())]
        except Impure:
            return False
        return True


def _called(node: ast.expr, method: str) -> ast.expr:
    return ast.Call(ast.Attribute(node, method), [], [])


def _may_be_array(node: ast.expr) -> bool:
    """Numbers and lists are left to ``diags``, which repeats and converts them."""
    match node:
        case ast.UnaryOp(operand=operand):
            return _may_be_array(operand)
        case ast.BinOp(left=left, right=right):
            return _may_be_array(left) or _may_be_array(right)
        case _:
            return not isinstance(node, ast.Constant | ast.List | ast.Tuple)
