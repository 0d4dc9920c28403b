"""Classes that do nothing but hold a few numbers, and dicts that are written down with the same keys."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.scopes import scope_of

_MOST_FIELDS = 12


@dataclass(frozen=True, slots=True)
class Record:
    """A few numbers that belong together.

    Attributes
    ----------
    fields
        Their names, or the keys of a dict; none for a plain tuple.
    maker
        The class; ``{}`` for dicts, ``[]`` for lists, empty for plain tuples.
    is_tuple
        It can be unpacked, and walked.
    defaults
        Texts of the last fields' values where none are given.
    """

    width: int
    fields: tuple[str, ...] = ()
    maker: str = ""
    is_tuple: bool = True
    defaults: tuple[str, ...] = ()

    def again(self, text: str) -> str:
        """Text that makes the object of a tuple."""
        if self.maker == "{}":
            return f"dict(zip({self.fields!r}, {text}))"
        return f"list({text})" if self.maker == "[]" else f"{self.maker}(*{text})"


def made_with(found: object, maker: str) -> bool:
    """Is it a record of a class?"""
    return isinstance(found, Record) and found.maker == maker


def classes(module: Module) -> Iterator[Record]:
    """The classes of a file that do nothing but hold fields."""
    for part in module.tree.body:
        found = None
        match part:
            case ast.ClassDef():
                found = _of_class(part, module)
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(args=[_, fields], keywords=[]) as call
            ):
                if qualified(call.func, module, scope_of(module, call)) == "collections.namedtuple":
                    found = _named(name, fields)
        if found is not None and 1 < found.width <= _MOST_FIELDS and _is_bound_once(found.maker, module):
            yield found


def dicts(module: Module) -> dict[frozenset[str], Record]:
    """The sets of keys with which dicts are written down."""
    found: dict[frozenset[str], Record] = {}
    for node in module.all(ast.Dict):
        keys = tuple(one.value for one in node.keys if isinstance(one, ast.Constant))
        texts = tuple(key for key in keys if isinstance(key, str) and key.isidentifier())
        if 1 < len(node.keys) <= _MOST_FIELDS and len(set(texts)) == len(node.keys):
            found.setdefault(frozenset(texts), Record(len(texts), texts, "{}", is_tuple=False))
    return found


def _named(name: str, fields: ast.expr) -> Record | None:
    match fields:
        case ast.Constant(value=str(text)):
            names = text.replace(",", " ").split()
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            names = [
                one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if len(names) != len(parts):
                return None
        case _:
            return None
    return Record(len(names), tuple(names), name)


def _of_class(home: ast.ClassDef, module: Module) -> Record | None:
    scope = scope_of(module, home)
    bases = [qualified(base, module, scope) for base in home.bases]
    marks = [
        qualified(one.func if isinstance(one, ast.Call) else one, module, scope)
        for one in home.decorator_list
    ]
    body = home.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    is_tuple = bases == ["typing.NamedTuple"] and not marks
    if is_tuple or (not bases and marks == ["dataclasses.dataclass"]):
        return _of_fields(home.name, body, is_tuple=is_tuple)
    if not bases and not marks and not home.keywords:
        body = [
            part
            for part in body
            if not (isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "__slots__")
        ]
        return _of_constructor(home.name, body[0]) if len(body) == 1 else None
    return None


def _of_fields(name: str, body: list[ast.stmt], *, is_tuple: bool) -> Record | None:
    names: list[str] = []
    defaults: list[str] = []
    for part in body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=one), value=None):
                names.append(one)
            case ast.AnnAssign(target=ast.Name(id=one), value=ast.Constant(value=float()) as value):
                names.append(one)
                defaults.append(ast.unparse(value))
            case _:
                return None
    return Record(len(names), tuple(names), name, is_tuple, tuple(defaults))


def _of_constructor(name: str, start: ast.stmt) -> Record | None:
    """``def __init__(self, rho, u): self.rho = rho; self.u = u``, in order."""
    if not isinstance(start, ast.FunctionDef) or start.name != "__init__" or start.decorator_list:
        return None
    given = start.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
        return None
    itself, *names = [one.arg for one in given.args]
    stored: dict[str, str] = {}
    for part in start.body:
        match part:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id=base), attr=field)], value=ast.Name(id=value)
            ) if base == itself and field not in stored:
                stored[field] = value
            case _:
                return None
    return Record(len(names), tuple(stored), name, is_tuple=False) if [*stored.values()] == names else None


def _is_bound_once(name: str, module: Module) -> bool:
    bound = [
        node
        for node in module.nodes
        if (isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name)
        or (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.alias) and (node.asname or node.name) == name)
        or (isinstance(node, ast.arg) and node.arg == name)
    ]
    return len(bound) == 1
