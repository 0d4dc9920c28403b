"""Dicts of lists, ``state["rho"][i]``, in which the lists become arrays wherever the dicts go.

The dict stays what it is; what it holds under some keys was a list whenever it was seen. Another dict
with such a key is followed like the first, through names, parameters, results and attributes.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_growth import ListGrowth
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.walked import walked_by
from pdeperf.source.edits import Edit, extent
from pdeperf.source.scopes import scope_of

DICT = 100
"""In place of the depth of a list, for what is a dict of lists."""
_COPIES = frozenset(("builtins.dict", "copy.copy", "copy.deepcopy"))


Keys = Mapping[str, Kind | None]
"""What dicts hold under their keys: lists, or other things; None where it is several."""


@dataclass(frozen=True, slots=True)
class Dicts:
    """The dicts of a file.

    Attributes
    ----------
    entries
        What stands for each, and what it was seen to hold under its keys.
    """

    entries: Mapping[Slot, Keys] = field(default_factory=dict)

    def lists(self, slot: Slot) -> tuple[Kind, ...]:
        """The kinds of numbers in the lists of a dict."""
        types = {kind.dtype for kind in self.entries[slot].values() if kind and kind.base == "list"}
        return tuple(Kind("list", dtype, 1) for dtype in sorted(types & {"float64", "int64"}))

    def together(self, slots: Iterable[Slot]) -> Keys | None:
        """What several dicts hold; None if they differ."""
        found: dict[str, Kind | None] = {}
        for slot in slots:
            for key, kind in self.entries.get(slot, {}).items():
                if found.setdefault(key, kind) != kind:
                    return None
        return found


@dataclass(slots=True, kw_only=True)
class DictFlow(ListGrowth):
    """Lists that become arrays together, and the dicts that hold them.

    Attributes
    ----------
    keys
        What the dicts hold that are followed.
    seen
        The lists that were seen, where that was asked for: no others are taken in.
    """

    dicts: Dicts = field(default_factory=Dicts)
    keys: Keys = field(default_factory=dict)
    seen: Mapping[Slot, Kind] | None = None
    _needed: dict[Slot, int] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)
    _is_uniform: bool = False

    def join_needed(self) -> bool:
        """Take in the lists of whose elements others are made; are there any?"""
        for slot, depth in self._needed.items():
            self.add(slot, depth)
        return bool(self._waiting)

    def is_element(self, node: ast.expr) -> bool:
        """Is it an element of a list that may be followed? It has to be, in the end."""
        depth = 0
        if isinstance(node, ast.Name):
            node, depth = walked_by(node, self.module), 1
        while isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
            if self.is_entry(node):
                return depth > 0 and depth == self._depth_under(node) and self._needs(node.value, DICT)
            node, depth = node.value, depth + 1
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            node = node.value
        return isinstance(node, ast.Name | ast.Attribute) and depth > 0 and self._needs(node, depth)

    def _depth_under(self, entry: ast.Subscript) -> int:
        try:
            return self.entry_depth(entry.slice)
        except NoArrayError:
            return 0

    def _needs(self, node: ast.expr, depth: int) -> bool:
        slot = self.slot_of(node)
        if slot is None or slot.form == "part":
            return False
        if self.seen is not None and depth != DICT:
            known = self.seen.get(slot)
            if known is None or (known.dtype, known.ndim) != (self.values.dtype, depth):
                return False
        return self._needed.setdefault(slot, depth) == depth

    def bind(self, value: ast.expr, depth: int) -> None:
        """A list of some depth is bound to what stands for an array."""
        raise NotImplementedError

    def bind_target(self, node: ast.expr, depth: int) -> None:
        """A place where a name or an attribute is bound."""
        raise NotImplementedError

    def give(self, node: ast.expr, above: ast.AST, depth: int) -> None:
        """What a name, a function or a caller gets."""
        raise NotImplementedError

    def is_dict(self, node: ast.expr) -> bool:
        """Does a name or an attribute stand for a dict like those that are followed?"""
        slot = self.slot_of(node) if isinstance(node, ast.Name | ast.Attribute) else None
        if slot is None or slot not in self.dicts.entries or not self.keys:
            return False
        known = self.dicts.entries[slot]
        return all(key not in self.keys or self.keys[key] == kind for key, kind in known.items())

    def is_entry(self, node: ast.AST) -> bool:
        """Is it ``state["rho"]``?"""
        return isinstance(node, ast.Subscript) and self.is_dict(node.value)

    def entry_depth(self, index: ast.expr | None) -> int:
        """How deep the lists under a key are nested, or under any key; zero for other things."""
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            self._named.add(index.value)
            return self._depth(index.value)
        depths = {self._depth(key) for key in self.keys}
        if len(depths) != 1 or 0 in depths:
            raise NoArrayError("a dict holds several kinds of things, and a key is no text")
        self._is_uniform = True
        return depths.pop()

    def _depth(self, key: str) -> int:
        seen = {known[key] for known in (self.keys, *self.dicts.entries.values()) if key in known}
        known = self.keys.get(key, seen.pop() if len(seen) == 1 else Kind(""))
        if known is None:
            raise NoArrayError(f"what is kept under `{key}` has several types")
        return known.ndim if known.base == "list" and known.dtype == self.values.dtype else 0

    def check_keys(self) -> None:
        """Raise where keys are computed, and one of those that are named leads to other things."""
        if self._is_uniform and not all(map(self._depth, self._named)):
            raise NoArrayError("a dict holds several kinds of things, and a key is no text")

    def add_target(self, node: ast.expr, depth: int) -> None:
        """What a list is bound to: a name, an attribute, an entry."""
        if self.is_entry(node):
            assert isinstance(node, ast.Subscript)
            if self.entry_depth(node.slice) != depth:
                raise NoArrayError("a list goes where it is not followed")
            self.add(self.slot_of(node.value), DICT)
        else:
            self.add(self.slot_of(node), depth)

    def put_into_dict(self, display: ast.Dict | ast.DictComp, key: ast.expr | None, depth: int) -> None:
        """A list, or all lists of a dict, are put into a dict on the spot."""
        if depth != DICT and (key is None or self.entry_depth(key) != depth):
            raise NoArrayError("a list goes where it is not followed")
        self.use_dict(display, self.module.parents[display])
        self.bind_dict(display)

    def bind_dict(self, value: ast.expr) -> None:
        """A name is bound to what is a dict of arrays."""
        match value:
            case ast.Name() | ast.Attribute():
                self.add(self.slot_of(value), DICT)
            case ast.IfExp(body=body, orelse=orelse):
                self.bind_dict(body)
                self.bind_dict(orelse)
            case ast.Dict(keys=keys, values=values):
                for key, one in zip(keys, values, strict=True):
                    self._entry(key, one)
            case ast.Constant(value=None):
                pass
            case ast.DictComp(key=key, value=one):
                self._entry(key, one)
            case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[], keywords=[]):
                self.bind_dict(base)
            case ast.Call() if (
                qualified(value.func, self.module, scope_of(self.module, value)) in _COPIES
                and len(value.args) < 2
            ):
                for base in value.args:
                    self.bind_dict(base)
                for word in value.keywords:
                    self._entry(ast.Constant(word.arg) if word.arg else None, word.value)
            case ast.Call() if function := self.function_called(value):
                self.add(self.slot("result", function, ""), DICT)
            case _:
                raise NoArrayError(f"`{ast.unparse(value)[:40]}` is no dict that is made there")

    def key_of(self, node: ast.expr, display: ast.Dict | ast.DictComp) -> ast.expr | None:
        """The key under which a list is put into a dict on the spot; None where it is no value of it."""
        if isinstance(display, ast.DictComp):
            return display.key if display.value is node else None
        return display.keys[display.values.index(node)] if node in display.values else None

    def walk_of(self, node: ast.Name) -> tuple[ast.expr, int, int] | None:
        """What a comprehension walks with a name, and which of how many parts it is; None for others."""
        slot = self.slot_of(node)
        if slot is None or slot.form != "part":
            return None
        made = self.nodes[slot.owner]
        for part in made.generators:  # type: ignore[attr-defined]
            parts = part.target.elts if isinstance(part.target, ast.Tuple) else [part.target]
            for at, one in enumerate(parts):
                if isinstance(one, ast.Name) and one.id == node.id:
                    return part.iter, at, len(parts)
        raise NoArrayError(f"`{node.id}` is part of a part")

    def _entry(self, key: ast.expr | None, value: ast.expr) -> None:
        if key is None:
            self.bind_dict(value)
        elif depth := self.entry_depth(key):
            self.bind(value, depth)

    def use_dict(self, node: ast.expr, above: ast.AST) -> None:
        """A dict of arrays is used."""
        match above:
            case ast.Subscript(value=value, slice=index) if value is node:
                self._use_entry(above, index)
            case ast.Assign(value=value, targets=targets) if value is node:
                for target in targets:
                    self.add_whole(target)
            case ast.AnnAssign(value=value, target=target) if value is node:
                self.add_whole(target)
            case ast.Tuple() | ast.Return():
                self.give(node, above, DICT)
            case ast.For(iter=source) | ast.comprehension(iter=source) if source is node:
                pass  # its keys
            case ast.Attribute(attr="keys"):
                pass
            case ast.Attribute(attr="copy"):
                self._copied(self.module.parents[above])
            case ast.Attribute(attr="values" | "items" as what):
                self._walked(above, what)
            case ast.Call(func=func) if func is not node:
                full = qualified(func, self.module, scope_of(self.module, above))
                if full in _COPIES:
                    self._copied(above)
                elif self._is_written_down(above):
                    self._as_lists(node)
                elif full and full != "builtins.len":
                    raise NoArrayError(f"`{full}` is given a dict")
                elif not full:
                    self.give(node, above, DICT)
            case ast.keyword(arg=str()):
                self.give(node, above, DICT)
            case ast.IfExp(test=test) if test is not node:
                self.use_dict(above, self.module.parents[above])
            case ast.Dict(keys=keys, values=values):
                at = values.index(node)
                if keys[at] is not None:
                    raise NoArrayError("a dict is kept in another")
                self._spread(node, above)
            case ast.Compare(ops=[ast.In() | ast.NotIn() | ast.Is() | ast.IsNot()]) | ast.Expr():
                pass
            case _:
                raise NoArrayError(f"`{ast.unparse(node)[:40]}` is used as a whole")

    def _spread(self, node: ast.expr, display: ast.Dict) -> None:
        """``{**state, "t": t}``, which a library writes down, or which is one more dict of arrays."""
        home = self.module.parents[display]
        if isinstance(home, ast.Call) and self._is_written_down(home):
            self._as_lists(node)
        else:
            self.put_into_dict(display, None, DICT)

    def _is_written_down(self, call: ast.Call) -> bool:
        return qualified(call.func, self.module, scope_of(self.module, call)).startswith("json.")

    def _as_lists(self, node: ast.expr) -> None:
        """A library, or another dict, gets lists."""
        if not self.entry_depth(None) or not isinstance(node, ast.Name | ast.Attribute):
            raise NoArrayError("a dict leaves the file's own code")
        start, end = extent(self.module, node)
        text = self.module.text[start:end]
        self.edits.add(Edit(start, end, f"{{key: value.tolist() for key, value in {text}.items()}}"))

    def add_whole(self, target: ast.expr) -> None:
        """A dict is bound to a name or an attribute."""
        if not isinstance(target, ast.Name | ast.Attribute):
            raise NoArrayError("a dict is stored in something else, or unpacked")
        self.add(self.slot_of(target), DICT)

    def _copied(self, copy: ast.AST) -> None:
        assert isinstance(copy, ast.expr)
        self.use_dict(copy, self.module.parents[copy])

    def _use_entry(self, part: ast.Subscript, index: ast.expr) -> None:
        depth = self.entry_depth(index)
        if not depth:
            return
        if isinstance(part.ctx, ast.Load):
            self.use(part, depth)
        elif isinstance(part.ctx, ast.Store):
            self.bind_target(part, depth)
        else:
            raise NoArrayError("an entry is deleted")

    def _walked(self, method: ast.Attribute, what: str) -> None:
        """``for field in state.values()``, ``for name, field in state.items()``."""
        call = self.module.parents[method]
        home = self.module.parents[call]
        target = home.target if isinstance(home, ast.For | ast.comprehension) and home.iter is call else None
        if what == "items" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            target = target.elts[1]
        elif what == "items":
            target = None
        if not isinstance(target, ast.Name):
            raise NoArrayError("a dict is walked in a way that is not followed")
        self.row(target, self.entry_depth(None))

    def is_walked(self, source: ast.expr, at: int, count: int, depth: int) -> bool:
        """Does a loop bind the lists of a dict?"""
        match source:
            case ast.Call(func=ast.Attribute(value=base, attr="values" | "items" as what), args=[]):
                right = (at, count) == ((1, 2) if what == "items" else (0, 1))
                if not (self.is_dict(base) and right and self.entry_depth(None) == depth):
                    raise NoArrayError("a dict is walked in a way that is not followed")
                self.add(self.slot_of(base), DICT)
                return True
        return False
