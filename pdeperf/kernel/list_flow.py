"""Where lists of numbers go in a file: through names, parameters, results and attributes.

Lists that are made on the spot, and that nothing but the file's own code ever holds, can be arrays
wherever they go, if each use of them can be written for arrays with the same meaning: elements that leave
an array become Python's numbers again, ``float(u[i][j])``, and so do whole lists that a library reads.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.assumed import Assumed
from pdeperf.kernel.built_lists import Building, building
from pdeperf.kernel.dict_flow import DICT
from pdeperf.kernel.held_lists import HELD, HeldFlow
from pdeperf.kernel.kinds import FLOAT, INT
from pdeperf.kernel.list_ends import before_array
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_walks import READERS
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import Edit
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters, scope_of, uses_of

_OF_ROWS = frozenset("print str repr".split())
"""Builtins that neither change nor keep a list or its rows."""
_WALKS = frozenset(("builtins.enumerate", "builtins.zip", "builtins.reversed"))
_BY_TEXT = frozenset(("getattr", "attrgetter"))
_LIBRARIES = ("numpy.", "math.", "matplotlib.", "json.", "statistics.")


@dataclass(slots=True, kw_only=True)
class ListFlow(HeldFlow):
    """Lists that become arrays together.

    Attributes
    ----------
    built
        Where those are built that are empty at first.
    has_none, is_compared
        One of them is None at times; one is compared with something.
    """

    built: dict[Slot, Building] = field(default_factory=dict)
    has_none: bool = False
    is_compared: bool = False
    _bound: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        kind = INT if self.values.dtype == "int64" else FLOAT
        assumed = Assumed(self.values.provable, kind, self.is_element)
        self.values = replace(self.values, is_followed=self.is_element, assumed=assumed)

    def follow(self, slot: Slot, depth: int) -> None:
        """Take a list and all that it meets as arrays.

        Raises
        ------
        NoArrayError
            If one of them has to stay a list.
        """
        self.add(slot, depth)
        while self._waiting or self.join_needed():
            slot = self._waiting.pop()
            match "holder" if self.depths[slot] >= HELD else slot.form:
                case "holder":
                    self.uses_of_holder(slot)
                case "name":
                    self._uses_of_name(slot)
                case "attribute":
                    self._uses_of_attribute(slot)
                case "result":
                    self._uses_of_result(slot)
        kept = {deep for one, deep in self.depths.items() if one.form != "part" and deep < DICT}
        if self.has_new_rows and len(kept) > 1:
            raise NoArrayError("rows have names, and are bound to new lists")
        self.check_keys()
        if self.has_none and self.is_compared:
            raise NoArrayError("what may be None is compared")
        if self.has_whole and not self.has_stores:
            raise NoArrayError("a list of whole numbers stays one")
        self._write_copies()

    # ---- each form of slot

    def _uses_of_name(self, slot: Slot) -> None:
        owner, depth = self.nodes[slot.owner], self.depths[slot]
        nodes = [node for node in uses_of(slot.name, self.module) if self.slot_of(node) == slot]
        self._uses(slot, before_array(nodes, slot.name, owner, self.module))
        if isinstance(owner, FUNCTIONS) and slot.name in parameters(owner):
            for given in self.given(owner, slot.name):
                self.bind(given, depth)

    def _uses_of_attribute(self, slot: Slot) -> None:
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Name) and node.id in _BY_TEXT:
                raise NoArrayError(f"attributes are looked up by {node.id}")
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.Name) and part.id == slot.name and isinstance(part.ctx, ast.Store)
                for part in own_nodes(node)
            ):
                raise NoArrayError(f"`{slot.name}` is an attribute of a class")
        self._uses(slot, [node for node in self.module.all(ast.Attribute) if node.attr == slot.name])

    def _uses(self, slot: Slot, nodes: Sequence[ast.Name | ast.Attribute]) -> None:
        depth = self.depths[slot]
        nodes, filled = (nodes, True) if depth == DICT else self.grown(nodes, depth)
        built = None if filled else building(slot, depth, nodes, self, self.values)
        if built is not None:
            self.edits.add(built.edit)
            self.built[slot] = built
        for node in nodes:
            if built is not None and built.holds(node.lineno):
                continue
            if isinstance(node.ctx, ast.Load):
                self.use(node, depth)
            else:
                self.bind_target(node, depth)

    def _uses_of_result(self, slot: Slot) -> None:
        function, depth = self.nodes[slot.owner], self.depths[slot]
        assert isinstance(function, ast.FunctionDef)
        for node in own_nodes(function):
            if isinstance(node, ast.Return):
                value = node.value
                if slot.name and isinstance(value, ast.Tuple) and int(slot.name) < len(value.elts):
                    value = value.elts[int(slot.name)]
                elif slot.name or value is None:
                    raise NoArrayError(f"`{function.name}` returns several things")
                self.bind(value, depth)
        for call in self.calls_of(function):
            if not slot.name:
                self.use(call, depth)
                continue
            above = self.module.parents[call]
            match above:
                case ast.Assign(targets=[ast.Tuple(elts=parts)], value=value) if value is call:
                    self.add_target(parts[int(slot.name)], depth)
                case ast.Expr():
                    pass
                case _:
                    raise NoArrayError(f"results of `{function.name}` are kept together")

    # ---- what a list is bound to, and where it is used

    def bind_target(self, node: ast.expr, depth: int) -> None:
        """A place where a name or an attribute is bound."""
        above = self.module.parents[node]
        match above:
            case ast.Assign(targets=targets, value=value) if node in targets:
                self.bind(value, depth)
            case ast.AnnAssign(value=ast.expr() as value):
                self.bind(value, depth)
            case ast.Tuple() | ast.List():
                self._bound_in_tuple(node, above, depth)
            case ast.For(iter=source) | ast.comprehension(iter=source):
                self._bound_by_loop(source, 0, 1, depth)
            case _:
                raise NoArrayError(f"`{ast.unparse(node)}` is bound or deleted")

    def _bound_in_tuple(self, node: ast.expr, above: ast.Tuple | ast.List, depth: int) -> None:
        at, home = above.elts.index(node), self.module.parents[above]
        match home:
            case ast.Assign(value=ast.Tuple(elts=values)) if len(values) == len(above.elts):
                self.bind(values[at], depth)
            case ast.Assign(value=ast.Call() as call) if function := self.function_called(call):
                self.add(self.slot("result", function, str(at)), depth)
            case ast.For(iter=source) | ast.comprehension(iter=source):
                self._bound_by_loop(source, at, len(above.elts), depth)
            case _:
                raise NoArrayError(f"`{ast.unparse(node)}` is unpacked")

    def _bound_by_loop(self, source: ast.expr, at: int, count: int, depth: int) -> None:
        """A row that a loop binds belongs to a list of rows."""
        if self.is_walked(source, at, count, depth):
            return None
        if isinstance(source, ast.Call):
            full = qualified(source.func, self.module, scope_of(self.module, source))
            if full == "builtins.enumerate" and at == 1 and count == 2:
                return self.bind(source.args[0], depth + 1)
            if full == "builtins.zip" and count == len(source.args):
                return self.bind(source.args[at], depth + 1)
            if full == "builtins.reversed" and count == 1:
                return self.bind(source.args[0], depth + 1)
        if count > 1:
            raise NoArrayError("a row is unpacked")
        return self.bind(source, depth + 1)

    def bind(self, value: ast.expr, depth: int) -> None:
        """A list of some depth is bound to what stands for an array."""
        if depth == DICT:
            self.bind_dict(value)
            return
        if id(value) in self.inside and not isinstance(value, ast.Name | ast.Attribute):
            raise NoArrayError("compiled code makes the list")
        if (base := self.values.copied(value, depth)) is not None:
            self.bind(base, depth)
            self.copies[id(value)] = value, base
            self._bound.add(id(value))
            return
        match value:
            case ast.Name() if (walk := self.walk_of(value)) is not None:
                self._bound_by_loop(*walk, depth)
            case ast.Name() | ast.Attribute():
                self.add(self.slot_of(value), depth)
            case ast.Constant(value=None):
                self.has_none = True
            case ast.IfExp(body=body, orelse=orelse):
                self.bind(body, depth)
                self.bind(orelse, depth)
            case ast.Subscript(value=inner, slice=index) if self.is_entry(value):
                if self.entry_depth(index) != depth:
                    raise NoArrayError("an entry is nested to several depths")
                self.add(self.slot_of(inner), DICT)
            case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice | ast.Tuple):
                self.bind(inner, depth + 1)
            case ast.Call() if function := self.function_called(value):
                self.add(self.slot("result", function, ""), depth)
            case _:
                self.has_whole |= self.values.is_whole(value)
                if not (edits := self.values.as_array(value, depth)):
                    raise NoArrayError(f"`{ast.unparse(value)[:40]}` is no list that is made there")
                self.edits |= set(edits)

    def use(self, node: ast.expr, depth: int) -> None:
        """An expression that is a list, or an element where the depth is zero, is used."""
        part: ast.AST = node
        while isinstance(part, ast.Name | ast.Attribute | ast.Subscript):
            self.has_stores |= not isinstance(part.ctx, ast.Load)
            inner, part = part, self.module.parents[part]
            if not (isinstance(part, ast.Subscript) and part.value is inner):
                break
        if id(node) in self.quiet:
            return
        above = self.module.parents[node]
        if depth in (0, DICT):
            (self.use_dict if depth else self._element)(node, above)
            return
        match above:
            case ast.Subscript(value=value, slice=index) if value is node:
                self._part(above, index, depth)
            case ast.Assign(targets=targets, value=value) if value is node:
                for target in targets:
                    if isinstance(target, ast.Subscript | ast.Tuple) and not self.is_entry(target):
                        raise NoArrayError("a list is stored in another, or unpacked")
                    self.add_target(target, depth)
            case ast.Dict() | ast.DictComp():
                self.put_into_dict(above, self.key_of(node, above), depth)
            case ast.AnnAssign(target=target, value=value) if value is node:
                self.add(self.slot_of(target), depth)
            case ast.Tuple() | ast.Return():
                self._handed_on(node, above, depth)
            case ast.For(iter=source, target=target) | ast.comprehension(iter=source, target=target) if (
                source is node
            ):
                self.walked(node, target, depth)
            case ast.Call(func=func) if func is not node:
                self._given_to(node, above, depth)
            case ast.keyword():
                self._given_by_name(node, above, depth)
            case ast.Attribute(attr="copy") if depth == 1 and self.values.copied(self.module.parents[above]):
                copy = self.module.parents[above]
                assert isinstance(copy, ast.Call)
                self.copies[id(copy)] = copy, node
            case ast.Attribute(attr="count" | "index") if depth == 1 and self.values.dtype == "int64":
                self.searched(node, above)
            case ast.IfExp(test=test) if test is not node:
                self.use(above, depth)
            case ast.List() if self.is_held_by(above, depth):
                pass
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.Expr():
                pass
            case ast.FormattedValue() | ast.Compare() | ast.BinOp(op=ast.Add() | ast.Mult()) | ast.Starred():
                self.is_compared |= isinstance(above, ast.Compare)
                if depth > 1 and not isinstance(above, ast.FormattedValue):
                    raise NoArrayError(f"`{ast.unparse(node)[:40]}` is used as a whole")
                self.put(node, "", ".tolist()")
            case _:
                raise NoArrayError(f"`{ast.unparse(node)[:40]}` is used as a whole")

    def _part(self, part: ast.Subscript, index: ast.expr, depth: int) -> None:
        if isinstance(index, ast.Slice):
            if depth > 1 or not isinstance(part.ctx, ast.Load):
                raise NoArrayError("a part of a list is cut out, or stored")
            self.copies[id(part)] = part, part
            return
        if isinstance(index, ast.Tuple | ast.Compare | ast.BoolOp) or self.values.is_truth(index):
            raise NoArrayError("an index is no number")
        if isinstance(part.ctx, ast.Load) or depth == 1:
            self.use(part, depth - 1)
            return
        home = self.module.parents[part]
        is_new = isinstance(home, ast.Assign) and self.values.is_new(home.value)
        if not (is_new and isinstance(home, ast.Assign) and home.targets == [part]):
            raise NoArrayError("a row is bound to another list")
        self.has_new_rows = True

    def _element(self, node: ast.expr, above: ast.AST) -> None:
        """A number that is stored in an array, or leaves it."""
        assert isinstance(node, ast.Subscript | ast.Name)
        if isinstance(node.ctx, ast.Load):
            if not self.is_looked_at(node, above):
                self.put(node, f"{self.values.number}(", ")")
            return
        match above:
            case ast.Assign(value=value):
                if not self.values.may_be_stored(value):
                    raise NoArrayError(f"`{ast.unparse(value)[:40]}` may be no number")
            case ast.AugAssign(op=ast.Add() | ast.Sub() | ast.Mult() as op, value=value):
                if not self.values.may_be_added(op, value):
                    raise NoArrayError(f"`{ast.unparse(value)[:40]}` may be no number, or grow")
            case ast.Tuple() if isinstance(home := self.module.parents[above], ast.Assign):
                values = home.value.elts if isinstance(home.value, ast.Tuple) else []
                if len(values) != len(above.elts) or not all(map(self.values.may_be_stored, values)):
                    raise NoArrayError("an element is unpacked")
            case _:
                raise NoArrayError(f"`{ast.unparse(node)}` is changed")

    def give(self, node: ast.expr, above: ast.AST, depth: int) -> None:
        """What a function or a caller gets."""
        if isinstance(above, ast.keyword):
            self._given_by_name(node, above, depth)
        elif isinstance(above, ast.Call):
            self._given_to(node, above, depth)
        elif isinstance(above, ast.Tuple | ast.Return):
            self._handed_on(node, above, depth)

    def _handed_on(self, node: ast.expr, above: ast.Tuple | ast.Return, depth: int) -> None:
        home, name = self.module.parents[above], ""
        if isinstance(above, ast.Tuple):
            match home:
                case ast.Assign(targets=[ast.Tuple(elts=parts)]) if len(parts) == len(above.elts):
                    self.add_target(parts[above.elts.index(node)], depth)
                    return
                case ast.Return():
                    name = str(above.elts.index(node))
                case _:
                    raise NoArrayError("a list is put into a tuple")
        function = next((one for one in self.module.ancestors(above) if isinstance(one, FUNCTIONS)), None)
        if not isinstance(function, ast.FunctionDef):
            raise NoArrayError("a lambda returns a list")
        self.add(self.slot("result", function, name), depth)

    def _given_by_name(self, node: ast.expr, word: ast.keyword, depth: int) -> None:
        call = self.module.parents[word]
        assert isinstance(call, ast.Call)
        self._given_to(node, call, depth, word.arg or "")

    def _given_to(self, node: ast.expr, call: ast.Call, depth: int, word: str = "") -> None:
        full = qualified(call.func, self.module, scope_of(self.module, call))
        name = full.removeprefix("builtins.")
        if full == "builtins.len":
            return
        if (copy := self.values.copied(call)) is not None:
            if depth > 1 and full != "copy.deepcopy":
                raise NoArrayError("a copy shares its rows")
            self.copies[id(call)] = call, copy
            return
        if full in _WALKS:
            self.walked_together(node, call, depth)
            return
        if self.is_mapped(call, full):
            self.mapped(node, call, depth)
            return
        is_read = name in (_OF_ROWS if depth > 1 else READERS)
        if full.startswith(_LIBRARIES) or is_read:
            self.put(node, "", ".tolist()")
            return
        if self.is_held_by(call, depth):
            return
        function = self.function_called(call) if not full else None
        if function is None:
            raise NoArrayError(f"`{ast.unparse(call.func)[:40]}` is given the list")
        is_method = isinstance(self.module.parents.get(function), ast.ClassDef)
        names = parameters(function)[is_method:]
        if any(isinstance(part, ast.Starred) for part in call.args):
            raise NoArrayError("an argument is starred")
        at = names.index(word) if word in names else call.args.index(node) if not word else len(names)
        if at >= len(names):
            raise NoArrayError(f"`{function.name}` takes any number of arguments")
        self.add(self.slot("name", function, names[at]), depth)

    def _write_copies(self) -> None:
        """A copy is an array where it is bound to one, and a list elsewhere."""
        whole: list[Edit] = []
        for copy, base in self.copies.values():
            whole += self.values.copy_edits(copy, base, is_array=id(copy) in self._bound)
        spans = [(edit.start, edit.end) for edit in whole if edit.end > edit.start]
        edits = self.edits | set(whole)
        self.edits = {
            edit
            for edit in edits
            if not any(
                start <= edit.start and edit.end <= end and (start, end) != (edit.start, edit.end)
                for start, end in spans
            )
        }
