"""Which expressions are records: tuples of a few numbers, named tuples, small objects, dicts by their keys.

``U[i] = (rho, mom, E)``, ``State(rho, mom, E)`` and ``{"rho": rho, "mom": mom, "E": E}`` are three ways to
write the state of a cell. What each variable, parameter, result and attribute of a file is made of is
found from what is bound to it; what is not followed is anything.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.list_slots import ListSlots, NoArrayError, Slot
from pdeperf.kernel.record_makers import Record, made_with
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters, scope_of

_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else: numbers, arrays, objects."""


@dataclass(frozen=True, slots=True)
class Records:
    """A list of records; of None while nothing is in it."""

    of: Record | None


@dataclass(frozen=True, slots=True)
class Parts:
    """A tuple in which records or lists of them stand."""

    types: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One of a few texts by which dicts are asked, or all of these."""

    fields: tuple[str, ...]
    is_one: bool


Type = Other | Record | Records | Parts | Key | None
"""None is what nothing is known of yet."""

OTHER = Other()


def join(one: Type, other: Type) -> Type:
    """What is the one at times, and the other at other times."""
    match one, other:
        case None, _:
            return other
        case _, None:
            return one
        case Records(of=None), Records() | Other():
            return other
        case Records(), Records(of=None):
            return one
        case Parts(types=some), Parts(types=others) if len(some) == len(others):
            return Parts(tuple(map(join, some, others)))
    return one if one == other else OTHER


def row(count: int) -> Record:
    """A list of so many numbers."""
    return Record(count, (), "[]")


def is_whole(part: ast.Slice) -> bool:
    """Is it ``[:]``?"""
    return part.lower is None and part.upper is None and part.step is None


@dataclass(slots=True, kw_only=True)
class RecordTypes(ListSlots):
    """What the variables of a file are made of, as far as records go.

    Attributes
    ----------
    makers
        Classes that do nothing but hold a few fields.
    dicts
        The keys of dicts that are written down, in the order of the first of them.
    rows
        How many numbers stand in lists, ``[rho, mom, E]``, that are records.
    """

    makers: Mapping[str, Record]
    dicts: Mapping[frozenset[str], Record] = field(default_factory=dict)
    rows: frozenset[int] = frozenset()
    types: dict[Slot, Type] = field(default_factory=dict)
    _calls: dict[int, Sequence[ast.Call] | None] = field(default_factory=dict)
    _changed: bool = False

    def settle(self) -> None:
        """Follow everything that is bound until nothing new is found.

        Raises
        ------
        NoArrayError
            If that takes too long.
        """
        for _ in range(_MOST_ROUNDS):
            self._changed = False
            for node in self.module.nodes:
                self._follow(node)
            if not self._changed:
                return
        raise NoArrayError("what is bound to what is not found out")

    def _join(self, slot: Slot | None, found: Type) -> None:
        if slot is None or found is None:
            return
        known = self.types.get(slot)
        joined = join(known, found)
        if joined != known:
            self.types[slot] = joined
            self._changed = True

    # ---- what is bound

    def _follow(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, self.of(value), value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self.of(value), value)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, self.of(value), value)
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target):
                self._join(self.slot_of(target), OTHER)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                self._bind(target, self.element(source))
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(target, OTHER)
            case ast.FunctionDef():
                self._parameters(node)
            case ast.Lambda() | ast.AsyncFunctionDef():
                for name in parameters(node):
                    self._join(self.slot("name", node, name), OTHER)
            case ast.Return(value=value):
                function = next(one for one in self.module.ancestors(node) if isinstance(one, FUNCTIONS))
                self._join(self.slot("result", function, ""), self.of(value) if value is not None else OTHER)
            case ast.Yield() | ast.YieldFrom():
                function = next(one for one in self.module.ancestors(node) if isinstance(one, FUNCTIONS))
                self._join(self.slot("result", function, ""), OTHER)
            case ast.Call(func=ast.Attribute(value=base, attr="append"), args=[value], keywords=[]):
                found = self.of(value)
                if isinstance(base, ast.Name | ast.Attribute) and found is not None:
                    self._join(self.slot_of(base), Records(found) if isinstance(found, Record) else OTHER)

    def _bind(self, target: ast.expr, found: Type, value: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name | ast.Attribute):
            self._join(self.slot_of(target), found)
        elif isinstance(target, ast.Tuple | ast.List):
            for part, one in zip(target.elts, self.unpacked(target.elts, found, value), strict=True):
                self._bind(part, one)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, OTHER)

    def unpacked(self, parts: Sequence[ast.expr], found: Type, value: ast.expr | None) -> list[Type]:
        """What each part of an unpacked value is."""
        starred = any(isinstance(part, ast.Starred) for part in parts)
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(parts) and not starred:
            return [self.of(one) for one in value.elts]
        if isinstance(found, Parts) and len(found.types) == len(parts) and not starred:
            return [*found.types]
        return [None if found is None else OTHER] * len(parts)

    def _parameters(self, function: ast.FunctionDef) -> None:
        is_method = isinstance(self.module.parents.get(function), ast.ClassDef)
        names = parameters(function)
        for name in names[:is_method]:
            self._join(self.slot("name", function, name), OTHER)
        for name in names[is_method:]:
            slot = self.slot("name", function, name)
            for given in self.arguments(function, name, is_method=is_method):
                self._join(slot, self.of(given) if given is not None else OTHER)

    def arguments(
        self, function: ast.FunctionDef, name: str, *, is_method: bool
    ) -> Iterator[ast.expr | None]:
        """What a parameter is given by all calls; None for what is not followed."""
        calls = self.calls(function)
        places = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        defaults = dict(zip(places[::-1], function.args.defaults[::-1], strict=False))
        defaults |= {
            one.arg: default
            for one, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            if default is not None
        }
        if calls is None or name not in (*places, *(one.arg for one in function.args.kwonlyargs)):
            yield None
            return
        at = places.index(name) - is_method if name in places else -1
        for call in calls:
            if any(isinstance(one, ast.Starred) for one in call.args) or not all(
                word.arg for word in call.keywords
            ):
                yield None
                continue
            found = [word.value for word in call.keywords if word.arg == name]
            found += call.args[at : at + 1] if at >= 0 else []
            yield found[0] if found else defaults.get(name)

    def calls(self, function: ast.FunctionDef) -> Sequence[ast.Call] | None:
        """All calls of a function; None if it may be called in other ways."""
        if id(function) not in self._calls:
            try:
                self._calls[id(function)] = [*self.calls_of(function)]
            except NoArrayError:
                self._calls[id(function)] = None
        return self._calls[id(function)]

    # ---- what expressions are

    def of(self, node: ast.expr) -> Type:
        """What an expression is."""
        match node:
            case ast.Name():
                slot = self.slot_of(node)
                return self.types.get(slot) if slot is not None else OTHER
            case ast.Attribute():
                base = self.of(node.value)
                if isinstance(base, Record) and node.attr in base.fields:
                    return OTHER
                return self.types.get(Slot("attribute", 0, node.attr), OTHER)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._display(node, parts)
            case ast.Dict() | ast.DictComp():
                return self._dict(node)
            case ast.ListComp(elt=element):
                found = self.of(element)
                if found == OTHER and (count := self._count(node)) in self.rows:
                    return row(count)
                return Records(found) if isinstance(found, Record) else found and OTHER
            case ast.IfExp(body=body, orelse=orelse):
                return join(self.of(body), self.of(orelse))
            case ast.NamedExpr(value=value):
                return self.of(value)
            case ast.BinOp(left=left, op=op, right=right):
                return self._combined(left, op, right)
            case ast.Subscript(value=value, slice=index):
                return self._part(self.of(value), index)
            case ast.Call():
                return self._call(node)
        return OTHER

    def _display(self, node: ast.expr, parts: Sequence[ast.expr]) -> Type:
        values = [one.value if isinstance(one, ast.Constant) else None for one in parts]
        texts = tuple(value for value in values if isinstance(value, str))
        if parts and len(texts) == len(parts):
            return Key(texts, is_one=False)
        if any(isinstance(one, ast.Starred) for one in parts):
            return OTHER
        types = [self.of(one) for one in parts]
        if any(found is None for found in types):
            return None
        if isinstance(node, ast.List):
            if len(parts) in self.rows and all(found == OTHER for found in types):
                return row(len(parts))
            joined: Type = None
            for found in types:
                joined = join(joined, found)
            return Records(joined) if isinstance(joined, Record | None) else OTHER
        return Record(len(parts)) if all(found == OTHER for found in types) else Parts(tuple(types))

    def _dict(self, node: ast.Dict | ast.DictComp) -> Type:
        if isinstance(node, ast.Dict):
            texts = [one.value if isinstance(one, ast.Constant) else None for one in node.keys]
            types = [self.of(one) for one in node.values]
            if any(found != OTHER for found in types):
                return None if None in types else OTHER
            return self.dicts.get(frozenset(text for text in texts if isinstance(text, str)), OTHER)
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[])] if (
                isinstance(node.key, ast.Name) and node.key.id == name
            ):
                found = self.element(source)
                if found is None:
                    return None
                if isinstance(found, Key):
                    return self.dicts.get(frozenset(found.fields), OTHER)
        return OTHER

    def _combined(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Type:
        one, other = self.of(left), self.of(right)
        if isinstance(op, ast.Add) and isinstance(one, Records) and isinstance(other, Records):
            return join(one, other)
        match left, op, right:
            case ast.List(elts=[_]), ast.Mult(), ast.Constant(value=int(count)) if count in self.rows:
                return row(count)
        if isinstance(op, ast.Mult):
            for found in (one, other):
                if isinstance(found, Records):
                    return found
        return None if one is None or other is None else OTHER

    def _part(self, base: Type, index: ast.expr) -> Type:
        match base:
            case None:
                return None
            case Records(of=record):
                return base if isinstance(index, ast.Slice) else record
            case Record(maker="[]") if isinstance(index, ast.Slice):
                return base if is_whole(index) else OTHER
            case Parts(types=types):
                if isinstance(index, ast.Constant) and isinstance(index.value, int):
                    return types[index.value] if index.value < len(types) else OTHER
        return OTHER

    def element(self, source: ast.expr) -> Type:
        """What a walk over something gives in each turn."""
        if isinstance(source, ast.Call):
            full = qualified(source.func, self.module, scope_of(self.module, source))
            types = [self.element(one) for one in source.args]
            if full in ("builtins.enumerate", "builtins.zip", "builtins.reversed"):
                if any(found is None for found in types) or not types or source.keywords:
                    return None if types and not source.keywords else OTHER
                if full == "builtins.reversed":
                    return types[0]
                types = [OTHER, types[0]] if full == "builtins.enumerate" else types
                return Parts(tuple(types)) if any(found != OTHER for found in types) else Record(len(types))
        found = self.of(source)
        match found:
            case None:
                return None
            case Records(of=record):
                return record
            case Key(fields=fields, is_one=False):
                return Key(fields, is_one=True)
            case Record(fields=fields, maker="{}"):
                return Key(fields, is_one=True)
        return OTHER

    def width(self, source: ast.expr) -> int:
        """How many turns a walk takes; 0 where the source does not tell."""
        match source:
            case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))], keywords=[]):
                return count
            case ast.Call(func=ast.Name(id="zip"), args=[*args], keywords=[]) if args:
                return min(map(self.width, args))
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
                return self.width(inner)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return 0 if any(isinstance(one, ast.Starred) for one in parts) else len(parts)
        found = self.of(source)
        return found.width if isinstance(found, Record) else 0

    def _call(self, call: ast.Call) -> Type:
        func, args = call.func, call.args
        if isinstance(func, ast.Name) and func.id in self.makers:
            return self.makers[func.id]
        full = qualified(func, self.module, scope_of(self.module, call))
        if full == "builtins.tuple" and len(args) == 1:
            return self._tuple(args[0])
        if full in (*COPIES, "builtins.list", "copy.deepcopy") and len(args) == 1:
            found = self.of(args[0])
            return found if isinstance(found, Records | Record | None) else OTHER
        if full:
            return OTHER
        if isinstance(func, ast.Attribute) and func.attr == "copy" and not args:
            found = self.of(func.value)
            if isinstance(found, Records) or made_with(found, "{}") or made_with(found, "[]"):
                return found
        function = self.function_called(call)
        if function is None or function.name == "__init__" or self.calls(function) is None:
            return OTHER
        return self.types.get(Slot("result", id(function), ""), None if self._returns(function) else OTHER)

    def _count(self, node: ast.ListComp) -> int:
        (walk, *others) = node.generators
        return 0 if others or walk.ifs else self.width(walk.iter)

    def _returns(self, function: ast.FunctionDef) -> bool:
        return any(isinstance(node, ast.Return) for node in own_nodes(function))

    def _tuple(self, given: ast.expr) -> Type:
        if isinstance(given, ast.GeneratorExp | ast.ListComp):
            found = self.of(given.elt)
            if len(given.generators) > 1 or given.generators[0].ifs or found != OTHER:
                return found and OTHER
            count = self.width(given.generators[0].iter)
            return Record(count) if count > 1 else OTHER
        found = self.of(given)
        return Record(found.width) if isinstance(found, Record) else found and OTHER
