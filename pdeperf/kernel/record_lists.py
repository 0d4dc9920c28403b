"""Lists of tuples stored in arrays, a row for each tuple: ``U[i] = (a, b)`` as ``U[i, 0], U[i, 1] = a, b``.

Tuples never change, so a row that is stored holds what the tuple held, and an element that leaves the array
is a new tuple of Python's floats, ``(float(U[i, 0]), float(U[i, 1]))``. Functions are given tuples as before.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from pdeperf.kernel.blocks import LOOPS
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.record_bindings import check_bindings
from pdeperf.kernel.record_groups import Groups, has_lists, with_slot
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.record_making import Making
from pdeperf.kernel.record_numbers import RecordNumbers
from pdeperf.kernel.record_walks import Walks
from pdeperf.kernel.records import Records, RecordTypes, Type
from pdeperf.kernel.rendering import Rendering
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source.scopes import FUNCTIONS, scope_of

_READERS = frozenset("print str repr sum max min sorted list tuple set any all".split())
_LIBRARIES = ("math.", "json.", "statistics.", "matplotlib.")


@dataclass(slots=True)
class RecordLists:
    """One file whose lists of tuples become arrays.

    Attributes
    ----------
    active
        Heads of the lists that do.
    built
        Names of lists that are made arrays where a line copies them.
    observed
        Names that were seen to be lists or arrays.
    used
        Those of the lists of which single records are used in loops or functions.
    lengths
        Of walks over lists: the counter, and the text of the number of turns.
    """

    types: RecordTypes
    groups: Groups
    numbers: RecordNumbers
    active: frozenset[Slot]
    built: frozenset[str]
    observed: frozenset[str]
    rendering: Rendering
    used: set[Slot] = field(default_factory=set)
    lengths: dict[int, tuple[str, Callable[[], str]]] = field(default_factory=dict)
    _zones: list[tuple[Slot, int, int]] = field(default_factory=list)

    def write(self) -> None:
        """Look at every expression.

        Raises
        ------
        KeptError
            If one cannot be written for arrays.
        """
        module, making, walks = self.types.module, Making(self), Walks(self)
        self._zones = [*making.zones()]
        for node in module.nodes:
            if isinstance(node, ast.For | ast.comprehension):
                walks.write(node)
        for node in module.nodes:
            if not isinstance(node, ast.expr):
                continue
            head = self.head(node)
            if head is None:
                making.write(node)
                continue
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not self.is_building(node, head):
                with_slot(head, lambda node=node, head=head: self._use(node, module.parents[node], head))  # type: ignore[misc]

        check_bindings(self)
        for part in module.all(ast.Subscript):
            is_stored = not isinstance(part.ctx, ast.Load) and isinstance(self.types.of(part.value), Record)
            if is_stored and id(part) not in self.rendering.made:
                raise ValueError("a field is stored in a record that stays one")

    def head(self, node: ast.expr) -> Slot | None:
        """The list that becomes an array and that an expression is."""
        if isinstance(node, ast.Tuple | ast.IfExp) or not has_lists(self.types.of(node)):
            return None
        head = self.groups.of(node)
        return head if head in self.active else None

    def is_building(self, node: ast.expr, head: Slot) -> bool:
        """Is it still a list there?"""
        return any(slot == head and first <= node.lineno <= last for slot, first, last in self._zones)

    def width(self, node: ast.expr) -> int:
        """How many numbers the records of a list have."""
        found = self.types.of(node)
        assert isinstance(found, Records) and found.of is not None
        return found.of.width

    def _use(self, node: ast.expr, above: ast.AST, head: Slot) -> None:
        """A list is used."""
        module = self.types.module
        found = self.types.of(node)
        match above:
            case ast.Subscript(value=value, slice=index) if value is node and isinstance(found, Records):
                self._part(above, index, head)
            case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.IfExp() | ast.Expr() | ast.Tuple():
                if isinstance(above, ast.IfExp) and above.test is node:
                    raise NoArrayError("a list is tested")
                self._handed_on(node, above)
            case ast.Call(func=func) if func is not node:
                self._given(node, above, head)
            case ast.keyword(arg=str()):
                call = module.parents[above]
                assert isinstance(call, ast.Call)
                self._given(node, call, head)
            case ast.Starred() if isinstance(module.parents[above], ast.Call):
                self.rendering.made[id(node)] = f"{self.rendering.within(node)}.tolist()"
            case ast.Attribute(attr="copy"):
                self._bound_copy(module.parents[above])
            case ast.For(iter=source) | ast.comprehension(iter=source) if source is node:
                pass  # written with the walk
            case _:
                raise NoArrayError(f"`{ast.unparse(node)[:40]}` is used as a whole")

    def _handed_on(self, node: ast.expr, above: ast.AST) -> None:
        """What a list is bound to is a list of records, too."""
        known: list[Type] = []
        match above:
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Tuple | ast.List):
                        known += self.types.unpacked(target.elts, self.types.of(node), node)
                        known += [self.types.of(part) for part in target.elts]
                    else:
                        known.append(self.types.of(target))
                        if isinstance(target, ast.Subscript):
                            raise NoArrayError("a list is stored in something else")
            case ast.AnnAssign(target=target):
                known.append(self.types.of(target))
            case ast.IfExp() | ast.Tuple():
                known.append(self.types.of(above))
                if self.types.of(above) is None or not has_lists(self.types.of(above)):
                    raise NoArrayError("a list meets something else")
                home = self.types.module.parents[above]
                if not isinstance(home, ast.Assign | ast.Return | ast.AnnAssign):
                    raise NoArrayError("a list is put into something else")
            case ast.Return():
                function = next(
                    one for one in self.types.module.ancestors(above) if isinstance(one, FUNCTIONS)
                )
                known.append(self.types.types.get(self.types.slot("result", function, "")))
        if known and not any(map(has_lists, known)):
            raise NoArrayError("a list meets something else")

    def _given(self, node: ast.expr, call: ast.Call, head: Slot) -> None:
        full = qualified(call.func, self.types.module, scope_of(self.types.module, call))
        name = full.removeprefix("builtins.")
        if name == "len":
            return
        if full in (*COPIES, "copy.deepcopy", "builtins.list"):
            self._bound_copy(call)
            return
        if name in ("enumerate", "zip", "reversed"):
            if not self.is_walk(call):
                raise NoArrayError("lists are walked in a way that is not followed")
            return
        if full == "numpy.array":
            return
        if name in _READERS or full.startswith(_LIBRARIES):
            self.rendering.made[id(node)] = f"list(map(tuple, {self.rendering.within(node)}.tolist()))"
            return
        called = self.types.function_called(call) if not full else None
        if called is None or called.name == "__init__":
            raise NoArrayError(f"`{ast.unparse(call.func)[:40]}` is given a list")
        names = [one.arg for one in (*called.args.posonlyargs, *called.args.args)]
        is_method = isinstance(self.types.module.parents.get(called), ast.ClassDef)
        words = [word.arg for word in call.keywords if word.value is node]
        at = call.args.index(node) + is_method if node in call.args else -1
        name = words[0] or "" if words else names[at] if at < len(names) else ""
        if not has_lists(self.types.types.get(self.types.slot("name", called, name))):
            raise NoArrayError(f"`{name}` is other things, too")

    def is_walk(self, call: ast.AST) -> bool:
        """Is it what a loop walks, directly or within ``enumerate``?"""
        above = self.types.module.parents[call]
        if isinstance(above, ast.For | ast.comprehension):
            return above.iter is call
        return (
            isinstance(above, ast.Call)
            and isinstance(above.func, ast.Name)
            and above.func.id in ("enumerate", "zip")
            and self.is_walk(above)
        )

    def _bound_copy(self, copy: ast.AST) -> None:
        """A copy is an array where it is bound to one, and a list where it is given to a library."""
        assert isinstance(copy, ast.Call)
        base = copy.func.value if isinstance(copy.func, ast.Attribute) and not copy.args else copy.args[0]
        home = self.types.module.parents[copy]
        if self.is_bound(copy):
            self.rendering.made[id(copy)] = lambda: f"{self.rendering.within(base)}.copy()"
        elif not isinstance(home, ast.Expr):
            raise NoArrayError("a copy goes where it is not followed")

    def is_bound(self, node: ast.expr) -> bool:
        """Is an expression bound to a variable whose list becomes an array, or handed on as one?"""
        home = self.types.module.parents[node]
        match home:
            case ast.Assign(targets=targets):
                return all(
                    isinstance(one, ast.Name | ast.Attribute) and self.groups.of(one) in self.active
                    for one in targets
                )
            case ast.AnnAssign(target=target):
                return self.groups.of(target) in self.active
            case ast.Return():
                function = next(
                    one for one in self.types.module.ancestors(home) if isinstance(one, FUNCTIONS)
                )
                slot = self.types.slot("result", function, "")
                return has_lists(self.types.types.get(slot)) and self.groups.head(slot) in self.active
            case ast.Tuple(elts=parts):
                above = self.types.module.parents[home]
                match above:
                    case ast.Assign(targets=[ast.Tuple(elts=targets)]) if len(targets) == len(parts):
                        return self.groups.of(targets[parts.index(node)]) in self.active
                    case ast.Return():
                        return self.is_bound(home)
            case ast.Call() if not qualified(home.func, self.types.module, scope_of(self.types.module, home)):
                called = self.types.function_called(home)
                if called is None or called.name == "__init__" or node not in home.args:
                    return False
                names = [one.arg for one in (*called.args.posonlyargs, *called.args.args)]
                names = names[isinstance(self.types.module.parents.get(called), ast.ClassDef) :]
                at = home.args.index(node)
                slot = self.types.slot("name", called, names[at] if at < len(names) else "")
                return has_lists(self.types.types.get(slot)) and self.groups.head(slot) in self.active
        return False

    # ---- parts of lists

    def _part(self, part: ast.Subscript, index: ast.expr, head: Slot) -> None:
        module = self.types.module
        if isinstance(index, ast.Slice):
            above = module.parents[part]
            is_len = isinstance(above, ast.Call) and ast.unparse(above.func) == "len"
            if not isinstance(part.ctx, ast.Load):
                raise NoArrayError("a part of a list is replaced")
            if self.is_bound(part):
                whole = index.lower is None and index.upper is None and index.step is None
                copied = part.value if whole else part
                self.rendering.made[id(part)] = lambda: f"{self.rendering.within(copied)}.copy()"
            elif not (is_len or self._is_walked(part, above)):
                raise NoArrayError("a part of a list is cut out")
            return
        if isinstance(part.ctx, ast.Del):
            raise NoArrayError("an element is deleted")
        above = module.parents[part]
        if any(isinstance(one, (*LOOPS, *FUNCTIONS)) for one in module.ancestors(part)):
            self.used.add(head)
        if isinstance(above, ast.Subscript) and above.value is part:
            self._field(above, part)
        elif isinstance(part.ctx, ast.Store):
            self._stored(part, above)
        else:
            self._check_index(index)
            texts = self.fields_of(part)
            is_unpacked = isinstance(above, ast.Assign)
            self.rendering.made[id(part)] = lambda: (
                ", ".join(texts()) if is_unpacked else f"({', '.join(texts())})"
            )

    def _is_walked(self, part: ast.expr, above: ast.AST) -> bool:
        if isinstance(above, ast.For | ast.comprehension):
            return above.iter is part
        return isinstance(above, ast.Call) and self.is_walk(above)

    def fields_of(self, part: ast.Subscript) -> Callable[[], list[str]]:
        """The texts of all numbers of a record."""
        base, index, width = part.value, part.slice, self.width(part.value)

        def texts() -> list[str]:
            base_text, at = self.rendering.text(base), self.rendering.one_line(index)
            return [f"float({base_text}[{at}, {place}])" for place in range(width)]

        return texts

    def _field(self, whole: ast.Subscript, part: ast.Subscript) -> None:
        """One number of a record."""
        place = whole.slice
        if isinstance(place, ast.Slice | ast.Tuple):
            raise NoArrayError("a part of a record is cut out")
        above = self.types.module.parents[whole]

        def text() -> str:
            base, at = self.rendering.text(part.value), self.rendering.one_line(part.slice)
            return f"{base}[{at}, {self.rendering.one_line(place)}]"

        if isinstance(whole.ctx, ast.Load):
            self.rendering.made[id(whole)] = lambda: f"float({text()})"
            return
        match above:
            case ast.Assign(targets=[target], value=value) if target is whole:
                pass
            case ast.AugAssign(op=ast.Add() | ast.Sub() | ast.Mult(), value=value):
                pass
            case _:
                raise NoArrayError("a field is bound in a way that is not followed")
        if not self.numbers.is_float(value):
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` may be no float")
        self.rendering.made[id(whole)] = text

    def _stored(self, part: ast.Subscript, above: ast.AST) -> None:
        """A record is stored."""
        self._check_index(part.slice)
        match above:
            case ast.Assign(value=value):
                pass
            case ast.Tuple(elts=parts):
                home = self.types.module.parents[above]
                if not isinstance(home, ast.Assign) or not isinstance(home.value, ast.Tuple):
                    raise NoArrayError("an element is unpacked")
                if len(home.value.elts) != len(parts):
                    raise NoArrayError("an element is unpacked")
                value = home.value.elts[parts.index(part)]
            case _:
                raise NoArrayError("an element is bound in a way that is not followed")
        self.check(value, self.width(part.value))
        in_tuple = isinstance(above, ast.Tuple)

        def text() -> str:
            base, at = self.rendering.text(part.value), self.rendering.one_line(part.slice)
            joined = ", ".join(f"{base}[{at}, {place}]" for place in range(self.width(part.value)))
            return f"({joined})" if in_tuple else joined

        self.rendering.made[id(part)] = text

    def check(self, value: ast.expr, width: int) -> None:
        """Raise unless it is a record of so many floats for certain."""
        found = self.types.of(value)
        if not isinstance(found, Record) or found.width != width:
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` is no record of {width} numbers")
        if not self.numbers.are_floats(value):
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` may hold other things than floats")

    # ---- what walks ask

    def is_indexed(self, node: ast.expr) -> bool:
        """Is something else a list or an array, which has places?"""
        return isinstance(node, ast.Name) and node.id in self.observed

    def may_change(self, home: ast.AST) -> bool:
        """May functions that are called in an expression change a list?"""
        module = self.types.module
        own = [
            node
            for node in ast.walk(home)
            if isinstance(node, ast.Call) and not qualified(node.func, module, scope_of(module, node))
        ]
        return bool(own) and any(
            isinstance(node, ast.Subscript | ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and (self.head(node.value) is not None or isinstance(self.types.of(node.value), Record))
            for function in module.all(ast.FunctionDef)
            if all(function is not above for above in module.ancestors(home))
            for node in ast.walk(function)
        )

    def is_global_elsewhere(self, node: ast.Name) -> bool:
        """May a function that is called bind a variable anew?"""
        module = self.types.module
        declared = [one.names for one in module.all(ast.Global)]
        declared += [one.names for one in module.all(ast.Nonlocal)]
        return any(node.id in names for names in declared)

    def is_stored_in(self, walk: ast.For, base: ast.Attribute) -> bool:
        """May an attribute be bound anew while it is walked?"""
        module = self.types.module
        calls = any(
            isinstance(node, ast.Call) and not qualified(node.func, module, scope_of(module, node))
            for node in ast.walk(walk)
        )
        stores = [
            node
            for node in module.all(ast.Attribute)
            if node.attr == base.attr and isinstance(node.ctx, ast.Store)
        ]
        return any(walk in module.ancestors(node) for node in stores) or (calls and len(stores) > 1)

    def _check_index(self, index: ast.expr) -> None:
        """It is written several times."""
        allowed = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
        for node in ast.walk(index):
            if not isinstance(node, (*allowed, ast.Attribute, ast.Subscript, ast.expr_context)):
                raise NoArrayError(f"`{ast.unparse(index)[:40]}` is computed")
