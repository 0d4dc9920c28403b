"""Dense operators that functions are given: where a sparse copy can be given to them instead."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.sharing import passed
from pdeperf.lifetimes.text import before
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines, replace, segment
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.products import inner_matrix
from pdeperf.sparse.solves import Loop, loops_around
from pdeperf.sparse.written import Additions

Parameter = tuple[ast.FunctionDef, str]


@dataclass(slots=True)
class PassedDown:
    """What changes if some functions are given a sparse copy.

    Attributes
    ----------
    taken
        The functions and their parameters that then hold it.
    given
        The arguments to be replaced, and the loop before which each copy is made.
    dots
        Calls ``np.dot(A, u)``, which take no sparse matrix.
    """

    taken: list[Parameter] = field(default_factory=list)
    given: dict[ast.expr, Loop] = field(default_factory=dict)
    dots: list[ast.Call] = field(default_factory=list)


def passed_down(constancy: Constancy, module: Module, matrix: ast.expr) -> PassedDown | str:
    """Who can be given a sparse copy, so that a product in a function has one; or why nobody can."""
    home = constancy.meaning.home(module, matrix)
    if not isinstance(matrix, ast.Name) or not isinstance(home, ast.FunctionDef):
        return f"`{ast.unparse(matrix)}` is no parameter of a function"
    found = PassedDown(taken=[(home, matrix.id)])
    for function, name in found.taken:  # grows on the way
        reason = _uses(constancy, module, function, name, found) or _calls(
            constancy, module, function, name, found
        )
        if reason:
            return reason
    return found if found.given else f"`{ast.unparse(matrix)}` is given nowhere"


def _uses(
    constancy: Constancy, module: Module, function: ast.FunctionDef, name: str, found: PassedDown
) -> str:
    """Why a function needs more of a parameter than its products."""
    plain = isinstance(module.parents.get(function), ast.Module) and not function.decorator_list
    if not plain or name not in parameters(function) or function.args.vararg or function.args.kwarg:
        return f"`{name}` is no parameter of a plain function"
    if any(isinstance(node, FUNCTIONS) for node in ast.walk(function) if node is not function):
        return f"`{function.name}` holds other functions"
    for node in own_nodes(function):
        if not isinstance(node, ast.Name) or node.id != name:
            continue
        whole = _scaled(constancy, module, node)
        match module.parents.get(whole):
            case ast.BinOp(op=ast.MatMult()):
                continue
            case ast.Attribute(attr="T") as turned if isinstance(
                above := module.parents.get(turned), ast.BinOp
            ) and isinstance(above.op, ast.MatMult):
                continue
            case ast.Attribute(attr="shape"):
                continue
            case ast.Attribute(attr="dot") as method if isinstance(module.parents.get(method), ast.Call):
                continue
            case ast.Call(args=[first, _], keywords=[]) as call if first is whole and constancy.meaning.full(
                module, call.func
            ) in ("numpy.dot", "numpy.matmul"):
                found.dots.append(call)
            case ast.Call() as call if whole is node:
                inner = _taker(constancy, module, call, node)
                if inner is None:
                    return f"`{name}` is given to `{ast.unparse(call.func)}`"
                if inner not in found.taken:
                    found.taken.append(inner)
            case _:
                return f"line {node.lineno} does more with `{name}` than multiply by it"
    return ""


def _scaled(constancy: Constancy, module: Module, node: ast.expr) -> ast.expr:
    """The matrix with the numbers that it is multiplied with."""
    above = module.parents.get(node)
    if isinstance(above, ast.BinOp | ast.UnaryOp) and not (
        isinstance(above, ast.BinOp) and isinstance(above.op, ast.MatMult)
    ):
        whole = _scaled(constancy, module, above)
        return whole if inner_matrix(constancy.meaning, module, whole) is node else node
    return node


def _taker(constancy: Constancy, module: Module, call: ast.Call, given: ast.expr) -> Parameter | None:
    """The function of this file that an argument goes to, and its parameter."""
    functions = constancy.meaning.called(module, call)
    if not functions or len(functions) != 1 or not isinstance(call.func, ast.Name):
        return None
    home, function = functions[0]
    if home is not module or not isinstance(function, ast.FunctionDef):
        return None
    return next(
        ((function, name) for name, argument in passed(call, function) if argument is given and name), None
    )


def _calls(
    constancy: Constancy, module: Module, function: ast.FunctionDef, name: str, found: PassedDown
) -> str:
    """Why some caller cannot give a copy."""
    for other in constancy.meaning.project.modules.values():
        for node in ast.walk(other.tree):
            text = (
                node.id
                if isinstance(node, ast.Name)
                else node.attr
                if isinstance(node, ast.Attribute)
                else ""
            )
            if text != function.name:
                continue
            call = other.parents.get(node)
            if other is not module or not isinstance(call, ast.Call) or call.func is not node:
                return f"`{function.name}` is more than called"
            given = [argument for known, argument in passed(call, function) if known == name]
            if len(given) != 1:
                return f"line {call.lineno} does not give `{name}` plainly"
            if reason := _given(constancy, module, function, call, given[0], found):
                return reason
    return ""


def _given(
    constancy: Constancy,
    module: Module,
    function: ast.FunctionDef,
    call: ast.Call,
    argument: ast.expr,
    found: PassedDown,
) -> str:
    if not isinstance(argument, ast.Name):
        return f"line {call.lineno} gives `{ast.unparse(argument)}`"
    home = constancy.meaning.home(module, call)
    reason = f"line {call.lineno} gives it outside of a loop"
    for loop in loops_around(module, call):
        reason = constancy.why_not(module, loop, argument)
        if not reason and not owns_lines(module, [loop]):
            reason = "the loop shares its line"
        if not reason and constancy.is_known(module, loop, argument):
            found.given[argument] = loop
            return ""
    if isinstance(home, ast.FunctionDef) and argument.id in parameters(home):
        if (home, argument.id) not in found.taken:
            found.taken.append((home, argument.id))
        return ""
    return reason or f"`{argument.id}` may not be there yet when the loop begins"


def edits_of(module: Module, found: Sequence[PassedDown], added: Additions) -> Iterator[Edit]:
    """Copies before the loops, and functions that are given them."""
    names: dict[tuple[str, Loop], str] = {}
    given = {argument: loop for one in found for argument, loop in one.given.items()}
    for argument, loop in given.items():
        text = segment(module, argument)
        if (text, loop) not in names:
            name = names[text, loop] = added.name(f"{text}_sparse")
            yield before(module, loop, [f"{name} = {added.alias('sparse')}.csr_matrix({text})"])
        yield replace(module, argument, names[text, loop])
    for call in dict.fromkeys(call for one in found for call in one.dots):
        matrix, right = (segment(module, argument) for argument in call.args)
        text = matrix if isinstance(call.args[0], ast.Name) else f"({matrix})"
        yield Edit(*extent(module, call), f"{text}.dot({right})")


def meet(found: Sequence[PassedDown]) -> bool:
    """Are two of the matrices multiplied with each other somewhere, which would give a sparse one?"""
    taken: dict[ast.FunctionDef, set[str]] = {}
    for one in found:
        for function, name in one.taken:
            taken.setdefault(function, set()).add(name)
    return any(
        all(_names_in(side) & names for side in (node.left, node.right))
        for function, names in taken.items()
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    )


def _names_in(node: ast.expr) -> set[str]:
    """The names of what is a factor, not of what is asked of it."""
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.Attribute(value=value, attr="T"):
            return _names_in(value)
        case ast.BinOp(left=left, op=op, right=right):
            # A product with a vector is one again: only its last factor tells, if it may be a matrix.
            return _names_in(right) if isinstance(op, ast.MatMult) else _names_in(left) | _names_in(right)
        case ast.UnaryOp(operand=operand):
            return _names_in(operand)
        case _:
            return set()


def names_held(found: Sequence[PassedDown]) -> frozenset[str]:
    """The parameters that hold another kind of matrix then, as results are named."""
    return frozenset(f"{function.name}():{name}" for one in found for function, name in one.taken)
