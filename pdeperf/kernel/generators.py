"""Which of a file's generators a ``for`` runs over, and whether its loops can stand in place of that.

``for i, j in interior(n): ...`` over ``def interior(n)`` whose loops ``yield i, j``: the loops with the
body of the ``for`` where they yield do the same, as long as nobody else holds the generator.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.definitions import single_definition
from pdeperf.kernel.program import Program
from pdeperf.kernel.replaced import is_assigned, is_replaced
from pdeperf.source import Module, Project
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters, scope_of

_NEVER = (
    ast.Try,
    ast.With,
    ast.AsyncWith,
    ast.AsyncFor,
    ast.Await,
    ast.Global,
    ast.Nonlocal,
    ast.Delete,
    ast.NamedExpr,
    ast.Match,
    ast.Import,
    ast.ImportFrom,
    ast.ClassDef,
    *FUNCTIONS,
)
"""What keeps a generator as it is."""
_MOST_YIELDS = 4
_OF_FUNCTION = frozenset("next StopIteration super locals vars __class__".split())
"""What means something else outside of the generator."""


@dataclass(frozen=True, slots=True)
class Generator:
    """A loop over a generator whose body can stand in its place.

    Attributes
    ----------
    given
        What each parameter is given.
    yields
        The statements that yield, in order.
    """

    loop: ast.For
    function: ast.FunctionDef
    given: Mapping[str, ast.expr]
    yields: tuple[ast.Expr, ...]

    @property
    def body(self) -> Sequence[ast.stmt]:
        """The generator's statements, without a docstring."""
        first = self.function.body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return self.function.body[is_text:]


def generators(module: Module, project: Project, program: Program) -> Iterator[Generator]:
    """The loops of a file whose generators can stand in their place, the last of the file first."""
    for loop in sorted(module.all(ast.For), key=lambda one: (-one.lineno, one.col_offset)):
        if isinstance(loop.iter, ast.Call) and not loop.orelse:
            found = _generator(loop, loop.iter, module, project, program)
            if found is not None and _is_placeable(found, module):
                yield found


def _generator(
    loop: ast.For, call: ast.Call, module: Module, project: Project, program: Program
) -> Generator | None:
    function, first = _function(call, module, project, program)
    if function is None or function.decorator_list:
        return None
    yields = tuple(
        sorted(
            (
                node
                for node in own_nodes(function)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)
            ),
            key=lambda node: node.lineno,
        )
    )
    count = sum(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))
    given = _given(function, call, first)
    if not 0 < len(yields) == count <= _MOST_YIELDS or given is None:
        return None
    return Generator(loop, function, given, yields)


def _function(
    call: ast.Call, module: Module, project: Project, program: Program
) -> tuple[ast.FunctionDef | None, ast.expr | None]:
    """The one function of the file that is called, for certain; and the object whose method it is."""
    scope = scope_of(module, call)
    match call.func:
        case ast.Name(id=name):
            owner = scope.resolve(name)
            found = single_definition(name, owner.node) if owner is not None else None
            if isinstance(found, ast.FunctionDef) and not is_replaced(name, project):
                return found, None
        case ast.Attribute(value=ast.Name(id=name) as first, attr=attribute):
            method = scope.node
            home = module.parents.get(method)
            if (
                not (isinstance(method, ast.FunctionDef) and isinstance(home, ast.ClassDef))
                or parameters(method)[:1] != (name,)
                or method.decorator_list
                or _is_bound(name, method)
            ):
                return None, None
            named = [node for _, node in program.all(ast.FunctionDef) if node.name == attribute]
            family = program.ancestry(f"{module.file}:{home.name}")
            if len(named) != 1 or module.parents.get(named[0]) not in family:
                return None, None
            if not is_replaced(attribute, project) and not is_assigned(attribute, home, program, project):
                return named[0], first
    return None, None


def _is_bound(name: str, function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )


def _given(
    function: ast.FunctionDef, call: ast.Call, first: ast.expr | None
) -> Mapping[str, ast.expr] | None:
    """What each parameter is given; None where that is not plain."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs or arguments.kwonlyargs:
        return None
    names = [one.arg for one in arguments.args]
    values = [*([first] if first is not None else []), *call.args]
    if len(values) > len(names) or any(isinstance(one, ast.Starred) for one in values):
        return None
    found = dict(zip(names, values, strict=False))
    for word in call.keywords:
        if word.arg is None or word.arg in found or word.arg not in names:
            return None
        found[word.arg] = word.value
    defaults = names[len(names) - len(arguments.defaults) :]
    for name, value in zip(defaults, arguments.defaults, strict=True):
        if name not in found and not isinstance(value, ast.Constant):
            return None
        found.setdefault(name, value)
    return found if len(found) == len(names) else None


def _is_placeable(one: Generator, module: Module) -> bool:
    """Do the generator's statements with the loop's body in them mean what the loop means?"""
    loop, function = one.loop, one.function
    inside = [node for part in one.body for node in ast.walk(part)]
    if function in module.ancestors(loop) or not one.body or not owns_lines(module, [loop]):
        return False
    if any(isinstance(node, _NEVER) or _is_bound_to_function(node) for node in inside):
        return False
    if not owns_lines(module, loop.body):
        return False
    if loop.body[0].lineno == loop.lineno or one.body[0].lineno == function.lineno:
        return False
    if any(map(_has_lines, (*inside, *(node for part in loop.body for node in ast.walk(part))))):
        return False
    if not owns_lines(module, one.body) or not all(owns_lines(module, [part]) for part in one.yields):
        return False
    if not _means_the_same(one, module):
        return False
    returns = [node for node in inside if isinstance(node, ast.Return)]
    if any(node.value is not None or not _ends_all(node, one, module) for node in returns):
        return False
    leaves = {type(node) for part in loop.body for node in _jumps(part)}
    if ast.Break in leaves and not all(_ends_all(part, one, module) for part in one.yields):
        return False
    return ast.Continue not in leaves or all(_is_last(part, one, module) for part in one.yields)


def _is_bound_to_function(node: ast.AST) -> bool:
    """Is it a name that means something else in another function, or in another class (``self.__n``)?"""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name in _OF_FUNCTION or (name.startswith("__") and not name.endswith("__"))


def _has_lines(node: ast.AST) -> bool:
    """Is it a text over several lines, which would not stay the same where lines are moved?"""
    is_text = isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
    return is_text and node.lineno != node.end_lineno  # type: ignore[attr-defined]


def _means_the_same(one: Generator, module: Module) -> bool:
    """Do names that the generator does not bind mean the same where the loop stands?"""
    there, here = scope_of(module, one.function), scope_of(module, one.loop)
    home = module.parents.get(one.loop)
    while home is not None and not isinstance(home, (*FUNCTIONS, ast.ClassDef, ast.Module)):
        home = module.parents.get(home)
    if isinstance(home, ast.ClassDef) or isinstance(here.node, ast.Lambda):
        return False
    free = {
        node.id
        for part in one.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and node.id not in there.binds
    }
    return all(_node(there.resolve(name)) is _node(here.resolve(name)) for name in free)


def _node(scope: Scope | None) -> ast.AST | None:
    return scope.node if scope is not None else None


def _jumps(node: ast.AST) -> Iterator[ast.stmt]:
    """The breaks and continues of the loop in whose body a statement stands."""
    if isinstance(node, ast.Break | ast.Continue):
        yield node
    elif isinstance(node, ast.For | ast.While):
        for part in node.orelse:
            yield from _jumps(part)
    elif not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for inner in ast.iter_child_nodes(node):
            yield from _jumps(inner)


def _loop_around(node: ast.AST, one: Generator, module: Module) -> ast.For | ast.While | None:
    for above in module.ancestors(node):
        if above is one.function:
            return None
        if isinstance(above, ast.For | ast.While):
            return above
    return None


def _ends_all(node: ast.AST, one: Generator, module: Module) -> bool:
    """Is leaving the loop around a statement the end of the generator?"""
    loop = _loop_around(node, one, module)
    return loop is not None and loop is one.body[-1] and not loop.orelse


def _is_last(node: ast.AST, one: Generator, module: Module) -> bool:
    """Is the next thing after a statement the next turn of the loop around it?"""
    loop = _loop_around(node, one, module)
    while loop is not None and node is not loop:
        above = module.parents[node]
        blocks = [getattr(above, name, []) for name in ("body", "orelse")]
        if not any(block and block[-1] is node for block in blocks):
            return False
        if above is loop:
            return loop.body[-1] is node
        if not isinstance(above, ast.If):
            return False
        node = above
    return False
