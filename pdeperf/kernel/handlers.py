"""Errors of a loop that somebody catches by name, in the same function or in one that calls it."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from pdeperf.kernel.lowering import Lowering
from pdeperf.source import Module, Project
from pdeperf.source.scopes import FUNCTIONS, parameters

_LOOP_ERRORS = frozenset(
    (
        "ArithmeticError FloatingPointError IndexError LookupError OverflowError TypeError ValueError "
        "ZeroDivisionError LinAlgError"
    ).split()
)
_BLOW_UPS = _LOOP_ERRORS - {"TypeError", "ValueError"}
_REFUSALS = frozenset(("ValueError", "OverflowError", "ArithmeticError"))
_ANYTHING = frozenset(("Exception", "BaseException"))
_MAKERS = frozenset("copy zeros ones empty full zeros_like ones_like empty_like full_like array".split())


def caught_around(module: Module, statement: ast.stmt) -> str:
    """An error that a loop may raise and that the same function catches by name."""
    node: ast.AST = statement
    for above in module.ancestors(statement):
        if isinstance(above, FUNCTIONS):
            break
        if isinstance(above, ast.Try) and node in above.body:
            for handler in above.handlers:
                names = (
                    {ast.unparse(part).rpartition(".")[2] for part in ast.walk(handler.type)}
                    if handler.type
                    else set()
                )
                for name in sorted(names & _LOOP_ERRORS):
                    return name
        node = above
    return ""


def caught_by_callers(
    module: Module, statement: ast.stmt, modules: Iterable[Module], *, stores: bool, refuses: bool
) -> str:
    """An error of a loop that is caught where the function around a statement is called, or outside.

    Parameters
    ----------
    module, statement
        Where the statement stands.
    modules
        All files of the program.
    stores
        The statements store into what was there before.
    refuses
        They may refuse a number, as ``int`` refuses not-a-number; compiled code takes it.
    """
    home = next((above for above in module.ancestors(statement) if isinstance(above, ast.FunctionDef)), None)
    tries = [(node, one) for one in modules for node in one.all(ast.Try)]
    if not tries:
        return ""
    calling = _calling(home.name, modules) if home is not None else frozenset[str]()
    # Of these the kernel raises ZeroDivisionError alone, and before it stores anything.
    told = _BLOW_UPS if stores else _BLOW_UPS - {"ZeroDivisionError"}
    for node, where in tries:
        is_around = where is module and _is_below(statement, node.body, module)
        if not is_around and not any(calling & _called_in(part) for part in node.body):
            continue
        caught = frozenset(_types(node))
        seen = caught & told if not is_around else frozenset[str]()
        if refuses:
            seen |= caught & _REFUSALS
            if any(isinstance(above, ast.For | ast.While) for above in where.ancestors(node)):
                seen |= caught & _ANYTHING
        if seen:
            return min(seen)
    return ""


def _calling(name: str, modules: Iterable[Module]) -> frozenset[str]:
    """Functions that call one of this name, by way of others too."""
    functions = [each for one in modules for each in one.all(ast.FunctionDef)]
    calling, count = {name}, 0
    while count < len(calling):
        count = len(calling)
        calling |= {each.name for each in functions if calling & _called_in(each)}
    return frozenset(calling)


def _types(node: ast.Try) -> Iterator[str]:
    """Last names of what the handlers take; ``BaseException`` for those that take all."""
    for handler in node.handlers:
        if handler.type is None:
            yield "BaseException"
        else:
            yield from (ast.unparse(part).rpartition(".")[2] for part in ast.walk(handler.type))


def _is_below(statement: ast.stmt, body: Sequence[ast.stmt], module: Module) -> bool:
    """Does a statement stand in a block of the same function?"""
    node: ast.AST = statement
    for above in module.ancestors(statement):
        if any(node is part for part in body):
            return True
        if isinstance(above, FUNCTIONS):
            return False
        node = above
    return False


def is_caught_somewhere(project: Project) -> bool:
    """Does anything in a program go on after an error, or do something in the end?"""
    return any(
        module.all(ast.Try)
        or any(node.id == "suppress" for node in module.all(ast.Name))
        or any(node.attr == "suppress" for node in module.all(ast.Attribute))
        for module in project.modules.values()
    )


def _called_in(node: ast.AST) -> set[str]:
    called = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {ast.unparse(func).rpartition(".")[2] for func in called}


def outlive(names: Iterable[str], lowering: Lowering) -> bool:
    """Can any of these arrays be looked at when an error has left the function around the statements?"""
    return not all(_is_made_here(name, lowering) for name in names)


def _is_made_here(name: str, lowering: Lowering) -> bool:
    """Is it a local name of arrays that the function has made itself, and gives to nobody before it ends?"""
    scope = lowering.scope
    if name in lowering.sources or scope.is_module or scope.resolve(name) is not scope:
        return False
    if isinstance(scope.node, FUNCTIONS) and name in parameters(scope.node):
        return False
    uses = lowering.module.once(_uses_in, scope.node).get(name, [])
    return all(_is_kept_in(use, lowering.module.parents[use]) for use in uses)


def _uses_in(home: ast.AST) -> dict[str, list[ast.Name]]:
    """Where each name stands in a scope."""
    found: dict[str, list[ast.Name]] = {}
    for node in ast.walk(home):
        if isinstance(node, ast.Name):
            found.setdefault(node.id, []).append(node)
    return found


def _is_kept_in(use: ast.Name, above: ast.AST) -> bool:
    """Does a use of a name bind it to a new array, look at one or at its cells, or return it?"""
    match above:
        case ast.Assign(targets=[target], value=value) if target is use:
            return _makes(value)
        case ast.Subscript(value=value) if value is use:
            return True
        case ast.Call(func=ast.Name(id="len")) | ast.Return() | ast.Attribute(attr="shape" | "size" | "copy"):
            return True
    return False


def _makes(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _MAKERS
        case ast.BinOp(left=ast.List(), op=ast.Mult()) | ast.ListComp() | ast.List():
            return True
    return False


def has_fixed_text(node: ast.Raise) -> bool:
    """Is the text of an error the same each time?"""
    call = node.exc
    return not isinstance(call, ast.Call) or all(isinstance(part, ast.Constant) for part in call.args)


def raised(statement: ast.stmt) -> str:
    """The error that a statement raises by name."""
    match statement:
        case ast.Assert():
            return "AssertionError"
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)):
            return name
        case _:
            return ""
