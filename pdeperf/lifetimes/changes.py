"""What a run of statements, or the user's functions, may change in place or bind anew."""

import ast
from collections.abc import Iterable, Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.reached import Reached
from pdeperf.lifetimes.sharing import KEPT, NONE, Keys, Sharing, passed
from pdeperf.lifetimes.vocabulary import (
    CHANGING,
    CHANGING_METHODS,
    HARMLESS_HOMES,
    OPERANDS_COUNT,
    READING_METHODS,
    SOLVERS,
    VIEW_METHODS,
    WILD,
)
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, Function, own_nodes, parameters

Loop = ast.For | ast.While


class Changes:
    """Answers for a whole project.

    Attributes
    ----------
    outside
        Names that functions change or bind though they belong to the file or to a function around,
        and ``.attr`` of every attribute that is stored outside of ``__init__``.
    wild
        Something runs text as code, or sets names by their text.
    """

    def __init__(self, meaning: Meaning, sharing: Sharing) -> None:
        self.meaning, self.sharing = meaning, sharing
        self._of_function: dict[ast.AST, Keys] = {}
        self._changed_beyond: dict[ast.AST, Keys] = {}
        self._reached: Reached | None = None
        self.wild = False
        self.outside: Keys = NONE
        for module in meaning.project.modules.values():
            for node in ast.walk(module.tree):
                if (isinstance(node, ast.Call) and meaning.full(module, node.func) in WILD) or (
                    isinstance(node, ast.Attribute) and node.attr == "__dict__"
                ):
                    self.wild = True
                elif isinstance(node, ast.Global | ast.Nonlocal):
                    self.outside |= frozenset(node.names)
                elif isinstance(node, FUNCTIONS) and not _is_of_solver(module, node):
                    self._changed_beyond[node] = self._beyond(module, node)
                    self.outside |= self._changed_beyond[node]

    def _beyond(self, module: Module, function: Function) -> Keys:
        """What a function changes that is not its own."""
        nodes = list(own_nodes(function))
        if getattr(function, "name", "") == "__init__":
            own = {
                target
                for node in nodes
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
            }
            nodes = [node for node in nodes if node not in own]
        local = self.meaning.scope(module, function).binds
        changed = self._spread(module, function, self.changed(module, nodes))
        given = self._spread(module, module.tree, self._default_values(module, function, changed))
        stored = frozenset(
            f".{node.attr}"
            for node in nodes
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        )
        return stored | given | frozenset(key for key in changed if key.startswith(".") or key not in local)

    def _default_values(self, module: Module, function: Function, changed: Keys) -> Keys:
        """What parameters stand for that a function changes, where its caller gives it nothing."""
        own, last = function.args, [*function.args.posonlyargs, *function.args.args]
        pairs = [*zip(reversed(last), reversed(own.defaults), strict=False)]
        pairs += [(name, value) for name, value in zip(own.kwonlyargs, own.kw_defaults, strict=True) if value]
        return NONE.union(*(self._through(module, value) for name, value in pairs if name.arg in changed))

    def _spread(self, module: Module, home: ast.AST, keys: Keys) -> Keys:
        """The keys and everything that may share memory with them."""
        found = keys.union(*(self.sharing.group(module, home, key) for key in keys))
        return frozenset(key for key in found if not key.startswith("<"))

    def of_parameters(self, module: Module, function: Function) -> Keys:
        """The parameters whose arrays a function may change."""
        if function not in self._of_function:
            self._of_function[function] = frozenset(parameters(function))  # while it is open: all
            changed = self._spread(module, function, self.changed(module, own_nodes(function)))
            self._of_function[function] = changed & frozenset(parameters(function))
        return self._of_function[function]

    def changed(self, module: Module, nodes: Iterable[ast.AST]) -> Keys:
        """Keys whose memory some nodes may write to; names that are only bound are not among them."""
        return NONE.union(*(keys for node in nodes for keys in self._changed_by(module, node)))

    def _changed_by(self, module: Module, node: ast.AST) -> Iterator[Keys]:
        match node:
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                yield self._through(module, value)
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
                yield self._through(module, value) | {f".{node.attr}"}
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target):
                yield self._through(module, target)
            case ast.Call():
                yield from self._changed_by_call(module, node)

    def _through(self, module: Module, node: ast.expr) -> Keys:
        """The keys that an access path goes through."""
        found = self.sharing.behind(module, node)
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute | ast.Subscript):
            if isinstance(inner, ast.Attribute):
                found |= {f".{inner.attr}"}
            inner = inner.value
        return found | self.sharing.behind(module, inner)

    def _changed_by_call(self, module: Module, node: ast.Call) -> Iterator[Keys]:
        if self.meaning.solves(module, node):
            return
        name = self.meaning.full(module, node.func)
        for keyword in node.keywords:
            if keyword.arg == "out":
                yield self._through(module, keyword.value)
            if (keyword.arg or "").startswith("overwrite") or keyword.arg in ("copy", None):
                yield from (self._through(module, argument) for argument in node.args)
        if name in CHANGING or (name.startswith("numpy.") and name.endswith(".at")):
            yield from (self._through(module, argument) for argument in node.args[:1])
            return
        if name.startswith(HARMLESS_HOMES):
            yield from (self._through(module, out) for out in node.args[OPERANDS_COUNT.get(name, 99) :])
            return
        functions = self.meaning.called(module, node)
        if isinstance(node.func, ast.Attribute) and not name and not functions:
            method = node.func.attr
            if method in CHANGING_METHODS:
                yield self._through(module, node.func.value)
                return
            if method in READING_METHODS or method in VIEW_METHODS:
                return
            yield self._through(module, node.func.value)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not functions:
            yield from (self._through(module, argument) for argument in arguments)
            return
        for home, function in functions:
            for parameter, argument in passed(node, function):
                if parameter is None or parameter in self.of_parameters(home, function):
                    yield self._through(module, argument)

    def stays(self, module: Module, loop: Loop, key: str) -> str:
        """Empty if a loop leaves a name, or all attributes of a name, as they are; or what may not."""
        if self.wild:
            return "the program runs text as code"
        nodes = [node for node in ast.walk(loop) if not isinstance(node, ast.expr_context)]
        home = self.meaning.home(module, loop)
        scope = self.meaning.scope(module, loop)
        shared = self.sharing.group(module, module.tree, key)
        if key.startswith("."):
            outside = self._outside_of(loop) if shared & self.outside else NONE
            if key in outside:
                return f"`{key}` is stored elsewhere"
            if shared & outside:
                return f"a function changes `{min(shared & outside)}`"
            stored = any(
                isinstance(n, ast.Attribute) and f".{n.attr}" == key and not isinstance(n.ctx, ast.Load)
                for n in nodes
            )
            if stored:
                return f"`{key}` is stored in the loop"
        else:
            if key in writes(loop):
                return f"`{key}` is bound in the loop"
            owner = scope.resolve(key)
            if owner is not None and owner.node is not home and not owner.is_module:
                return f"`{key}` belongs to a function around"
            if owner is None or owner.is_module:
                changed_elsewhere = {key, f".{key}", *shared} & self.outside
            else:
                changed_elsewhere = {key} & self.outside
            if changed_elsewhere:
                return f"a function changes `{key}`"
            if owner is not None and owner.node is home and self._bound_later(home, key):
                return f"a function binds `{key}`"
            if self.meaning.is_immutable(module, loop, key):
                return ""
        changed = self.changed(module, nodes)
        group = self.sharing.group(module, home, key)
        if changed & group:
            return f"`{key.lstrip('.')}` is changed in the loop"
        if KEPT in group and any(isinstance(n, ast.Call) and self._is_opaque(module, n) for n in nodes):
            return f"`{key.lstrip('.')}` is known to something that may change it"
        return self._met(module, loop, key, changed, group)

    def _outside_of(self, loop: Loop) -> Keys:
        """What functions change that may run during a loop."""
        self._reached = self._reached or Reached(self.meaning)
        names = frozenset(
            name
            for module in self.meaning.project.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )
        reached = self._reached.from_nodes([loop])
        return names.union(*(self._changed_beyond.get(one, NONE) for one in reached))

    def _is_opaque(self, module: Module, call: ast.Call) -> bool:
        return self.meaning.called(module, call) != []

    def _bound_later(self, home: ast.AST, key: str) -> bool:
        return any(isinstance(n, ast.Nonlocal) and key in n.names for n in ast.walk(home))

    def _met(self, module: Module, loop: Loop, key: str, changed: Keys, group: Keys) -> str:
        """Whether an array of the caller's may be the one that is changed under another name."""
        home = self.meaning.home(module, loop)
        seen = self.meaning.sharing_seen(module, loop)
        name = key.lstrip(".")
        for other in sorted(changed):
            shown = other.lstrip(".")
            if any(
                {one.rpartition(".")[2], two.rpartition(".")[2]} == {name, shown}
                for one, two in (sorted(pair) for pair in seen if len(pair) == 2)
            ):
                return f"`{name}` and `{shown}` shared memory when it ran"
        given = frozenset(parameters(home)) if isinstance(home, FUNCTIONS) else NONE
        mine = group & given
        theirs = [
            other
            for other in sorted(changed)
            if self.sharing.group(module, home, other) & given and other != key
        ]
        for other in theirs:
            arrays = all(self.meaning.values(module, loop, one, "type") for one in (name, other.lstrip(".")))
            if mine and not arrays:
                return f"`{name}` and `{other}` may be one array: both come from the caller"
        return ""


def _is_of_solver(module: Module, function: Function) -> bool:
    """Is it a part of what rewrites have added to solve with factors, which changes nobody's arrays?"""
    around = (function, *module.ancestors(function))
    return any(getattr(one, "name", "").startswith(SOLVERS) for one in around)
