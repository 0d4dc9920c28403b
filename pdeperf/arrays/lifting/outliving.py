"""What outlives a run of array statements: parts of arrays and several arrays under a name."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.lifting.binding import Binding
from pdeperf.arrays.lifting.bundles import assignment
from pdeperf.arrays.lifting.contents import DICT, keys_of
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Kept
from pdeperf.arrays.rebound import with_names
from pdeperf.arrays.sizes import Sizes
from pdeperf.arrays.values import Several, View
from pdeperf.kernel.lowering import Problem
from pdeperf.source.flow import writes


@dataclass(frozen=True, slots=True)
class Carried:
    """A view that outlives its run: of which name's array."""

    owner: str
    view: View


@dataclass(frozen=True, slots=True)
class Bundled:
    """Several arrays under one name that outlive their run: which names' arrays."""

    owners: tuple[str, ...]
    value: Several


Outlived = Carried | Bundled


def unbound(outlived: Mapping[str, Outlived], bound: Collection[str]) -> dict[str, Outlived]:
    """What still stands for the same where some names and paths have been bound anew."""
    return {
        name: each
        for name, each in outlived.items()
        if name not in bound and not {part for owner in _owners(each) for part in _roots(owner)} & {*bound}
    }


def bound_by(
    statement: ast.stmt, outlived: Mapping[str, Outlived], names: Names, *, is_lifted: bool
) -> frozenset[str]:
    """Names, and owners of what outlives its run, that a statement may bind anew or change.

    Parameters
    ----------
    is_lifted
        It is part of a run: nobody runs it as it is written.
    """
    found = set(writes(statement)) | {
        ast.unparse(node)
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    }
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    if any(not names.called(call.func) for call in calls):
        found |= {owner for each in outlived.values() for owner in _owners(each) if "." in owner}
        if not is_lifted:
            found |= {name for name in outlived if name in names.captured or names.scope.is_module}
    if not is_lifted:
        found |= _handed_over(statement, {name for name in outlived if isinstance(outlived[name], Bundled)})
    return frozenset(found)


def _owners(outlived: Outlived) -> tuple[str, ...]:
    return outlived.owners if isinstance(outlived, Bundled) else (outlived.owner,)


def _roots(owner: str) -> tuple[str, str]:
    return owner, owner.split(".")[0]


def _handed_over(statement: ast.stmt, names: Collection[str]) -> set[str]:
    """Those names of dicts and lists of which a statement does anything but read an entry."""
    parents = {id(child): node for node in ast.walk(statement) for child in ast.iter_child_nodes(node)}
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in names:
            match parents.get(id(node)):
                case ast.Subscript(value=value, slice=ast.Constant(), ctx=ast.Load()) if value is node:
                    continue
            found.add(node.id)
    return found


class Outliving(Binding):
    """A run and what its names stand for in those that follow.

    Attributes
    ----------
    carried
        Names that stand for parts of arrays, or for several arrays, after it.
    """

    def __init__(self, names: Names, sizes: Sizes, problems: list[Problem]) -> None:
        super().__init__(names, sizes, problems)
        self.carried: dict[str, Outlived] = {}
        self._bundled: dict[str, Kept] = {}

    def _bundles(self) -> dict[str, View]:
        """Make what live names for several arrays stand for after the run; the arrays have names then."""
        whole = {
            value.buffer: name
            for name, value in self._env.items()
            if isinstance(value, View) and value.is_whole
            if name in self.run.live or self.run.entry.get(name) is value.buffer
        }
        made: dict[str, View] = {}
        for name, value in self._env.items():
            if isinstance(value, Several) and name in self.run.live and name.isidentifier():
                if value is self._outside.get(name):
                    continue
                self._names.put_together.setdefault(name, set()).add(keys_of(value))
                twins = (other for other, known in self._env.items() if known == value and other != name)
                if value.made in ("[{}]", DICT) and self.run.live.intersection(twins):
                    raise Unliftable(f"`{name}` is a list with two names")
                statement, new = assignment(name, value, whole)
                for text, view in new.items():
                    if self._env.get(text, view) != view:
                        raise Unliftable(f"`{name}` holds several arrays")
                    whole[view.buffer] = text
                made |= new
                for node in ast.walk(statement):
                    ast.copy_location(node, self.run.statements[-1])
                self._names.rewritten.add(id(statement))
                self._names.own_text.add(id(statement))
                self._names.kept_alive.append(statement)
                self._bundled[name] = Kept(statement)
                self._carry_together(name, value, whole)
        self.run.live = self.run.live.difference(self._bundled).union(made)
        return made

    def _carry_together(self, name: str, value: Several, named: Mapping[Buffer, str]) -> None:
        """Leave to the runs that follow what a dict or list holds: they need not take it apart."""
        if self._sizes.late:
            return
        owners: list[str] = []
        for part in value.parts:
            assert isinstance(part, View)
            owner = named[part.buffer]
            if not owner.isidentifier():
                return
            owners.append(owner)
        for owner, part in zip(owners, value.parts, strict=True):
            assert isinstance(part, View)
            if owner not in self._env and owner not in self._names.before:
                self._names.note_view(owner, part.buffer.dtype, part.shape, self._sizes)
            if owner in self._names.given - self._names.aliases.keys():
                self._names.made |= {owner}
        self.carried[name] = Bundled(tuple(owners), value)

    def _carry(self) -> None:
        """Leave views of arrays to the runs that follow: no text need bind their names."""
        self._leave_aliases()
        if self._sizes.late:
            return
        whole = [
            (name, value.buffer)
            for name, value in self._env.items()
            if isinstance(value, View) and value.is_whole
        ]
        owners = {buffer: name for name, buffer in whole if name in self.run.live}
        owners |= {buffer: name for name, buffer in whole if name == buffer.name}
        is_apart = self._are_apart(self.run.live)
        for name, value in self._env.items():
            if not isinstance(value, View) or name not in self.run.live or not name.isidentifier():
                continue
            owner = owners.get(value.buffer)
            if owner is None or owner == name or not owner.isidentifier() or (value.is_whole and is_apart):
                continue
            self.carried[name] = Carried(owner, value)
            self._names.carried |= {name}
        self.run.live -= self._views()

    def _views(self) -> set[str]:
        return {name for name, each in self.carried.items() if isinstance(each, Carried)}

    def _leave_aliases(self) -> None:
        """Leave ``u = self.u`` as it is, before all conditions; the runs that follow know what ``u`` is."""
        for statement in self.run.statements:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Attribute() | ast.Subscript() as value
                ):
                    view = self._env.get(name)
                case _:
                    continue
            if name not in self.run.live or not isinstance(view, View):
                continue
            is_entry = view.buffer.name in self._names.aliases
            owner = view.buffer.name if is_entry else ast.unparse(value)
            if is_entry and self._names.aliases[owner] != ast.unparse(value):
                continue
            if any(buffer.name == name for buffer in self._versions):
                continue  # it stands for other arrays before
            now = self._env.get(owner, view)
            is_still = isinstance(now, View) and now.is_whole and now.buffer is view.buffer
            if view.is_whole and self.run.entry.get(owner) is view.buffer and is_still:
                self.run.before.append(Kept(with_names(statement, self._names, self._sizes)))
                self.run.names.pop(name, None)
                self.carried[name] = Carried(owner, view)
        self.run.live -= self._views()

    def take_on(self, carried: Mapping[str, Outlived]) -> None:
        """Names that stand for parts of arrays, or for several arrays, since an earlier run."""
        for name, each in carried.items():
            if isinstance(each, Bundled):
                self._take_together(name, each)
                continue
            whole = self._look(ast.parse(each.owner, mode="eval").body)
            if isinstance(whole, View) and whole.is_whole and len(whole.shape) == len(each.view.buffer.shape):
                self._env[name] = replace(each.view, buffer=whole.buffer)

    def _take_together(self, name: str, bundled: Bundled) -> None:
        """A name for several arrays that an earlier run has made."""
        parts: list[View] = []
        for owner, old in zip(bundled.owners, bundled.value.parts, strict=True):
            whole = self._look(ast.parse(self._names.aliases.get(owner, owner), mode="eval").body)
            assert isinstance(old, View)
            if not isinstance(whole, View) or not whole.is_whole or len(whole.shape) != len(old.shape):
                return
            parts.append(whole)
        self._env[name] = self._outside[name] = replace(bundled.value, parts=(*parts,))

    def _are_apart(self, live: frozenset[str]) -> bool:
        """Does every live name stand for an array of its own?

        If so at the end of every run, arrays that were apart when the region was entered stay so.
        """
        names = live | self._names.aliases.keys()  # an entry of a dict goes on standing for its array
        buffers = [
            value.buffer for name, value in self._env.items() if name in names and isinstance(value, View)
        ]
        return len(set(buffers)) == len(buffers)
