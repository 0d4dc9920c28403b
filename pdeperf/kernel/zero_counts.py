"""How a loop on all cores says that it has divided by zero.

Under ``prange`` Numba drops the error of a division by zero, and runs no loop on several cores that has a
``raise``. So divisors that the loop does not change are checked before it; of the others the zeros are
counted, and the error is raised after the loop.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.kernel.compiled import Compiled, context, definition
from pdeperf.kernel.handlers import is_caught_somewhere
from pdeperf.kernel.zero_checks import is_never_zero, zero_checks
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, indentation, lines_extent, owns_lines
from pdeperf.source.scopes import own_nodes, parameters

_DIVIDES = (ast.Div, ast.FloorDiv, ast.Mod)
_BRANCHES = (ast.IfExp, ast.BoolOp, ast.comprehension, ast.Lambda)
_PLAIN = frozenset("abs float int len max min".split())
_WHOLE = frozenset(("int", "round", "math.floor", "math.ceil", "math.trunc"))
_ERROR = 'raise ZeroDivisionError("division by zero")'


class UncountableError(Exception):
    """A division that can neither be checked before a loop nor be counted.

    Parameters
    ----------
    reason
        For the user.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def zero_counts(item: Compiled, loop: ast.For, project: Project) -> list[Edit]:
    """Edits that check and count the zero divisors of a loop.

    Raises
    ------
    UncountableError
        A division, or another error, cannot be told after the loop.
    """
    module, name = item.module, "zeros"
    taken = {node.id for node in ast.walk(item.node) if isinstance(node, ast.Name)}
    while name in taken | {*parameters(item.node)}:
        name += "_"
    nodes = [node for part in loop.body for node in ast.walk(part)]
    counted: dict[int, tuple[ast.stmt, list[str]]] = {}
    edits: list[Edit] = []
    before: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, ast.Raise | ast.Assert):
            test = _zero_test(node, module)
            if test is None:
                raise UncountableError(f"it may raise (line {node.lineno})")
            start, end = lines_extent(module, [test])
            edits.append(Edit(start, end, f"{indentation(module, test)}{name} += {_sum(test.test)}\n"))
    arrays = frozenset(context(item, project).arrays)
    for divisor in _divisors(item, nodes, project):
        if isinstance(divisor, ast.Name) and divisor.id in arrays:
            continue
        checks = zero_checks(module, [loop], [divisor])
        if checks and checks[0].line == loop.lineno:
            before[checks[0].condition] = None
            continue
        statement = _statement(divisor, loop, module)
        text = ast.unparse(divisor)
        texts = counted.setdefault(id(statement), (statement, []))[1]
        if text not in texts:
            texts.append(text)
    for statement, texts in counted.values():
        start = lines_extent(module, [statement])[0]
        indent = indentation(module, statement)
        counts = (f"{indent}{name} += {_operand(text)} == 0\n" for text in texts)
        edits.append(Edit(start, start, "".join(counts)))
    if (edits or before) and is_caught_somewhere(project):
        raise UncountableError("it may divide by zero, and the program goes on after errors")
    if edits and (place := _risky(nodes)) is not None:
        raise UncountableError(
            f"it may divide by zero, and `{ast.unparse(place)[:40]}` would be computed all the same"
        )
    first, last = lines_extent(module, [loop])
    indent = indentation(module, loop)
    deeper = "\t" if indent.endswith("\t") else "    "
    lines = "".join(f"{indent}if {condition}:\n{indent}{deeper}{_ERROR}\n" for condition in before)
    lines += f"{indent}{name} = 0\n" if edits else ""
    if edits:
        edits.append(Edit(last, last, f"{indent}if {name} > 0:\n{indent}{deeper}{_ERROR}\n"))
    return [Edit(first, first, lines), *edits] if lines else edits


def _zero_test(node: ast.stmt, module: Module) -> ast.If | None:
    """The statement around the raise in ``if h == 0: raise ZeroDivisionError(..)``."""
    above = module.parents[node]
    match node, above:
        case (
            ast.Raise(exc=ast.Call(func=ast.Name(id="ZeroDivisionError"))),
            ast.If(body=[only], orelse=[]) as test,
        ) if only is node and owns_lines(module, [test]) and not _is_elif(test, module):
            return test
    return None


def _is_elif(node: ast.If, module: Module) -> bool:
    return module.lines[node.lineno - 1].lstrip().startswith("elif")


def _sum(test: ast.expr) -> str:
    text = ast.unparse(test)
    return text if isinstance(test, ast.Compare) else f"({text})"


def _operand(text: str) -> str:
    node = ast.parse(text, mode="eval").body
    plain = isinstance(node, ast.Name | ast.BinOp | ast.Call | ast.Subscript | ast.Attribute | ast.UnaryOp)
    return text if plain else f"({text})"


def _divisors(item: Compiled, nodes: Sequence[ast.AST], project: Project) -> Iterator[ast.expr]:
    """What the statements of a loop divide by and that may be zero, in the functions that they call too."""
    model = item.keywords.get("error_model")
    is_numpy = isinstance(model, ast.Constant) and model.value == "numpy"
    for node in nodes:
        if not is_numpy:
            yield from _divisor(node)
        if isinstance(node, ast.Call) and (called := definition(node.func, item.module, project)):
            yield from _of_call(node, *called, project, ())


def _divisor(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(op=op, right=right) | ast.AugAssign(op=op, value=right):
            if isinstance(op, _DIVIDES) and not is_never_zero(right):
                yield right


def _of_call(
    call: ast.Call, home: Module, function: ast.FunctionDef, project: Project, within: tuple[str, ...]
) -> Iterator[ast.expr]:
    """Divisors of a called function, in terms of the arguments that it is given."""
    if function.name in within:
        return
    words = [word for one in function.decorator_list for word in getattr(one, "keywords", [])]
    is_numpy = any(word.arg == "error_model" and ast.unparse(word.value) == "'numpy'" for word in words)
    given: Mapping[str, ast.expr] = dict(zip(parameters(function), call.args, strict=False))
    bound = {
        node.id
        for node in own_nodes(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in own_nodes(function):
        if isinstance(node, ast.Raise | ast.Assert):
            raise UncountableError(f"`{function.name}`, which it calls, may raise (line {node.lineno})")
        for divisor in () if is_numpy else _divisor(node):
            names = [*_factors(divisor)]
            if not set(names) <= given.keys() - bound or _is_conditional(divisor, function, home):
                text = ast.unparse(divisor)[:40]
                raise UncountableError(f"`{function.name}`, which it calls, may divide by zero: `{text}`")
            yield from (given[name] for name in names if not is_never_zero(given[name]))
        if isinstance(node, ast.Call) and (called := definition(node.func, home, project)):
            for inner in _of_call(node, *called, project, (*within, function.name)):
                text = ast.unparse(inner)[:40]
                raise UncountableError(f"`{called[1].name}`, which it calls, may divide by zero: `{text}`")


def _factors(divisor: ast.expr) -> Iterator[str]:
    """Names of which none is zero if a product is not; an empty one for anything else."""
    match divisor:
        case ast.Name(id=name):
            yield name
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if power > 0:
            yield from _factors(left)
        case _ if not is_never_zero(divisor):
            yield ""


def _is_conditional(divisor: ast.expr, function: ast.AST, module: Module) -> bool:
    """May a function return without the division?"""
    body: list[ast.stmt] = getattr(function, "body", [])
    for above in module.ancestors(divisor):
        if above is function:
            break
        if isinstance(above, (ast.If, ast.For, ast.While, ast.Try, *_BRANCHES)):
            return True
    at = next(index for index, part in enumerate(body) if any(n is divisor for n in ast.walk(part)))
    return any(isinstance(node, ast.Return) for part in body[:at] for node in ast.walk(part))


def _statement(divisor: ast.expr, loop: ast.For, module: Module) -> ast.stmt:
    """The statement that divides whenever it runs, on lines of its own."""
    text = ast.unparse(divisor)
    for above in module.ancestors(divisor):
        if isinstance(above, (*_BRANCHES, ast.For, ast.While)):
            break
        if isinstance(above, ast.If) and _is_elif(above, module):
            break
        if isinstance(above, ast.stmt):
            calls = [part for part in ast.walk(divisor) if isinstance(part, ast.Call)]
            if owns_lines(module, [above]) and all(map(_is_plain, calls)):
                return above
            break
    raise UncountableError(f"it may divide by zero: `{text[:40]}` (line {divisor.lineno})")


def _is_plain(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name in _PLAIN or name.split(".")[0] in ("math", "np", "numpy")


def _risky(nodes: Sequence[ast.AST]) -> ast.expr | None:
    """A place in an array that may hang on a quotient: it must not be computed after a division by zero."""
    for node in nodes:
        if isinstance(node, ast.Subscript):
            for part in ast.walk(node.slice):
                if isinstance(part, ast.Subscript | ast.Call):
                    return node
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "int",
            "round",
            "math.floor",
            "math.ceil",
        ):
            return node
        if isinstance(node, ast.While):
            return node.test
    return None
