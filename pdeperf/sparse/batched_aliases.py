"""Arrays that may be one and the same: asked before all turns of a loop are computed at once.

A turn that reads what an earlier one has stored under another name needs the turns in their order.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.sharing import CAPTURED, RETURNED
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, parameters
from pdeperf.sparse.apart import are_apart
from pdeperf.sparse.batched_values import NotAtOnce

ASKED = "may_share_memory"


def unproven_pairs(meaning: Meaning, module: Module, loop: ast.For) -> Iterator[tuple[str, str]]:
    """Paths of an array that a loop stores into and of another that it uses, which may share memory."""
    bound, calls = writes(loop), {id(node.func) for node in ast.walk(loop) if isinstance(node, ast.Call)}
    stored: dict[str, None] = {}
    used: dict[str, None] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            stored[ast.unparse(node.value)] = None
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in calls:  # u, too, in ``u.T``
            used[ast.unparse(node)] = None
    used |= dict.fromkeys(_used_by_functions(meaning, module, loop))
    arrays = [path for path in used if _is_array(meaning, module, loop, path, bound)]
    own = Owned(meaning, module, loop)
    for one in stored:
        if one in arrays:
            yield from (
                (one, other)
                for other in arrays
                if other != one
                and not own.are_apart(one, other)
                and not are_apart(meaning, module, loop, frozenset((one, other)), kept=True)
            )


def _is_array(meaning: Meaning, module: Module, loop: ast.For, path: str, bound: Collection[str]) -> bool:
    if path.partition(".")[0] in bound:
        return False
    return any(kind == "numpy.ndarray" for kind in meaning.values(module, loop, path, "type"))


def check_called(meaning: Meaning, module: Module, loop: ast.For) -> None:
    """Functions that a loop calls see nothing that the loop binds or stores, one turn after the other.

    Raises
    ------
    NotAtOnce
        If one does.
    """
    changing = writes(loop) | {
        root.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
        for root in ast.walk(node.value)
        if isinstance(root, ast.Name) and isinstance(module.parents.get(root), ast.Subscript)
    }
    if seen := changing.intersection(_used_by_functions(meaning, module, loop)):
        raise NotAtOnce(f"`{min(seen)}` changes, and is read by a function that the loop calls")


def _used_by_functions(meaning: Meaning, module: Module, loop: ast.For) -> Iterator[str]:
    """Names of the loop's scope that functions use which it calls."""
    scope = meaning.scope(module, loop)
    pending: list[ast.AST] = [loop]
    seen: set[ast.AST] = set()
    while pending:
        for node in ast.walk(pending.pop()):
            if not isinstance(node, ast.Call):
                continue
            for home, function in meaning.called(module, node) or ():
                if home is module and function not in seen:
                    seen.add(function)
                    pending.append(function)
                    inside = meaning.scope(home, function)
                    yield from (
                        inner.id
                        for inner in ast.walk(function)
                        if isinstance(inner, ast.Name)
                        and (owner := inside.resolve(inner.id)) is not None
                        and (mine := scope.resolve(inner.id)) is not None
                        and owner.node is mine.node
                    )


def questions(asks: str, pairs: Sequence[tuple[str, str]], each: str) -> list[str]:
    """One condition for each array that is stored into: does it share memory with any of the others?"""
    others: dict[str, list[str]] = {}
    for one, other in pairs:
        if one not in others.get(other, ()):
            others.setdefault(one, []).append(other)
    return [
        f"{asks}({one}, {rest[0]})"
        if len(rest) == 1
        else f"any({asks}({one}, {each}) for {each} in ({', '.join(rest)}))"
        for one, rest in others.items()
    ]


class Owned:
    """Tells of names in one scope whether they stand for different arrays."""

    def __init__(self, meaning: Meaning, module: Module, loop: ast.stmt) -> None:
        self._module, self._loop, self._home = module, loop, meaning.home(module, loop)
        self._ownership = Ownership.of(meaning.project)
        scope = meaning.scope(module, loop)
        given = frozenset(parameters(self._home)) if isinstance(self._home, FUNCTIONS) else frozenset()
        shared = {
            name
            for each in meaning.project.modules.values()
            for node in ast.walk(each.tree)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        }
        mine = scope.binds if scope.node is self._home else frozenset[str]()
        self._own = frozenset() if self._ownership.changes.wild else mine - given - shared

    def are_apart(self, one: str, other: str) -> bool:
        """Was one of two made for its name alone, and never known by the other's?"""
        return self._is_made_here(one, other) or self._is_made_here(other, one)

    def _is_made_here(self, name: str, other: str) -> bool:
        if "." in name:
            attr = name.rpartition(".")[2]
            is_plain = name.replace(".", "").isidentifier() and other.rpartition(".")[2] != attr
            return is_plain and not self._ownership.other_holder(self._module, self._loop, f".{attr}")
        if name not in self._own:
            return False
        group = self._ownership.sharing.group(self._module, self._home, name) - {RETURNED, CAPTURED}
        last = other.rpartition(".")[2]
        return group <= self._own and not group & {other, other.partition(".")[0], last}
