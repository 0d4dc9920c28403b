"""Which binding a name means: function locals, closures, module globals, builtins."""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.source.project import Module
from pdeperf.source.walking import FIELDS, children, nodes_in

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs in a scope itself, not in the functions and classes defined there.

    The headers of nested functions (decorators, defaults) belong to the scope; comprehensions do too.
    """
    stack: list[ast.AST] = children(scope)
    if isinstance(scope, FUNCTIONS):
        stack = list(scope.body) if isinstance(scope.body, list) else [scope.body]
    node_type, fields, headed = ast.AST, FIELDS, _HEADED
    append, pop = stack.append, stack.pop
    while stack:
        node = pop()
        yield node
        kind = node.__class__
        if kind in headed:
            stack += _headers(node)
            continue
        for name in fields[kind]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                stack += [item for item in value if isinstance(item, node_type)]
            elif isinstance(value, node_type):
                append(value)


_HEADED = frozenset((*FUNCTIONS, ast.ClassDef))


def _headers(node: ast.AST) -> list[ast.AST]:
    """What of a function or a class is evaluated where it is defined."""
    if isinstance(node, ast.ClassDef):
        return [*node.bases, *node.decorator_list]
    assert isinstance(node, FUNCTIONS)
    found: list[ast.AST] = list(node.args.defaults)
    found += [default for default in node.args.kw_defaults if default is not None]
    if not isinstance(node, ast.Lambda):
        found += node.decorator_list
    return found


def parameters(function: Function) -> tuple[str, ...]:
    """Names of a function's parameters, in order."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        every.append(arguments.vararg)
    every.extend(arguments.kwonlyargs)
    if arguments.kwarg:
        every.append(arguments.kwarg)
    return tuple(argument.arg for argument in every)


def bound_names(target: ast.AST) -> Iterator[str]:
    """Names that a statement or an assignment target itself binds."""
    for node in nodes_in(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id


def _declared(scope: ast.AST, kind: type[ast.Global] | type[ast.Nonlocal]) -> frozenset[str]:
    return frozenset(name for node in own_nodes(scope) if isinstance(node, kind) for name in node.names)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A function's or a module's namespace.

    Attributes
    ----------
    node
        The function, the lambda or the module.
    binds
        Names that live in this namespace.
    parent
        The namespace around it; None for a module. Class bodies are skipped, as Python does.
    """

    node: ast.AST
    binds: frozenset[str]
    globals: frozenset[str]
    parent: "Scope | None"

    @property
    def is_module(self) -> bool:
        """Is this the top level of a file?"""
        return self.parent is None

    def resolve(self, name: str) -> "Scope | None":
        """The namespace that a name read here belongs to; None for builtins and star imports."""
        if name in self.globals:
            return self.module
        scope: Scope | None = self
        while scope is not None:
            if name in scope.binds:
                return scope
            scope = scope.parent
        return None

    @property
    def module(self) -> "Scope":
        """The top level around this scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


def _binds(node: ast.AST) -> frozenset[str]:
    names: set[str] = set(parameters(node)) if isinstance(node, FUNCTIONS) else set()
    stored: list[ast.Name] = []
    of_comprehensions: set[int] = set()
    elsewhere: set[str] = {"*"}
    for inner in own_nodes(node):
        match inner:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                stored.append(inner)
            case ast.comprehension(target=target):
                of_comprehensions.update(id(name) for name in nodes_in(target))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                names.add(name)
            case ast.Global(names=declared) | ast.Nonlocal(names=declared):
                elsewhere.update(declared)
    names.update(name.id for name in stored if id(name) not in of_comprehensions)
    return frozenset(names) - elsewhere


def local_names(function: ast.AST) -> frozenset[str]:
    """Names that live in a function's own namespace."""
    return _binds(function)


def declared_global(function: ast.AST) -> frozenset[str]:
    """Names that a function says are the module's."""
    return _declared(function, ast.Global)


def scope_of(module: Module, node: ast.AST) -> Scope:
    """The namespace in which a node runs; for a function, the namespace of its body."""
    function = next(
        (above for above in (node, *module.ancestors(node)) if isinstance(above, FUNCTIONS)), None
    )
    if function is None:
        return module.once(_module_scope, module)
    if function in module.parents:
        return module.once(_function_scope, function, module)
    return _function_scope(function, module)


def home_of(module: Module, node: ast.AST) -> ast.AST:
    """The function or module in which a node stands."""
    return next((above for above in module.ancestors(node) if isinstance(above, FUNCTIONS)), module.tree)


def statement_of(module: Module, node: ast.AST) -> ast.stmt:
    """The innermost statement that a node is, or is part of."""
    return next(above for above in (node, *module.ancestors(node)) if isinstance(above, ast.stmt))


def _module_scope(module: Module) -> Scope:
    global_names = frozenset(name for inner in module.all(ast.Global) for name in inner.names)
    return Scope(module.tree, _binds(module.tree) | global_names, frozenset(), None)


def _function_scope(function: Function, module: Module) -> Scope:
    around = scope_of(module, module.parents.get(function, module.tree))
    return Scope(function, _binds(function), _declared(function, ast.Global), around)


def uses_of(name: str, module: Module) -> Sequence[ast.Name]:
    """Every place of a file where a name stands, in whatever scope."""
    return module.once(_by_name, module).get(name, ())


def _by_name(module: Module) -> Mapping[str, Sequence[ast.Name]]:
    found: dict[str, list[ast.Name]] = {}
    for node in module.all(ast.Name):
        found.setdefault(node.id, []).append(node)
    return found


def star_imports(module: Module) -> tuple[str, ...]:
    """Modules that are star-imported at top level, in order."""
    return module.once(_star_imports, module)


def _star_imports(module: Module) -> tuple[str, ...]:
    return tuple(
        node.module or ""
        for node in module.all(ast.ImportFrom)
        if any(alias.name == "*" for alias in node.names)
    )


def is_builtin(name: str) -> bool:
    """Is it the name of a Python builtin?"""
    return hasattr(builtins, name)
