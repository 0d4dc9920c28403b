"""Which names of a scope may stand for the same memory, and which names leave the scope.

Flow-insensitive: two names that share memory at any time count as sharing it always. A *key* is a
name of the scope, or ``.attr`` for every attribute of that name, whoever's it is.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.values import Values
from pdeperf.lifetimes.vocabulary import (
    CHANGING_METHODS,
    HARMLESS_HOMES,
    PURE,
    READING_METHODS,
    SIZE_ATTRIBUTES,
    VIEW_ATTRIBUTES,
    VIEW_METHODS,
    VIEWS,
)
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, Function, own_nodes, parameters

Keys = frozenset[str]
NONE: Keys = frozenset()
RETURNED, KEPT, CAPTURED = "<returned>", "<kept>", "<captured>"
"""Where a value may go: back to the caller, into something that lives on, into a nested function."""

_KEEPING = ("matplotlib.", "pylab.")
_NEW_HOMES = ("numpy.random.", "time.", "os.", "sys.", "warnings.")
_FILLED_LATER = frozenset(
    f"scipy.sparse.{form}_{kind}" for form in ("lil", "dok") for kind in ("matrix", "array")
)
_OF_NUMBERS = ("numpy.zeros", "numpy.ones", "numpy.empty")
_NUMBERS = ("float", "int", "complex", "bool", "float64", "float32", "complex128", "int64", "int32")
_CONTAINER_METHODS = frozenset(("append", "extend", "insert", "add", "appendleft", "setdefault", "update"))


class Sharing:
    """Answers for a whole project; groups are computed once a scope."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self._groups: dict[tuple[ast.AST, int], Mapping[str, Keys]] = {}
        self._open: set[ast.AST] = set()

    @cached_property
    def _stored_attributes(self) -> Keys:
        """The attributes that the project's own code stores: what is read by such a name may be no view."""
        found = set()
        for module in self.meaning.project.modules.values():
            for node in ast.walk(module.tree):
                match node:
                    case ast.Attribute(attr=name, ctx=ast.Store()):
                        found.add(name)
                    case ast.ClassDef(body=body):
                        found |= {name for part in body for name in writes(part)}
                        found |= {part.name for part in body if isinstance(part, ast.FunctionDef)}
        return frozenset(found)

    def _is_object(self, module: Module, node: ast.expr) -> bool:
        """Is it surely one of the user's objects, and no array?"""
        if isinstance(node, ast.Name) and node.id == "self":
            return True
        statement = next((above for above in module.ancestors(node) if isinstance(above, ast.stmt)), None)
        seen = self.meaning.values(module, statement, ast.unparse(node), "type") if statement else NONE
        return bool(seen) and not any(kind.startswith(("numpy.", "scipy.", "cupy.")) for kind in seen)

    def group(self, module: Module, home: ast.AST, key: str, until: int = 0) -> Keys:
        """Everything that may share memory with a key of a scope, itself included.

        Parameters
        ----------
        until
            What later lines do does not count; 0 for all of the scope.
        """
        if (home, until) not in self._groups:
            self._groups[home, until] = _joined(self._links(module, home, until))
        return self._groups[home, until].get(key, frozenset((key,)))

    def behind(self, module: Module, node: ast.expr) -> Keys:
        """Keys whose memory the value of an expression may share."""
        match node:
            case ast.Name(id=name):
                known = self.meaning.full(module, node) or self.meaning.is_plain_number(module, node)
                return NONE if known else frozenset((name,))
            case ast.Attribute(attr=attr) if attr in SIZE_ATTRIBUTES:
                return NONE
            case ast.Attribute(value=value, attr=attr):
                if self.meaning.full(module, node):
                    return NONE
                if attr in VIEW_ATTRIBUTES:
                    if attr not in self._stored_attributes:
                        return self.behind(module, value)
                    view = NONE if self._is_object(module, value) else self.behind(module, value)
                    return view | {f".{attr}"}  # temperatures, ``self.T``
                if attr in CHANGING_METHODS or attr.startswith("__"):  # kept for later: ``change = u.fill``
                    return self.behind(module, value) | {f".{attr}", KEPT}
                return frozenset((f".{attr}",))
            case ast.Subscript(value=value):
                return NONE if self._is_element(module, node) else self.behind(module, value)
            case ast.Call():
                return self._behind_call(module, node)
            case ast.IfExp(body=one, orelse=other):
                return self.behind(module, one) | self.behind(module, other)
            case ast.NamedExpr(target=target, value=value):
                return self.behind(module, target) | self.behind(module, value)
            case (
                ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts)
            ):
                return NONE.union(*(self.behind(module, part) for part in parts))
            case ast.Dict(values=parts):
                return NONE.union(*(self.behind(module, part) for part in parts))
            case ast.Starred(value=value) | ast.Await(value=value) | ast.YieldFrom(value=value):
                return self.behind(module, value)
            case ast.BinOp(left=left, right=right) if any(
                isinstance(part, ast.List | ast.Tuple | ast.ListComp) for part in (left, right)
            ):
                return self.behind(module, left) | self.behind(module, right)
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner) | ast.SetComp(elt=inner):
                return self.behind(module, inner)
            case ast.DictComp(value=inner):
                return self.behind(module, inner)
            case _:
                return NONE

    def _is_element(self, module: Module, node: ast.Subscript) -> bool:
        """Is it one number out of an array?"""
        statement = next((above for above in module.ancestors(node) if isinstance(above, ast.stmt)), None)
        return statement is not None and Values(self.meaning, module, statement).is_element(node)

    def _behind_call(self, module: Module, node: ast.Call) -> Keys:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        every = NONE.union(*(self.behind(module, argument) for argument in arguments))
        name = self.meaning.full(module, node.func)
        out = NONE.union(*(self.behind(module, k.value) for k in node.keywords if k.arg in ("out", None)))
        if self.meaning.is_pure(module, node) or self.meaning.solves(module, node):
            return NONE
        if name in _FILLED_LATER and node.args and isinstance(node.args[0], ast.Tuple):
            return NONE
        if name in VIEWS or name.startswith("builtins."):
            return every
        if name.startswith(HARMLESS_HOMES):
            # np.frombuffer, np.ma.array, interpolators, tqdm and others hold on to what they are given.
            makes_new = name in PURE or name.startswith(_NEW_HOMES)
            copies = not any(keyword.arg in ("copy", "where") for keyword in node.keywords)
            return out if makes_new and copies else every
        if isinstance(node.func, ast.Attribute) and not name:
            own = self.behind(module, node.func.value)
            method = node.func.attr
            if method in READING_METHODS:
                # astype(..., copy=False) may hand back the array itself.
                return own if any(keyword.arg == "copy" for keyword in node.keywords) else out
            if method in VIEW_METHODS and method not in self.meaning.functions:
                return own
            every |= own
        functions = self.meaning.called(module, node)
        if not functions:
            return every
        found = NONE
        for home, function in functions:
            for parameter, argument in passed(node, function):
                if parameter is None or RETURNED in self._group_of_parameter(home, function, parameter):
                    found |= self.behind(module, argument)
            own = self.meaning.scope(home, function).binds
            found |= frozenset(
                key
                for key in self._group_of_parameter(home, function, RETURNED)
                if key.startswith(".") or (key not in own and not key.startswith("<"))
            )
            if _remembers(function):
                found |= {KEPT}
        return found

    def _group_of_parameter(self, module: Module, function: Function, name: str) -> Keys:
        if function in self._open:  # it calls itself: the first round's answer covers the rest
            return NONE
        return self.group(module, function, name)

    def _links(self, module: Module, home: ast.AST, until: int) -> Iterator[Keys]:
        """Sets of keys that share memory for one statement each."""
        self._open.add(home)
        try:
            found = [
                link
                for node in own_nodes(home)
                if not until or getattr(node, "lineno", 0) <= until
                for link in self._of(module, node)
            ]
            if isinstance(home, ast.Lambda):
                found.append(self.behind(module, home.body) | {RETURNED})
        finally:
            self._open.discard(home)
        return iter(found)

    def _of(self, module: Module, node: ast.AST) -> Iterator[Keys]:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self._assigned(module, target, value)
                if len(targets) > 1:  # a = b = value
                    yield NONE.union(*(self.behind(module, target) for target in targets))
            case ast.AugAssign(target=target, op=ast.Add() | ast.BitOr(), value=value):
                # A list that is added to keeps the objects, and so does a set; an array takes their numbers.
                seen = self.meaning.values(module, node, ast.unparse(target), "type")
                if isinstance(target, ast.Subscript) and (
                    self._is_sparse(module, target.value) or self._is_made_of_numbers(module, target.value)
                ):
                    return
                if seen not in ({"numpy.ndarray"}, {"cupy.ndarray"}):
                    yield self.behind(module, target) | self.behind(module, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assigned(module, target, value)
            case ast.NamedExpr(target=target, value=value):
                yield from self._assigned(module, target, value)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                names = [inner for inner in ast.walk(target) if isinstance(inner, ast.Name)]
                yield frozenset(name.id for name in names) | self.behind(module, source)
            case ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
                yield from self._assigned(module, target, value)
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                yield self.behind(module, value) | {RETURNED}
            case ast.YieldFrom(value=value):
                yield self.behind(module, value) | {RETURNED}
            case ast.Call():
                yield from self._kept(module, node)
            case ast.FunctionDef() | ast.Lambda() | ast.AsyncFunctionDef() | ast.ClassDef():
                inside = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
                local = set(parameters(node)) if isinstance(node, FUNCTIONS) else set()
                for name in inside - local:
                    yield frozenset((name, CAPTURED))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    yield frozenset((name, KEPT))

    def _assigned(self, module: Module, target: ast.expr, value: ast.expr) -> Iterator[Keys]:
        match target, value:
            case (
                (ast.Tuple(elts=left) | ast.List(elts=left)),
                (ast.Tuple(elts=right) | ast.List(elts=right)),
            ) if len(left) == len(right) and not any(
                isinstance(part, ast.Starred) for part in [*left, *right]
            ):
                for one, other in zip(left, right, strict=True):
                    yield from self._assigned(module, one, other)
            case ((ast.Tuple(elts=left) | ast.List(elts=left)), _):
                yield from (
                    self.behind(module, part.value if isinstance(part, ast.Starred) else part)
                    | self.behind(module, value)
                    for part in left
                )
            case ast.Subscript(value=base), _:
                # Storing into an array copies; storing into a list or a dict keeps the object.
                statement = next(a for a in module.ancestors(target) if isinstance(a, ast.stmt))
                path = ast.unparse(base)
                holds_objects = "object" in self.meaning.values(module, statement, path, "dtype")
                takes_numbers = self.meaning.is_array(module, statement, path) and not holds_objects
                takes_numbers |= self._is_made_of_numbers(module, base)
                if not takes_numbers and not self._is_sparse(module, base):
                    yield self.behind(module, base) | self.behind(module, value)
            case _:
                yield self.behind(module, target) | self.behind(module, value)

    def _is_made_of_numbers(self, module: Module, node: ast.expr) -> bool:
        """Is it a name that a function only ever binds to new arrays of numbers?"""
        home = self.meaning.home(module, node)
        if not isinstance(node, ast.Name) or not isinstance(home, ast.FunctionDef):
            return False
        scope = self.meaning.scope(module, node).resolve(node.id)
        if scope is None or scope.node is not home or node.id in parameters(home):
            return False
        if any(node.id in (getattr(one, "name", ""), getattr(one, "asname", "")) for one in ast.walk(home)):
            return False  # an import, a function or an exception
        inside = [one for one in ast.walk(home) if isinstance(one, ast.Name) and one.id == node.id]
        targets = [one for one in inside if not isinstance(one.ctx, ast.Load)]
        return bool(targets) and all(self._is_new_numbers(module, one) for one in targets)

    def _is_new_numbers(self, module: Module, target: ast.Name) -> bool:
        match module.parents.get(target):
            case ast.Assign(targets=[one], value=ast.Call(func=func, args=[_, *more], keywords=keywords)) if (
                one is target and self.meaning.full(module, func) in _OF_NUMBERS and len(more) < 2
            ):
                kinds = [*more, *(keyword.value for keyword in keywords if keyword.arg != "order")]
                return all(ast.unparse(kind).rpartition(".")[2] in _NUMBERS for kind in kinds)
        return False

    def _is_sparse(self, module: Module, node: ast.expr) -> bool:
        """Was it always a sparse matrix, which takes the numbers of what is stored into it?"""
        statement = next(above for above in module.ancestors(node) if isinstance(above, ast.stmt))
        seen = self.meaning.values(module, statement, ast.unparse(node), "type")
        return bool(seen) and all(kind.startswith("scipy.sparse.") for kind in seen)

    def _kept(self, module: Module, node: ast.Call) -> Iterator[Keys]:
        """What a call may keep of its arguments."""
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        name = self.meaning.full(module, node.func)
        if name.startswith(_KEEPING):
            yield from (self.behind(module, argument) | {KEPT} for argument in arguments)
        if name.startswith(HARMLESS_HOMES) or self.meaning.solves(module, node):
            return
        method = node.func.attr if isinstance(node.func, ast.Attribute) and not name else ""
        if method in READING_METHODS:
            return
        if method in _CONTAINER_METHODS and method not in self.meaning.functions:
            assert isinstance(node.func, ast.Attribute)
            yield self.behind(module, node.func.value).union(*(self.behind(module, a) for a in arguments))
            return
        if (method in CHANGING_METHODS or method in VIEW_METHODS) and method not in self.meaning.functions:
            return
        functions = self.meaning.called(module, node)
        if not functions:
            yield from (self.behind(module, argument) | {KEPT} for argument in arguments)
            return
        for home, function in functions:
            for parameter, argument in passed(node, function):
                kept = (
                    {KEPT, CAPTURED}
                    if parameter is None
                    else self._group_of_parameter(home, function, parameter) - {parameter, RETURNED}
                )
                # Sharing with a global, or with another parameter, is for the caller to see as well.
                own = self.meaning.scope(home, function).binds - set(parameters(function))
                if kept - own - {RETURNED}:
                    yield self.behind(module, argument) | {KEPT}


def passed(call: ast.Call, function: Function) -> Iterator[tuple[str | None, ast.expr]]:
    """Arguments of a call with the parameters they become; None where that is not plain."""
    arguments = function.args
    names = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    if names and names[0] in ("self", "cls") and isinstance(call.func, ast.Attribute):
        names = names[1:]
    plain = not any(isinstance(argument, ast.Starred) for argument in call.args)
    for position, argument in enumerate(call.args):
        yield names[position] if plain and position < len(names) else None, argument
    known = {*names, *(argument.arg for argument in arguments.kwonlyargs)}
    for keyword in call.keywords:
        yield keyword.arg if keyword.arg in known else None, keyword.value


def _remembers(function: Function) -> bool:
    """May a decorator hand out the same result again?"""
    decorators = getattr(function, "decorator_list", [])
    return any("cache" in ast.unparse(decorator).partition("(")[0] for decorator in decorators)


def _joined(links: Iterator[Keys]) -> Mapping[str, Keys]:
    groups: dict[str, Keys] = {}
    for link in links:
        if len(link) < 2:
            continue
        # Where values go is no bridge between the values themselves.
        values = frozenset(key for key in link if not key.startswith("<"))
        together = link.union(*(groups.get(key, NONE) for key in values))
        for key in together:
            if not key.startswith("<"):
                groups[key] = together
    for place in (RETURNED, KEPT, CAPTURED):
        groups[place] = frozenset(key for key, group in groups.items() if place in group) | {place}
    return groups
