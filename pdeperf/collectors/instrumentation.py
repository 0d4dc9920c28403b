"""Puts a look before and after each loop and at the head of each function, in the syntax tree only.

Standard library only: this is imported by the user's interpreter.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pdeperf.collectors.access_paths import AccessPath, paths_in, stored_in, through_names

ENTRY, EXIT = "entry", "exit"
MARK = "__pdeperf_{kind}_{index}__"  # ends with underscores: names in classes are not mangled
LOOK = "__pdeperf_look__"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While | ast.AsyncFor

_TRANSPARENT = frozenset(
    {
        "staticmethod", "classmethod", "property", "setter", "getter", "cached_property", "lru_cache",
        "cache", "wraps", "contextmanager", "abstractmethod", "override", "total_ordering", "singledispatch",
        "register", "dataclass", "overload", "final",
    }
)  # fmt: skip
"""Decorators that run the function's own bytecode and do not compile it."""

_COMPILERS = frozenset(
    {"numba", "cupy", "jax", "cython", "pythran", "taichi", "warp", "torch", "dace", "pyccel"}
)


@dataclass(frozen=True, slots=True)
class Site:
    """A loop or a function that is looked at, at its entry and, for a loop, at its exit.

    Attributes
    ----------
    first, last
        Lines of the loop statement, or of the function from its ``def``.
    node
        The statement as it runs.
    scope_line
        First line of the code object around the loop (decorators included); 0 for the module's.
    paths, stored
        What it reads or writes, and the names among them that it binds.
    """

    index: int
    file: str
    first: int
    last: int
    scope_line: int
    node: ast.AST
    paths: tuple[AccessPath, ...]
    stored: frozenset[str]

    @property
    def is_loop(self) -> bool:
        """A loop, not a function?"""
        return isinstance(self.node, Loop)


def _final_name(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root_name(node: ast.expr) -> str:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _compiler_names(tree: ast.Module) -> frozenset[str]:
    """Names bound by importing a compiler, or something from it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                (alias.asname or alias.name).partition(".")[0]
                for alias in node.names
                if alias.name.partition(".")[0] in _COMPILERS
            }
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _COMPILERS:
            names |= {alias.asname or alias.name for alias in node.names}
    return frozenset(names)


def compiled_functions(tree: ast.Module) -> frozenset[ast.AST]:
    """The functions whose bytecode something else than Python may read.

    They, or the class around them, are decorated by a compiler or by what is not known to be
    harmless; or they are handed to a compiler (``fast = njit(slow)``), or used by such a function.
    """
    by_name: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            by_name.setdefault(node.name, []).append(node)
    methods = {part for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for part in node.body}
    compilers = _compiler_names(tree)
    harmless = _TRANSPARENT | {name for name, nodes in by_name.items() if not compilers & _names_in(nodes)}
    pending: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef) and not all(
            _final_name(decorator) in harmless and _root_name(decorator) not in compilers
            for decorator in node.decorator_list
        ):
            pending += (inner for inner in ast.walk(node) if isinstance(inner, Function))
        elif isinstance(node, ast.Call) and _root_name(node.func) in compilers:
            pending += (each for name in _names_in(node.args) for each in by_name.get(name, ()))
    found: set[ast.AST] = set()
    while pending:
        function = pending.pop()
        if function not in found:
            found.add(function)
            names = _names_in([function]) - _names_bound_in(function)
            pending += (each for name in names for each in by_name.get(name, ()) if each not in methods)
    return frozenset(found)


def _names_bound_in(function: ast.AST) -> frozenset[str]:
    """A function's own variables, which hide functions of these names."""
    return frozenset(
        inner.arg if isinstance(inner, ast.arg) else inner.id
        for inner in ast.walk(function)
        if isinstance(inner, ast.arg) or (isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store))
    )


def _names_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset(inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _statement_lists(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        value = getattr(node, field, None)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value


class Instrumentation:
    """Rewrites syntax trees and remembers the sites that it placed.

    Attributes
    ----------
    sites
        By index, as the marks in the trees name them.
    def_lines
        ``(file, first line with decorators)`` of each function to the line of its ``def``.
    """

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.def_lines: dict[tuple[str, int], int] = {}

    def __call__(self, tree: ast.Module, file: str) -> ast.Module:
        """Insert the looks into one file's tree, in place."""
        self._visit(tree, file, scope_line=0, compiled=compiled_functions(tree))
        return ast.fix_missing_locations(tree)

    def _visit(self, node: ast.AST, file: str, *, scope_line: int, compiled: frozenset[ast.AST]) -> None:
        for statements in _statement_lists(node):
            for statement in list(statements):
                self._place(statement, statements, file, scope_line, compiled)
        for child in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._visit(child, file, scope_line=scope_line, compiled=compiled)

    def _place(
        self,
        statement: ast.stmt,
        siblings: list[ast.stmt],
        file: str,
        scope_line: int,
        compiled: frozenset[ast.AST],
    ) -> None:
        if isinstance(statement, Function):
            outer = min([statement.lineno, *(decorator.lineno for decorator in statement.decorator_list)])
            self.def_lines[file, outer] = statement.lineno
            if statement not in compiled:
                self._look_into(statement, file, outer, compiled)
            return
        if isinstance(statement, Loop):
            site = self._site(statement, file, scope_line, paths_in([statement]))
            at = siblings.index(statement)
            siblings.insert(at + 1, _look(EXIT, site, statement))
            siblings.insert(at, _look(ENTRY, site, statement))
        self._visit(statement, file, scope_line=scope_line, compiled=compiled)

    def _look_into(self, function: Function, file: str, outer: int, compiled: frozenset[ast.AST]) -> None:
        site = self._site(function, file, outer, _seen_at_entry(function))
        head = function.body[0]
        after_docstring = int(isinstance(head, ast.Expr) and isinstance(head.value, ast.Constant))
        lambdas = [node.body for node in ast.walk(function) if isinstance(node, ast.Lambda)]
        self._visit(function, file, scope_line=outer, compiled=compiled)
        function.body.insert(after_docstring, _look(ENTRY, site, head))
        if lambdas:  # which nobody looks into: what they captured is there when the function ends
            captured = self._site(function, file, outer, paths_in(lambdas))
            last, returns = function.body[-1], isinstance(function.body[-1], ast.Return)
            function.body.insert(len(function.body) - returns, _look(ENTRY, captured, last))

    def _site(self, node: Function | Loop, file: str, scope_line: int, paths: tuple[AccessPath, ...]) -> Site:
        site = Site(
            index=len(self.sites),
            file=file,
            first=node.lineno,
            last=node.end_lineno or node.lineno,
            scope_line=scope_line,
            node=node,
            paths=paths,
            stored=stored_in([node]),
        )
        self.sites.append(site)
        return site


def _seen_at_entry(function: Function) -> tuple[AccessPath, ...]:
    """A function's parameters, and all paths that its body uses; what is not bound yet is not found."""
    arguments = function.args
    parameters = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ]
    named = tuple(AccessPath(parameter.arg) for parameter in parameters)
    paths = paths_in(function.body)
    return tuple(dict.fromkeys((*named, *paths, *through_names(function.body, paths))))


def _look(kind: str, site: Site, near: ast.stmt) -> ast.stmt:
    """``if due_7(): look(7)``, standing on the line of its statement; the exit of 7 is ``~7``."""
    index = site.index if kind == ENTRY else ~site.index
    mark = ast.Name(id=MARK.format(kind=kind, index=site.index), ctx=ast.Load())
    call = ast.Call(func=ast.Name(id=LOOK, ctx=ast.Load()), args=[ast.Constant(index)], keywords=[])
    look = ast.If(test=ast.Call(func=mark, args=[], keywords=[]), body=[ast.Expr(call)], orelse=[])
    for node in ast.walk(look):
        ast.copy_location(node, near)
    return look
