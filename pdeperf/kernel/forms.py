"""Statements, as the user wrote them, whose form alone keeps them out of a kernel."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.kernel.absent import live_branch
from pdeperf.kernel.caught import ADVICE, is_plain_try
from pdeperf.kernel.lowering import Lowering, Problem
from pdeperf.kernel.nested_loops import axes, chosen_range, values_of
from pdeperf.kernel.prints import parts_printed
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import owns_lines
from pdeperf.source.short_loops import walk_of

_PLAIN = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Pass, ast.Expr)
_STOPS = {
    ast.Try: ("try/except", ADVICE),
    ast.With: ("a with block", "open it before the loop"),
    ast.FunctionDef: ("a function is defined here", "define it at top level"),
    ast.ClassDef: ("a class is defined here", "define it at top level"),
    ast.Import: ("an import", "move it to the top of the file"),
    ast.ImportFrom: ("an import", "move it to the top of the file"),
    ast.Delete: ("del", "leave it out: what is not used goes by itself"),
    ast.Raise: ("raise of an exception that is not one of Python's own", "raise ValueError or RuntimeError"),
    ast.Assert: ("assert with a computed message", "give it a fixed text"),
    ast.Global: ("a global statement", "pass the value in, and return it"),
    ast.Nonlocal: ("a nonlocal statement", "pass the value in, and return it"),
    ast.Return: ("the function may return here: what is compiled ends before it", ""),
    ast.Break: ("the enclosing loop may end here: what is compiled ends before it", ""),
    ast.Continue: ("the enclosing loop goes on here: what is compiled ends before it", ""),
}
"""What stops a kernel, in words, and what can be done about it."""
_EXCEPTIONS = frozenset(
    (
        "ArithmeticError AssertionError Exception FloatingPointError IndexError NotImplementedError "
        "OverflowError RuntimeError TypeError ValueError ZeroDivisionError"
    ).split()
)
_LOOP_SOURCES = frozenset(
    ("builtins.range", "builtins.enumerate", "builtins.zip", "numpy.arange", "numpy.ndindex")
)


def shape_problems(
    statements: Sequence[ast.stmt], lowering: Lowering, *, is_function: bool, loops: int = 0
) -> Iterator[Problem]:
    """Statements, as the user wrote them, whose form alone keeps them out of a kernel."""
    for statement in statements:
        line = statement.lineno
        if isinstance(statement, ast.Return) and (is_function or loops):
            continue
        if isinstance(statement, ast.Break | ast.Continue) and loops:
            continue
        if _is_plain_raise(statement) or (is_function and _is_declaration(statement, lowering)):
            continue
        if isinstance(statement, ast.Try) and is_plain_try(statement):
            for block in (statement.body, statement.handlers[0].body):
                yield from shape_problems(block, lowering, is_function=is_function, loops=loops)
            continue
        if not isinstance(statement, _PLAIN):
            yield Problem(line, *_STOPS.get(type(statement), (type(statement).__name__,)))
            continue
        if isinstance(statement, ast.Expr):
            yield from _expression_statement(statement, lowering)
        if isinstance(statement, ast.For):
            yield from _loop_source(statement, lowering)
        inner = loops + isinstance(statement, ast.For | ast.While)
        blocks = [getattr(statement, "body", []), getattr(statement, "orelse", [])]
        if isinstance(statement, ast.If) and (found := live_branch(statement, lowering)):
            blocks = [found[1]]
        for block in blocks:
            yield from shape_problems(block, lowering, is_function=is_function, loops=inner)


def _is_declaration(statement: ast.stmt, lowering: Lowering) -> bool:
    """Is it a global or nonlocal statement on lines of its own? It goes: what it names is given back."""
    is_one = isinstance(statement, ast.Global | ast.Nonlocal)
    return is_one and owns_lines(lowering.module, [statement])


def _is_plain_raise(statement: ast.stmt) -> bool:
    """An assertion, or one of Python's own exceptions."""
    match statement:
        case ast.Assert(msg=None | ast.Constant()):
            return True
        case ast.Raise(cause=None, exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name), keywords=[])):
            return name in _EXCEPTIONS
        case _:
            return False


def _expression_statement(statement: ast.Expr, lowering: Lowering) -> Iterator[Problem]:
    value = statement.value
    if isinstance(value, ast.Constant | ast.Call):
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            full = qualified(value.func, lowering.module, lowering.scope)
            told = [parts_printed(argument) for argument in value.args]
            if full == "builtins.print" and None not in told and not value.keywords:
                return
            if full == "builtins.print" or value.func.id == "print":
                yield Problem(statement.lineno, "it prints", "print after the loop, or every so many steps")
        return
    yield Problem(statement.lineno, "an expression without effect")


def _loop_source(loop: ast.For, lowering: Lowering) -> Iterator[Problem]:
    source = loop.iter
    if isinstance(source, ast.Call):
        name = qualified(source.func, lowering.module, lowering.scope)
        if name == "builtins.reversed" and source.args and isinstance(source.args[0], ast.Call):
            name = qualified(source.args[0].func, lowering.module, lowering.scope)
        where = lowering.module, lowering.scope
        known = name in _LOOP_SOURCES or axes(loop, *where) or values_of(loop, *where)
        if not known and walk_of(loop) is None:  # of a dict's views: the lowering tells
            yield Problem(
                loop.lineno, f"the loop runs over `{ast.unparse(source.func)}(...)`, not over range"
            )
    elif isinstance(source, ast.Name | ast.Attribute | ast.Subscript | ast.Tuple | ast.List):
        return
    elif not chosen_range(loop, lowering.module, lowering.scope):
        yield Problem(loop.lineno, f"the loop runs over `{ast.unparse(source)[:40]}`, not over range")
