"""What the names of a region for the GPU are: locals of functions that are put in, and sparse matrices."""

import ast
import copy

from pdeperf.arrays.callees import definition
from pdeperf.arrays.entries import reached
from pdeperf.arrays.inline import Inlined, Renamed
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.unroll import Length
from pdeperf.kernel.kinds import UNKNOWN, Kind
from pdeperf.source.scopes import local_names

_PLAIN = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)


class GpuNames(Names):
    """Names of a region for the GPU: of the functions that are put in, their locals are known too."""

    exchanges_paths = True
    counts = False
    gathers = False

    numbers: frozenset[str] = frozenset()
    """Names of numbers that are made of arrays before they are used."""

    made: frozenset[str] = frozenset()
    """Names that only the rewrite has."""

    alone: frozenset[str] = frozenset()
    """Those of them that stand for what a transform gives."""

    def inlined(self, call: ast.Call, *, is_read: bool = False) -> Inlined | None:
        """As ever; new names remember the locals that they stand for."""
        known = self.taken
        found = super().inlined(call, is_read=is_read)
        if found is None:
            return None
        function = found.function
        stems = sorted(local_names(function), key=len, reverse=True)
        for name in self.taken - known:
            stem = next((each for each in stems if name == each or name.startswith(f"{each}_")), None)
            if stem is not None:
                self._stands_for()[name] = function, stem
        self.made |= self.taken - known
        return found

    def unrolled(self, loop: ast.For, length: Length) -> list[ast.stmt] | None:
        """The region's own loop stays a loop, however few turns it has."""
        return None if loop in self.region else super().unrolled(loop, length)

    def _stands_for(self) -> dict[str, tuple[ast.FunctionDef, str]]:
        if "_locals" not in self.__dict__:
            self._locals: dict[str, tuple[ast.FunctionDef, str]] = {}
        return self._locals

    def _property_kind(self, node: ast.Attribute) -> Kind:
        """The kind of a property that makes a number of its object's numbers, and does nothing else."""
        function = self._method(node)
        if function is None:
            return UNKNOWN
        body = [part for part in function.body if not _is_text(part)]
        match body, function.args.args, [ast.unparse(each) for each in function.decorator_list]:
            case [ast.Return(value=ast.expr() as value)], [ast.arg(arg=own)], ["property"]:
                pass
            case _:
                return UNKNOWN
        read: set[str] = set()
        for part in ast.walk(value):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == own:
                inner = ast.Attribute(value=node.value, attr=part.attr, ctx=ast.Load())
                read.add(part.attr)
                if not self._kind(inner).is_scalar:
                    return UNKNOWN
            elif isinstance(part, ast.Call):
                if not self.called(part.func).startswith(("numpy.", "math.", "builtins.")):
                    return UNKNOWN
            elif not isinstance(part, _PLAIN):
                return UNKNOWN
        self.made_of |= read
        return self.kind_of(Renamed({own: node.value}).visit(copy.deepcopy(value)))

    def _kind(self, node: ast.expr) -> Kind:
        found = super()._kind(node)
        if found == UNKNOWN and isinstance(node, ast.Attribute) and self.is_property(node):
            return self._property_kind(node)
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if found != UNKNOWN or not isinstance(root, ast.Name):
            return found
        local = self._stands_for().get(root.id)
        if local is None:
            return found
        function, stem = local
        seen = self.observed.look(self.module, function, stem + ast.unparse(node).removeprefix(root.id))
        return seen.kind if seen is not None else UNKNOWN

    def _shape(self, name: str, ndim: int) -> list[int]:
        function, stem = self._stands_for().get(name, (None, ""))
        if function is None:
            return super()._shape(name, ndim)
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        for each, kind, value, line in self._facts:
            parts = value.split("x") if each == stem and kind == "shape" and line in lines else []
            if len(parts) == ndim:
                return [int(part) for part in parts]
        return []

    def function(self, node: ast.expr) -> ast.FunctionDef | None:
        """The function of this file that an expression always means."""
        return definition(node, self.module, self.scope) or self._method(node)

    def is_array(self, node: ast.expr) -> bool:
        """Does a path stand for an array?"""
        return is_path(node) and self._kind(node).is_array

    def is_matrix(self, node: ast.AST) -> bool:
        """Is a path always one and the same sparse matrix while the region runs?"""
        if not isinstance(node, ast.Name | ast.Attribute) or not is_path(node):
            return False
        text = ast.unparse(node)
        types = [*self._rows(text, "type")]
        if not types or not all(each.startswith("scipy.sparse.") for each in types):
            return False
        parts = [*self.region, *reached(self.region, self.module)]
        return not any(_changes(part, text) for part in parts)

    def is_made_here(self, paths: frozenset[str]) -> bool:
        """Are some names bound by the region and not before it?"""
        own = self.scope.binds | self.made
        return any(root in own - self.before for root in (path.split(".")[0] for path in paths))

    def fresh_made(self, stem: str) -> str:
        """A name that only the rewrite has."""
        name = self.fresh_plain(stem)
        self.made |= {name}
        return name


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _changes(tree: ast.AST, path: str) -> bool:
    """May a statement bind a path, or set something in the matrix?"""
    last = path.rpartition(".")[2]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            continue
        if isinstance(node.ctx, ast.Load):
            if isinstance(node, ast.Attribute) and node.attr in ("setdiag", "sort_indices", "resize"):
                return True
            continue
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute | ast.Subscript):
            if isinstance(inner, ast.Attribute) and inner.attr == last:
                return True
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id == last and "." not in path:
            return True
        if isinstance(inner, ast.Name) and path.startswith(f"{ast.unparse(node)}."):
            return True
    return False
