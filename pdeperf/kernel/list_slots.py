"""What stands for a list in a file, and which of the file's functions it is handed to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from pdeperf.kernel.definitions import single_definition
from pdeperf.source import Module
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, parameters, scope_of

_OF_OTHERS = frozenset(dir(dict)) | frozenset(dir(list)) | frozenset(dir(set)) | {"fill", "sum", "mean"}
"""Methods that objects of others have too."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands for a list: a name of a scope, an attribute by its name, a part of a function's results.

    Attributes
    ----------
    form
        ``name``, ``attribute``, ``result``, or ``part`` for a name that a comprehension binds.
    owner
        Identity of the scope, the function or the comprehension; 0 for attributes.
    """

    form: str
    owner: int
    name: str


class NoArrayError(ValueError):
    """A list is used in a way that an array cannot serve."""


@dataclass(slots=True)
class ListSlots:
    """The names and functions of a file.

    Attributes
    ----------
    inside
        Identities of nodes in compiled code, where elements are all that is used.
    quiet
        Those of them that Python never runs.
    nodes
        Scopes, functions and comprehensions by their identities.
    """

    module: Module
    inside: frozenset[int]
    quiet: frozenset[int]
    nodes: dict[int, ast.AST] = field(default_factory=dict)

    def slot_of(self, node: ast.expr) -> Slot | None:
        """What a name or an attribute stands for; None for anything else."""
        match node:
            case ast.Name(id=name):
                below: ast.AST = node
                for above in self.module.ancestors(node):
                    if isinstance(above, COMPREHENSIONS):
                        first = above.generators[0]
                        is_outside = below is first and node in [*ast.walk(first.iter)]
                        if not is_outside and any(name in _names(part.target) for part in above.generators):
                            return self.slot("part", above, name)
                    elif isinstance(above, (*FUNCTIONS, ast.stmt)):
                        break
                    below = above
                owner = scope_of(self.module, node).resolve(name)
                return self.slot("name", owner.node, name) if owner is not None else None
            case ast.Attribute(attr=name):
                return Slot("attribute", 0, name)
        return None

    def slot(self, form: str, owner: ast.AST, name: str) -> Slot:
        self.nodes[id(owner)] = owner
        return Slot(form, id(owner), name)

    def calls_of(self, function: ast.AST) -> Iterator[ast.Call]:
        """All calls of a function; an error where it is used in any other way."""
        assert isinstance(function, ast.FunctionDef)
        home = self.module.parents.get(function)
        name = function.name
        if function.decorator_list or function.args.vararg or function.args.kwarg:
            raise NoArrayError(f"`{name}` is decorated, or takes any number of arguments")
        is_method = isinstance(home, ast.ClassDef)
        if is_method and self._methods(name) != [function]:
            raise NoArrayError(f"`{name}` is a method of several classes")
        if name == "__init__" and self._is_inherited(home):
            raise NoArrayError("a class with a list in its constructor is derived from")
        called = home.name if is_method and isinstance(home, ast.ClassDef) and name == "__init__" else name
        for node in self.module.nodes:
            match node:
                case ast.Name(id=one, ctx=ast.Load()) if one == called and (not is_method or called != name):
                    pass
                case ast.Attribute(attr=one) if one == name and is_method and called == name:
                    pass
                case _:
                    continue
            call = self.module.parents[node]
            if isinstance(call, ast.Call) and call.func is node:
                if id(call) not in self.quiet:
                    yield call
            elif not self._is_own_kind(call, node):
                raise NoArrayError(f"`{name}` is handed on as a function")
        if not is_method and single_definition(name, self.module.tree) is not function:
            raise NoArrayError(f"`{name}` is defined several times")

    def _is_own_kind(self, above: ast.AST, node: ast.AST) -> bool:
        """Is it a class in an annotation, or asked for by ``isinstance``, which calls nothing?"""
        match above:
            case ast.arg() | ast.FunctionDef():
                return True
            case ast.AnnAssign(annotation=annotation):
                return annotation is node
            case ast.Call(func=ast.Name(id="isinstance")):
                return True
        return False

    def _is_inherited(self, home: ast.AST | None) -> bool:
        name = home.name if isinstance(home, ast.ClassDef) else ""
        return any(
            (isinstance(node, ast.ClassDef) and name in map(ast.unparse, node.bases))
            or (isinstance(node, ast.Attribute) and node.attr == "__init__")
            for node in self.module.nodes
        )

    def _methods(self, name: str) -> list[ast.AST]:
        return [
            part
            for home in self.module.all(ast.ClassDef)
            for part in home.body
            if isinstance(part, ast.FunctionDef) and part.name == name
        ]

    def given(self, function: ast.AST, name: str) -> Iterator[ast.expr]:
        """What a parameter is given by all calls."""
        assert isinstance(function, FUNCTIONS)
        if not isinstance(function, ast.FunctionDef):
            raise NoArrayError("a lambda is given a list")
        is_method = isinstance(self.module.parents.get(function), ast.ClassDef)
        names = parameters(function)[is_method:]
        if name not in names:
            raise NoArrayError(f"`{name}` is an object")
        with_default = names[len(names) - len(function.args.defaults) :] if function.args.defaults else ()
        for call in self.calls_of(function):
            starred = any(isinstance(part, ast.Starred) for part in call.args)
            if starred or not all(word.arg for word in call.keywords):
                raise NoArrayError(f"`{function.name}` is called with a starred argument")
            at = names.index(name)
            found = [word.value for word in call.keywords if word.arg == name] + call.args[at : at + 1]
            if not found or name in with_default:
                raise NoArrayError(f"`{name}` has a default")
            yield found[0]

    def function_called(self, call: ast.Call) -> ast.FunctionDef | None:
        """The file's function, method or constructor that a call means."""
        match call.func:
            case ast.Name(id=name):
                owner = scope_of(self.module, call).resolve(name)
                found = single_definition(name, owner.node) if owner is not None else None
                if isinstance(found, ast.FunctionDef):
                    return found
                classes = (part for part in self.module.tree.body if isinstance(part, ast.ClassDef))
                made = [part for part in classes if part.name == name]
                starts = [one for home in made for one in self._methods("__init__") if one in home.body]
                return starts[0] if len(starts) == 1 and isinstance(starts[0], ast.FunctionDef) else None
            case ast.Attribute(attr=name):
                methods = self._methods(name) if name not in _OF_OTHERS else []
                return methods[0] if len(methods) == 1 and isinstance(methods[0], ast.FunctionDef) else None
        return None


def _names(target: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
