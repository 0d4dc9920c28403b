"""What the names and calls in a file mean, and what they held when the script ran."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.vocabulary import qualified
from pdeperf.lifetimes.numbers import plain_numbers
from pdeperf.lifetimes.starred import STARRED, public
from pdeperf.lifetimes.vocabulary import (
    CHANGING,
    MESHGRID,
    OPERANDS_COUNT,
    PURE,
    PURE_PYTHON,
    SOLVERS,
    VIEWS,
    is_immutable,
    is_number,
)
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.scopes import FUNCTIONS, Function, Scope, own_nodes, scope_of, star_imports

LOOPS = (ast.For, ast.While)
_KNOWN = PURE | VIEWS | CHANGING | {MESHGRID}
_PACKAGES = frozenset(("numpy.fft", "numpy.linalg", "numpy.random"))
_STARRED = ("numpy", "numpy.fft", "numpy.linalg", "scipy.fft", "scipy.fftpack", "scipy.linalg", "pylab")


class Meaning:
    """Resolves names of a project's files; caches what it has found.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._scopes: dict[ast.AST, Scope] = {}
        self._full: dict[tuple[ast.AST, str], str] = {}
        self._rows: dict[tuple[str, str], list[Measurement]] = {}
        for row in project.observed:
            self._rows.setdefault((row.subject, row.metric), []).append(row)
        self._imports: dict[str, frozenset[str]] = {}
        self._numbers: dict[ast.AST, frozenset[str]] = {}
        self.functions: dict[str, list[tuple[Module, Function]]] = {}
        for module in project.modules.values():
            for node in module.nodes:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    self.functions.setdefault(node.name, []).append((module, node))
                elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            self.functions.setdefault(target.id, []).append((module, node.value))

    def home(self, module: Module, node: ast.AST) -> ast.AST:
        """The function or the file that a node runs in."""
        return next(
            above for above in (node, *module.ancestors(node)) if isinstance(above, (*FUNCTIONS, ast.Module))
        )

    def scope(self, module: Module, node: ast.AST) -> Scope:
        """The namespace that a node runs in."""
        home = self.home(module, node)
        if home not in self._scopes:
            self._scopes[home] = scope_of(module, home)
        return self._scopes[home]

    def full(self, module: Module, node: ast.expr) -> str:
        """Full name of the library function or module that an expression is, ``numpy.exp``; or empty."""
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return ""
        scope = self.scope(module, node)
        if root.id not in self._imported(module) and scope.resolve(root.id) is not None:
            return ""
        key = (scope.node, ast.unparse(node))
        if key not in self._full:
            self._full[key] = self._resolved(module, node)
        return self._full[key]

    def _imported(self, module: Module) -> frozenset[str]:
        """Names that some import in a file binds."""
        if module.file not in self._imports:
            self._imports[module.file] = frozenset(
                (alias.asname or alias.name).split(".")[0]
                for node in module.nodes
                if isinstance(node, ast.Import | ast.ImportFrom)
                for alias in node.names
            )
        return self._imports[module.file]

    def _resolved(self, module: Module, node: ast.expr) -> str:
        scope = self.scope(module, node)
        found = qualified(node, module, scope)
        if isinstance(node, ast.Attribute) and not found:
            base = self.full(module, node.value)
            return f"{base}.{node.attr}" if base in _PACKAGES else ""
        if found or not isinstance(node, ast.Name) or scope.resolve(node.id) is not None:
            return found
        seen = {
            str(row.value)
            for row in self.project.observed
            if row.metric == "function" and row.subject == node.id and row.where.file == module.file
        }
        if len(seen) == 1 and ":" not in (one := seen.pop()):
            return public(one)
        for home in reversed(star_imports(module)):
            library = "numpy" if home == "pylab" else home
            if node.id in STARRED.get(home, ()):
                return f"{home}.{node.id}"
            if home in _STARRED and f"{library}.{node.id}" in _KNOWN | _PACKAGES:
                return f"{library}.{node.id}"
            if home not in ("math", *_STARRED, *STARRED):
                break
        return ""

    def is_pure(self, module: Module, call: ast.Call) -> bool:
        """Does a call to a library compute a new value from its arguments alone?"""
        name = self.full(module, call.func)
        if any(keyword.arg in (None, "out", "copy", "where") for keyword in call.keywords):
            return False
        if any((keyword.arg or "").startswith("overwrite") for keyword in call.keywords):
            return False
        if len(call.args) > OPERANDS_COUNT.get(name, len(call.args)):
            return False
        return name in PURE or name in PURE_PYTHON or name.startswith(("math.", "cmath.")) or name == MESHGRID

    def values(self, module: Module, at: ast.stmt, name: str, metric: str) -> frozenset[str]:
        """All that was seen of a name around or inside a statement."""
        where = module.span(at)
        return frozenset(
            str(row.value)
            for row in self._rows.get((name, metric), ())
            if row.where.contains(where) or where.contains(row.where)
        )

    def is_array(self, module: Module, at: ast.stmt, name: str) -> bool:
        """Did a name hold a NumPy array whenever it was looked at?"""
        return self.values(module, at, name, "type") == {"numpy.ndarray"}

    def is_number(self, module: Module, at: ast.stmt, name: str) -> bool:
        """Did a name hold a number whenever it was looked at?"""
        kinds = self.values(module, at, name, "type")
        return bool(kinds) and all(is_number(kind) for kind in kinds)

    def is_plain_number(self, module: Module, node: ast.Name) -> bool:
        """Is a name bound only to numbers that are written out, and to what is computed from these?"""
        owner = self.scope(module, node).resolve(node.id)
        return owner is not None and node.id in self._plain_numbers(module, owner)

    def _plain_numbers(self, module: Module, scope: Scope) -> frozenset[str]:
        if scope.node not in self._numbers:
            self._numbers[scope.node] = plain_numbers(module, scope)
        return self._numbers[scope.node]

    def is_immutable(self, module: Module, at: ast.stmt, name: str) -> bool:
        """Did a name hold what cannot be changed in place whenever it was looked at?"""
        kinds = self.values(module, at, name, "type")
        return bool(kinds) and all(is_immutable(kind) for kind in kinds)

    def sharing_seen(self, module: Module, at: ast.stmt) -> frozenset[frozenset[str]]:
        """Pairs of names that held the same memory, or the same object."""
        where = module.span(at)
        return frozenset(
            frozenset(row.subject.split("|"))
            for row in self.project.observed
            if row.metric in ("shares_memory", "same_object")
            and (row.where.contains(where) or where.contains(row.where))
        )

    def solves(self, module: Module, call: ast.Call) -> bool:
        """Is it a call that solves with factors, or finds them, and keeps nothing that it is given?

        Classes that rewrites have written do so, and SuperLU's factors.
        """
        match call.func:
            case ast.Name() as factors:
                pass
            case ast.Attribute(value=ast.Name() as factors, attr="solve"):
                pass
            case ast.Attribute(value=ast.Call(func=ast.Name() as factors), attr="solve"):
                pass
            case _:
                return False
        owner = self.scope(module, call).resolve(factors.id)
        stores = [
            node
            for node in own_nodes(owner.node if owner is not None else module.tree)
            if isinstance(node, ast.Name) and node.id == factors.id and isinstance(node.ctx, ast.Store)
        ]
        match module.parents.get(stores[0]) if len(stores) == 1 else None:
            case ast.Assign(value=ast.Call(func=ast.Name(id=kind))) if kind.startswith(SOLVERS):
                return any(isinstance(one, ast.ClassDef) and one.name == kind for one in module.tree.body)
            case ast.Assign(value=ast.Call(func=made)) if isinstance(call.func, ast.Attribute):
                return self.full(module, made) == "scipy.sparse.linalg.splu"
        return False

    def called(self, module: Module, call: ast.Call) -> list[tuple[Module, Function]] | None:
        """The user's functions that a call may run; empty for a library's, None if it cannot be told."""
        match call.func:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                if self.full(module, call.func):
                    return []
                if name in self.functions:
                    return self.functions[name]
                seen = {
                    str(row.value)
                    for row in self.project.observed
                    if row.metric == "function" and row.subject == ast.unparse(call.func)
                }
                found: list[tuple[Module, Function]] = []
                for text in seen:
                    last = text.rpartition(".")[2].rpartition(":")[2]
                    if ":" not in text or last not in self.functions:
                        return None
                    found += self.functions[last]
                return found or None
        return None


def loops_at(module: Module, where: Span) -> Iterator[ast.For | ast.While]:
    """Loops that begin in a place, or lie around it within its function; the outermost first."""
    inside = [
        node
        for node in module.nodes
        if isinstance(node, LOOPS) and where.first <= node.lineno and (node.end_lineno or 0) <= where.last
    ]
    start = next(
        (
            node
            for node in sorted(
                (node for node in module.nodes if isinstance(node, ast.stmt)),
                key=lambda node: (node.lineno, node.col_offset),
            )
            if where.first <= node.lineno <= where.last
        ),
        None,
    )
    around: list[ast.For | ast.While] = []
    if start is not None:
        for above in module.ancestors(start):
            if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
                break
            if isinstance(above, LOOPS):
                around.append(above)
    yield from reversed(around)
    yield from sorted(inside, key=lambda node: (node.lineno, node.col_offset))
