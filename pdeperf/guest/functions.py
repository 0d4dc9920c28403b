"""What the user's functions hold and give when they return, at calls 1, 2, 4, 8, ...

The syntax tree of each function gets a ``finally`` that counts; a tracer would slow hot functions
several times. Standard library only: this is imported by the user's interpreter.
"""

import ast
import builtins
from collections.abc import Callable, Mapping

PLAIN_DECORATORS = frozenset(
    {"staticmethod", "classmethod", "property", "setter", "cached_property", "cache", "lru_cache", "wraps",
     "abstractmethod", "override", "final", "dataclass"}
)  # fmt: skip
"""Decorators that leave the function Python's; any other may read or compile its code."""
COMPILING = frozenset(
    {"njit", "jit", "vectorize", "guvectorize", "stencil", "cfunc", "fuse", "generated_jit", "overload",
     "compile", "getsource", "autograph", "kernel", "elementwise", "register_jitable"}
)  # fmt: skip
"""Functions that compile the functions they are given."""

RETURNED = "__pdeperf_returned__"
"""The local under which a function's value is seen."""
RETURN = "return"
"""What this value is called among the results: ``step()[4]:return``."""
Seen = Callable[[str, int, Mapping[str, object]], None]


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name, of a call its callee's: ``nb.njit(...)`` gives ``njit``."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def compiled_names(tree: ast.AST) -> frozenset[str]:
    """Which names are handed to a compiler somewhere in this tree: ``fast = njit(step)``."""
    return frozenset(
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node.func) in COMPILING
        for argument in node.args
        if isinstance(argument, ast.Name)
    )


def stays_python(node: ast.FunctionDef | ast.ClassDef, compiled: frozenset[str]) -> bool:
    """Will this definition run as Python code, so that calls may be put into it?"""
    return node.name not in compiled and all(
        last_name(decorator) in PLAIN_DECORATORS for decorator in node.decorator_list
    )


def _is_generator(node: ast.FunctionDef) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom | ast.Await):
            return True
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(inner))
    return False


def _shows_locals(value: ast.expr) -> bool:
    """Does an expression give the function's own namespace away, ``return locals()``?"""
    names = (node.id for node in ast.walk(value) if isinstance(node, ast.Name))
    return any(name in ("locals", "vars", "eval") for name in names)


class Returns(ast.NodeTransformer):
    """Puts a counter at the end of each function of one file.

    Parameters
    ----------
    prefix
        Put before the functions' qualified names: empty for the script itself, ``fluxes.`` for a module.
    """

    def __init__(self, prefix: str, names: list[str], left: list[int]) -> None:
        self._scope = [prefix] if prefix else []
        self._names = names
        self._left = left
        self._compiled: frozenset[str] = frozenset()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._compiled = compiled_names(node)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not stays_python(node, self._compiled):
            return node
        return self._below(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if not stays_python(node, self._compiled):
            return node
        self._below(node)
        if _is_generator(node):
            return node
        number = len(self._names)
        self._names.append(".".join((*self._scope, node.name)))
        self._left.append(1)
        first = 1 if ast.get_docstring(node, clean=False) is not None else 0
        body = node.body[first:]
        if not body:
            return node
        count = ast.parse(
            f"__pdeperf_left__[{number}] -= 1\n"
            f"if not __pdeperf_left__[{number}]: __pdeperf_seen__({number}, __pdeperf_locals__())"
        ).body
        for statement in count:
            for inner in ast.walk(statement):
                ast.copy_location(inner, body[-1])
        node.body = [*node.body[:first], ast.copy_location(ast.Try(body, [], [], count), body[0])]
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        if node.value is None or isinstance(node.value, ast.Constant) or _shows_locals(node.value):
            return node
        kept = ast.Assign([ast.Name(RETURNED, ast.Store())], node.value)
        given = ast.Return(ast.Name(RETURNED, ast.Load()))
        for statement in (kept, given):
            ast.fix_missing_locations(ast.copy_location(statement, node))
        return [kept, given]

    def _below(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        self._scope.append(node.name)
        self.generic_visit(node)
        self._scope.pop()
        return node


class Recorder:
    """Counts the calls of the user's functions, and hands their locals on at calls 1, 2, 4, 8, ..."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._names: list[str] = []
        self._left: list[int] = []
        self._due: dict[int, int] = {}

    def install(self) -> None:
        """Make the names that transformed functions use known everywhere."""
        space = vars(builtins)
        space["__pdeperf_left__"] = self._left
        space["__pdeperf_seen__"] = self._call
        space["__pdeperf_locals__"] = locals

    def transform(self, tree: ast.Module, file: str, *, main: str) -> ast.Module:
        """Put the counters into one file."""
        prefix = "" if file == main else file.removesuffix(".py").replace("/", ".")
        result = Returns(prefix, self._names, self._left).visit(tree)
        assert isinstance(result, ast.Module)
        return result

    def calls_count(self) -> dict[str, int]:
        """How often was each function called?"""
        return {
            name: (self._due.get(number, 1) - self._left[number])
            for number, name in enumerate(self._names)
            if self._due.get(number, 1) > self._left[number]
        }

    def _call(self, number: int, values: Mapping[str, object]) -> None:
        call = self._due.get(number, 1)
        self._due[number] = 2 * call
        self._left[number] = call
        self._seen(self._names[number], call, values)


class OfPython(ast.NodeTransformer):
    """Changes what the interpreter runs: compiled functions and classes are left alone."""

    def __init__(self) -> None:
        self._compiled: frozenset[str] = frozenset()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._compiled = compiled_names(node)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self.generic_visit(node) if stays_python(node, self._compiled) else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self.generic_visit(node) if stays_python(node, self._compiled) else node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node
