"""Where a whole program defines and calls its functions and classes, found by name.

By name, in every file: a superset of what can happen, unless the program uses means that no name
shows, which is said too.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from pdeperf.source import Module, Project
from pdeperf.source.flow import writes
from pdeperf.source.project import import_folder
from pdeperf.source.scopes import Scope, parameters, scope_of
from pdeperf.source.walking import nodes_in

Node = TypeVar("Node", bound=ast.AST)
_DYNAMIC = frozenset(
    ("exec", "eval", "globals", "locals", "vars", "setattr", "__dict__", "__setattr__", "importlib")
)


class Program:
    """The uses of every name in a project.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def is_dynamic(self) -> bool:
        """Does it reach names in ways that its text does not show?"""
        return any(node.id in _DYNAMIC for _, node in self.all(ast.Name)) or any(
            node.attr in _DYNAMIC for _, node in self.all(ast.Attribute)
        )

    @cached_property
    def nodes(self) -> Sequence[tuple[Module, ast.AST]]:
        """Every node of every file."""
        return [(module, node) for module in self._project.modules.values() for node in module.nodes]

    def all(self, kind: type[Node]) -> Iterator[tuple[Module, Node]]:
        """Every node of one kind, file by file."""
        for module in self._project.modules.values():
            for node in module.all(kind):
                yield module, node

    @cached_property
    def classes(self) -> dict[str, list[tuple[Module, ast.ClassDef]]]:
        """Every class, by name."""
        found: dict[str, list[tuple[Module, ast.ClassDef]]] = {}
        for module, node in self.all(ast.ClassDef):
            found.setdefault(node.name, []).append((module, node))
        return found

    @cached_property
    def _stored_attributes(self) -> dict[str, list[tuple[Module, ast.Attribute]]]:
        """Attributes that are bound or deleted, by name."""
        found: dict[str, list[tuple[Module, ast.Attribute]]] = {}
        for module, node in self.all(ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                found.setdefault(node.attr, []).append((module, node))
        return found

    @cached_property
    def _stored_names(self) -> frozenset[str]:
        return frozenset(node.id for _, node in self.all(ast.Name) if isinstance(node.ctx, ast.Store))

    @cached_property
    def _readers(self) -> dict[str, list[tuple[Module, ast.AST]]]:
        """Where something is read of each name, in the order of :attr:`nodes`."""
        found: dict[str, list[tuple[Module, ast.AST]]] = {}
        for module, node in self.nodes:
            if name := name_read(node):
                found.setdefault(name, []).append((module, node))
        return found

    # ---- modules

    def _file(self, module: Module, name: str, level: int) -> Module | None:
        folder = module.file.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        home = folder if level else import_folder(self._project.modules)
        path = "/".join(part for part in (home, *name.split(".")) if part)
        for file in (f"{path}.py", f"{path}/__init__.py"):
            if file in self._project:
                return self._project[file]
        return None

    def imported(self, module: Module, statement: ast.AST, name: str) -> tuple[Module, str] | None:
        """The project's global that an import binds a name to."""
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) == name:
                    home = self._file(module, statement.module or "", statement.level)
                    return (home, alias.name) if home is not None and home is not module else None
        return None

    def starred(self, module: Module, statement: ast.ImportFrom) -> Module | None:
        """The project's module of ``from grid import *``."""
        return self._file(module, statement.module or "", statement.level)

    def module_of(self, module: Module, scope: Scope, name: str) -> Module | None:
        """The project's module that a name stands for."""
        owner = scope.resolve(name)
        if owner is None:
            return None
        imports, stored = module.once(_imports_in, owner.node)
        if name in stored:
            return None
        bound = {self._file(module, home, level) for home, level in imports.get(name, ())}
        return bound.pop() if len(bound) == 1 else None

    def is_set_from_outside(self, name: str) -> bool:
        """May another file assign this global (``grid.h = 2``)?"""
        return any(
            isinstance(node.value, ast.Name)
            and self.module_of(module, scope_of(module, node), node.value.id) is not None
            for module, node in self._stored_attributes.get(name, ())
        )

    # ---- functions

    def methods(self, name: str) -> Iterator[tuple[Module, ast.FunctionDef]]:
        """Every method of a name."""
        for module, node in self.all(ast.FunctionDef):
            if node.name == name and isinstance(module.parents[node], ast.ClassDef):
                yield module, node

    def ancestry(self, home: str) -> list[ast.ClassDef]:
        """A class, ``file:Grid``, and those of the project that it is derived from, in order of lookup.

        Empty where that order is not known: a class of a name twice, several bases, a library's base.
        """
        file, _, name = home.partition(":")
        found: list[ast.ClassDef] = []
        while name not in ("", "object", "ABC"):
            homes = self.classes.get(name, [])
            if len(homes) != 1 or homes[0][1] in found or (not found and homes[0][0].file != file):
                return []
            found.append(homes[0][1])
            bases = [ast.unparse(base).rpartition(".")[2] for base in homes[0][1].bases]
            if len(bases) > 1:
                return []
            name = bases[0] if bases else ""
        return found

    def method_of(self, home: str, name: str) -> tuple[Module, ast.FunctionDef] | None:
        """The method that an object of a class has by a name; None if that is not known."""
        for node in self.ancestry(home):
            module = self.classes[node.name][0][0]
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and part.name == name:
                    return module, part
                if not isinstance(part, ast.FunctionDef) and name in writes(part):
                    return None
        return None

    def class_called(self, module: Module, scope: Scope, func: ast.expr) -> str:
        """``file:Class`` that a call makes an object of; empty when it is not one of the project's."""
        name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
        homes = self.classes.get(name, [])
        if len(homes) != 1 or not self._is_own(homes[0][1]):
            return ""
        if isinstance(func, ast.Attribute) and not (
            isinstance(func.value, ast.Name) and self.module_of(module, scope, func.value.id)
        ):
            return ""
        return "" if name in self._stored_names else f"{homes[0][0].file}:{name}"

    def _is_own(self, node: ast.ClassDef) -> bool:
        """Is all of its behaviour in the project: no library among its bases, no metaclass?"""
        if node.keywords or any(not is_dataclass(part) for part in node.decorator_list):
            return False
        for base in node.bases:
            name = base.id if isinstance(base, ast.Name) else ""
            if name == "object":
                continue
            homes = self.classes.get(name, [])
            if len(homes) != 1 or homes[0][1] is node or not self._is_own(homes[0][1]):
                return False
        return not any(
            isinstance(part, ast.FunctionDef) and part.name in ("__getattr__", "__getattribute__", "__new__")
            for part in node.body
        )

    def receiver_class(self, module: Module, function: ast.AST) -> str:
        """The class whose instances a method's first parameter holds."""
        home = module.parents.get(function)
        if not isinstance(function, ast.FunctionDef) or not isinstance(home, ast.ClassDef):
            return ""
        plain = all(isinstance(part, ast.Name) and part.id == "property" for part in function.decorator_list)
        return f"{module.file}:{home.name}" if plain and self._is_own(home) else ""

    def passed(
        self, module: Module, function: ast.AST, name: str
    ) -> list[tuple[Module, ast.expr, bool]] | None:
        """Every value that a parameter is given, and whether it is its default; None if unknown."""
        if not isinstance(function, ast.FunctionDef) or not module.is_script:
            return None
        home = module.parents.get(function)
        in_class = isinstance(home, ast.ClassDef)
        known = {"staticmethod", "njit", "jit", "register_jitable"}
        decorators = {
            ast.unparse(part.func if isinstance(part, ast.Call) else part).rpartition(".")[2]
            for part in function.decorator_list
        }
        names = [argument.arg for argument in function.args.args]
        if not decorators <= known or (name not in names and name not in _keywords(function)):
            return None
        is_maker = in_class and function.name == "__init__"
        if function.name.startswith("__") and not is_maker:
            return None
        receiver = in_class and "staticmethod" not in decorators
        called: list[tuple[Module, ast.Call]] = []
        wanted = self.derived(home) if is_maker and isinstance(home, ast.ClassDef) else {function.name}
        for other, node in self._named(wanted):
            if in_class and not is_maker and isinstance(node, ast.Name):
                continue
            parent = other.parents.get(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                called.append((other, parent))
            elif not (is_maker and is_type_use(node, other)):
                return None
        if is_maker:
            for other, node in self.all(ast.Attribute):
                if node.attr == "__init__":
                    parent = other.parents.get(node)
                    if not (isinstance(node.value, ast.Call) and isinstance(parent, ast.Call)):
                        return None
                    called.append((other, parent))
        if in_class and any(
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id in self.classes
            for _, call in called
        ) and receiver and not is_maker:  # fmt: skip
            return None
        at = names.index(name) - receiver if name in names else -1
        return _given(module, function, name, at, called)

    def _named(self, wanted: set[str]) -> Iterator[tuple[Module, ast.AST]]:
        """Every node that reads something of one of these names, in the order of :attr:`nodes`."""
        if len(wanted) == 1:
            yield from self._readers.get(min(wanted), ())
            return
        yield from ((module, node) for module, node in self.nodes if is_named(node, wanted))

    def derived(self, home: ast.ClassDef) -> set[str]:
        """Names of a class and of those derived from it, whose calls run its ``__init__``."""
        found = {home.name}
        while True:
            more = {
                name
                for name, homes in self.classes.items()
                for _, node in homes
                if any(isinstance(base, ast.Name) and base.id in found for base in node.bases)
            } - found
            if not more:
                return found
            found |= more


def _imports_in(scope: ast.AST) -> tuple[Mapping[str, Sequence[tuple[str, int]]], frozenset[str]]:
    """What may be a module by each name that a scope imports, and the names that it binds otherwise."""
    imports: dict[str, list[tuple[str, int]]] = {}
    stored: set[str] = set()
    for node in nodes_in(scope):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    name = alias.asname or alias.name.split(".")[0]
                    imports.setdefault(name, []).append((alias.name, 0))
            case ast.ImportFrom(module=home, names=aliases, level=level):
                for alias in aliases:
                    full = f"{home or ''}.{alias.name}".strip(".")
                    imports.setdefault(alias.asname or alias.name, []).append((full, level))
            case ast.Name(id=name, ctx=ast.Store()):
                stored.add(name)
    return imports, frozenset(stored)


def is_dataclass(node: ast.expr) -> bool:
    """Is it the decorator that makes a dataclass?"""
    inner = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(inner).rpartition(".")[2] == "dataclass"


def is_named(node: ast.AST, wanted: set[str]) -> bool:
    """Does it read something of one of these names?"""
    return name_read(node) in wanted


def name_read(node: ast.AST) -> str:
    """The name of which something is read; empty for anything else."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
            return name
        case ast.alias(name=name, asname=str()):
            return name
        case _:
            return ""


def is_type_use(node: ast.AST, module: Module) -> bool:
    """Is a class named as a base, in an annotation or as what an object is asked to be? None is made then."""
    above = module.parents.get(node)
    while isinstance(above, ast.Subscript | ast.Tuple | ast.BinOp):
        node, above = above, module.parents.get(above)
    match above:
        case ast.ClassDef() | ast.arg():
            return True
        case ast.AnnAssign(annotation=annotation):
            return annotation is node
        case ast.FunctionDef(returns=returned):
            return returned is node
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, asked]):
            return asked is node
    return False


def _keywords(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.kwonlyargs]


def _given(
    module: Module, function: ast.FunctionDef, name: str, at: int, called: Sequence[tuple[Module, ast.Call]]
) -> list[tuple[Module, ast.expr, bool]] | None:
    found: list[tuple[Module, ast.expr, bool]] = []
    default = _default(function, name)
    for other, call in called:
        if any(isinstance(part, ast.Starred) for part in call.args) or any(not k.arg for k in call.keywords):
            return None
        word = next((word.value for word in call.keywords if word.arg == name), None)
        value = call.args[at] if 0 <= at < len(call.args) else word
        if value is not None:
            found.append((other, value, False))
        elif default is not None:
            found.append((module, default, True))
        else:
            return None
    return found


def _default(function: ast.FunctionDef, name: str) -> ast.expr | None:
    names = list(parameters(function))
    positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if name in positional:
        at = positional.index(name) - len(positional) + len(function.args.defaults)
        return function.args.defaults[at] if at >= 0 else None
    assert name in names
    return function.args.kw_defaults[_keywords(function).index(name)]
