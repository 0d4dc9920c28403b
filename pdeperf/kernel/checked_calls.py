"""What the calls of a function have checked before they call it: arrays that share no memory."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.aliases import Sharing, sharing
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module, Project
from pdeperf.source.scopes import parameters, scope_of

_LOOPS = (ast.For, ast.While)
_PLAIN = frozenset("abs bool enumerate float int len max min print range round sum zip".split())


def apart_at_calls(function: ast.FunctionDef, project: Project) -> frozenset[tuple[str, str]]:
    """Pairs of parameters that are apart wherever the function is called.

    ``np.may_share_memory`` has found them so, or the caller has made one of them. None are known if the
    function is used in any other way than by calls.
    """
    found: frozenset[tuple[str, str]] | None = None
    for module in project.modules.values():
        for node in module.nodes:
            is_named = (isinstance(node, ast.Name) and node.id == function.name) or (
                isinstance(node, ast.Attribute | ast.alias)
                and function.name in (getattr(node, "attr", ""), getattr(node, "name", ""))
            )
            if not is_named:
                continue
            call = module.parents[node]
            if not (isinstance(node, ast.Name) and isinstance(call, ast.Call) and call.func is node):
                return frozenset()
            checked = frozenset(_checked(call, function, module))
            found = checked if found is None else found & checked
    return found or frozenset()


def _checked(call: ast.Call, function: ast.FunctionDef, module: Module) -> Iterator[tuple[str, str]]:
    """Pairs of parameters whose arguments in a call are known to be apart."""
    if call.keywords or any(isinstance(argument, ast.Starred) for argument in call.args):
        return
    given = dict(zip(parameters(function), map(ast.unparse, call.args), strict=False))
    apart = set(_pairs_apart(call, module))
    memory = _memory_of_caller(call, module)
    for one, text in given.items():
        for other, other_text in given.items():
            if one >= other:
                continue
            are_names = text.isidentifier() and other_text.isidentifier()
            is_made = memory is not None and are_names and memory.apart(text, other_text) == ()
            if is_made or {(text, other_text), (other_text, text)} & apart:
                yield one, other


def _memory_of_caller(call: ast.Call, module: Module) -> Sharing | None:
    """Which arrays of the function that a call stands in may share memory; None if others may bind them."""
    function = next((node for node in module.ancestors(call) if isinstance(node, ast.FunctionDef)), None)
    if function is None or any(isinstance(node, ast.Global | ast.Nonlocal) for node in ast.walk(function)):
        return None
    scope = scope_of(module, call)
    return sharing(function, lambda node: qualified(node, module, scope), {})


def _pairs_apart(call: ast.Call, module: Module) -> Iterator[tuple[str, str]]:
    """Expressions that an ``if`` around a call has found to share no memory, and that nobody binds since."""
    inside: ast.AST = call
    statement: ast.AST | None = None
    is_repeated = False
    for above in module.ancestors(call):
        if isinstance(inside, ast.stmt) and statement is None:
            statement = inside
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            return
        if isinstance(above, ast.If) and inside in above.body:
            between = [
                node for part in above.body if is_repeated or part is not statement for node in ast.walk(part)
            ]
            bound = {
                ast.unparse(node)
                for node in between
                if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
                and not isinstance(node.ctx, ast.Load)
            }
            is_left_alone = not any(_may_bind(node, call, module) for node in between)
            for one, other in _found_apart(above.test, module):
                names = {part for text in (one, other) for part in (text, text.split(".")[0].split("[")[0])}
                is_safe = is_left_alone or (_is_local(one, call, module) and _is_local(other, call, module))
                if is_safe and not names & bound:
                    yield one, other
        is_repeated = is_repeated or isinstance(above, _LOOPS)
        inside = above


def _is_local(text: str, call: ast.Call, module: Module) -> bool:
    """Is it a name that only the function around a call can bind?"""
    scope = scope_of(module, call)
    if not text.isidentifier() or scope.is_module or scope.resolve(text) is not scope:
        return False
    return not any(isinstance(node, ast.Nonlocal) and text in node.names for node in ast.walk(scope.node))


def _may_bind(node: ast.AST, call: ast.Call, module: Module) -> bool:
    """Does a call stand here that may bind an attribute or a global anew?"""
    if not isinstance(node, ast.Call) or node is call:
        return isinstance(node, ast.With | ast.Yield | ast.YieldFrom | ast.Await)
    name = qualified(node.func, module, scope_of(module, node.func))
    return not name.startswith("numpy.") and name.removeprefix("builtins.") not in _PLAIN


def _found_apart(test: ast.expr, module: Module) -> Iterator[tuple[str, str]]:
    """``not np.may_share_memory(one, other)`` among what a condition demands."""
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                yield from _found_apart(part, module)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=func, args=[one, other], keywords=[])):
            if qualified(func, module, scope_of(module, func)) == "numpy.may_share_memory":
                yield ast.unparse(one), ast.unparse(other)
