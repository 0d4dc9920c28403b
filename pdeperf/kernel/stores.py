"""What a whole program stores under the names of attributes, the keys of dicts and its options."""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from pdeperf.kernel.kinds import BOOL, FLOAT, INT, Kind
from pdeperf.kernel.operator_kinds import ANYTHING, NOTHING, Kinds
from pdeperf.kernel.program import Program, is_dataclass, is_named, is_type_use
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module, Project
from pdeperf.source.scopes import scope_of

_REPLACING = ("replace", "dataclasses.replace", "copy.replace")
_MERGERS = frozenset(("update", "setdefault", "fromkeys"))

Stored = tuple[Module, ast.expr | ast.FunctionDef | None, tuple[int, ...]]
"""Where a value is stored: the expression and the position in it, the property that computes it; None for
what is not followed."""


class Stores:
    """The values that a project stores where no variable's name shows them.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project, program: Program) -> None:
        self._project = project
        self._program = program

    @cached_property
    def _attributes(self) -> dict[str, list[Stored]]:
        found: dict[str, list[Stored]] = {}
        for module, node in self._program.nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        for name, path in _attribute_targets(target):
                            found.setdefault(name, []).append((module, value, path))
                case ast.AugAssign(target=ast.Attribute(attr=name), value=value):
                    found.setdefault(name, []).append((module, value, ()))
                case ast.AnnAssign(target=ast.Attribute(attr=name), value=ast.expr() as value):
                    found.setdefault(name, []).append((module, value, ()))
                case ast.For(target=target) | ast.withitem(optional_vars=ast.expr() as target):
                    for name, _ in _attribute_targets(target):
                        found.setdefault(name, []).append((module, None, ()))
                case ast.ClassDef(body=body):
                    for name, given in self._class_values(module, node, body):
                        found.setdefault(name, []).append((module, given, ()))
        return found

    def _class_values(
        self, module: Module, home: ast.ClassDef, body: Sequence[ast.stmt]
    ) -> Iterator[tuple[str, ast.expr | ast.FunctionDef | None]]:
        for part in body:
            match part:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield name, value
                case ast.AnnAssign(target=ast.Name(id=name), value=given):
                    if not home.decorator_list and not home.bases:
                        if given is not None:
                            yield name, given
                        continue
                    yield from ((name, each) for each in self._field_values(home, name))
                case ast.FunctionDef(name=name, decorator_list=[ast.Name(id="property")]):
                    yield name, part
                case ast.FunctionDef(name=name):
                    yield name, None
                case ast.Expr() | ast.Pass():
                    pass
                case _:
                    yield from (
                        (node.id, None)
                        for node in ast.walk(part)
                        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                    )

    def _field_values(self, home: ast.ClassDef, name: str) -> Iterator[ast.expr | None]:
        """What a dataclass's field is given."""
        fields = [
            part
            for part in home.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]
        places = [part.target.id for part in fields if isinstance(part.target, ast.Name)]
        own = fields[places.index(name)]
        if (
            home.bases
            or places.count(name) > 1
            or not all(is_dataclass(part) for part in home.decorator_list)
        ):
            yield None
            return
        if own.value is not None:
            yield None if isinstance(own.value, ast.Call) else own.value
        for other, node in self._program.nodes:
            if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in _REPLACING:
                yield None
            if not is_named(node, {home.name}):
                continue
            call = other.parents.get(node)
            if not (isinstance(call, ast.Call) and call.func is node):
                if not is_type_use(node, other):
                    yield None
                continue
            if any(isinstance(part, ast.Starred) for part in call.args) or any(
                not k.arg for k in call.keywords
            ):
                yield None
            at = places.index(name)
            if at < len(call.args):
                yield call.args[at] if other is not None else None
            yield from (word.value for word in call.keywords if word.arg == name)

    def attribute_values(self, name: str) -> Sequence[Stored]:
        """Everything that is stored under an attribute's name."""
        found: list[Stored] = []
        for module, value, path in self._attributes.get(
            name, [(next(iter(self._project.modules.values())), None, ())]
        ):
            home = module if value is None or value in module.parents else self._home(value)
            found.append((home, value, path))
        return found

    def _home(self, node: ast.AST) -> Module:
        return next(module for module in self._project.modules.values() if node in module.parents)

    def entry_values(self, key: str) -> Iterator[tuple[Module, ast.expr]]:
        """Everything that is stored under a dict's key."""
        for module, node in self._program.nodes:
            match node:
                case ast.Dict(keys=keys, values=values):
                    for one, value in zip(keys, values, strict=True):
                        if isinstance(one, ast.Constant) and one.value == key:
                            yield module, value
                case ast.Call(keywords=keywords):
                    yield from ((module, word.value) for word in keywords if word.arg == key)
                    if (
                        isinstance(node.func, ast.Attribute)
                        and node.func.attr in _MERGERS
                        and len(node.args) == 2
                    ):
                        yield module, node.args[1]
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        if _is_entry(target, key):
                            yield module, value
                case ast.AugAssign(target=target, value=value) if _is_entry(target, key):
                    yield module, value

    def merged(self) -> Iterator[tuple[Module, ast.expr]]:
        """Dicts that are merged into others, which must be known dicts themselves."""
        for module, node in self._program.nodes:
            match node:
                case ast.Dict(keys=keys, values=values):
                    yield from (
                        (module, value) for one, value in zip(keys, values, strict=True) if one is None
                    )
                case ast.Call(func=ast.Attribute(attr=name), args=[argument]) if name in _MERGERS:
                    yield module, argument
                case ast.Call(func=ast.Name(id="dict"), args=arguments, keywords=keywords):
                    yield from ((module, argument) for argument in arguments)
                    yield from ((module, word.value) for word in keywords if word.arg is None)
                case ast.BinOp(op=ast.BitOr(), right=right) | ast.AugAssign(op=ast.BitOr(), value=right):
                    yield module, right

    def unnamed_stores(self) -> Iterator[tuple[Module, ast.expr]]:
        """Indices under which something is stored and that may be texts."""
        for module, node in self._program.nodes:
            match node:
                case ast.Subscript(slice=index, ctx=ast.Store()) if not isinstance(
                    index, ast.Constant | ast.Slice | ast.Tuple
                ):
                    yield module, index

    def argument(self, name: str) -> Kinds:
        """Kinds of an option of the command line."""
        found = NOTHING
        for module, node in self._program.nodes:
            match node:
                case ast.Call(func=ast.Attribute(attr="add_argument"), args=flags, keywords=keywords):
                    words = {word.arg: word.value for word in keywords}
                    if _destination(flags, words) == name:
                        found |= _option(module, words)
                case ast.Call(func=ast.Attribute(attr="set_defaults")):
                    return ANYTHING
        return found or ANYTHING


def _option(module: Module, words: dict[str | None, ast.expr]) -> Kinds:
    scope = scope_of(module, module.tree)
    if "nargs" in words or None in words:
        return ANYTHING
    if "action" in words:
        action = words["action"]
        flag = isinstance(action, ast.Constant) and action.value in ("store_true", "store_false")
        return frozenset((BOOL,)) if flag else ANYTHING
    kinds: dict[str, Kind] = {"builtins.int": INT, "builtins.float": FLOAT, "builtins.str": Kind("str")}
    kind = kinds.get(qualified(words["type"], module, scope)) if "type" in words else Kind("str")
    if kind is None:
        return ANYTHING
    default = words.get("default")
    if default is None:
        return frozenset((kind, Kind("none")))
    value = default.operand if isinstance(default, ast.UnaryOp) else default
    if not isinstance(value, ast.Constant):
        return ANYTHING
    given = {int: INT, float: FLOAT, str: kind, bool: BOOL}.get(type(value.value))
    return frozenset((kind, given)) if given is not None else frozenset((kind, Kind("none")))


def _destination(flags: Sequence[ast.expr], words: dict[str | None, ast.expr]) -> str:
    texts = [flag.value for flag in flags if isinstance(flag, ast.Constant) and isinstance(flag.value, str)]
    given = words.get("dest")
    if isinstance(given, ast.Constant):
        return str(given.value)
    long = next((text for text in texts if text.startswith("--")), texts[0] if texts else "")
    return long.lstrip("-").replace("-", "_")


def _is_entry(target: ast.expr, key: str) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == key
    )


def _attribute_targets(target: ast.AST, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    match target:
        case ast.Attribute(attr=name):
            yield name, path
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            starred = any(isinstance(part, ast.Starred) for part in parts)
            for index, part in enumerate(parts):
                yield from _attribute_targets(part, (*path, -1 if starred else index))
        case ast.Starred(value=inner):
            yield from _attribute_targets(inner, (*path, -1))
