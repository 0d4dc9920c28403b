"""What becomes of a matrix of narrow band: whether all that is done with it is to solve with it."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, replace
from pdeperf.source.scopes import Scope, own_nodes
from pdeperf.sparse.band_attributes import why_not_followed
from pdeperf.sparse.band_stores import NotInBandError
from pdeperf.sparse.solves import Solve

REFLECTING = ("globals(", "locals(", "vars(", "exec(", "eval(")
_SAME = tuple(f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc") for kind in ("matrix", "array"))
_Key = tuple[ast.AST, str]


@dataclass(slots=True)
class BandUses:
    """Follows matrices through names, arguments and results to the systems that are solved with them.

    Attributes
    ----------
    solves
        By the call.
    edits
        What makes the uses those of bands.
    reached
        The calls that solve with one of the matrices.
    computes
        Sums and products are formed too.
    bound
        Where names are bound to the matrices, or to their sums.
    sums
        Sums and multiples of the matrices.
    """

    meaning: Meaning
    module: Module
    solves: dict[ast.expr, Solve]
    edits: list[Edit] = field(default_factory=list)
    reached: list[Solve] = field(default_factory=list)
    computes: bool = False
    bound: set[ast.expr] = field(default_factory=set)
    sums: set[ast.expr] = field(default_factory=set)
    _pending: list[_Key] = field(default_factory=list)
    _done: set[_Key] = field(default_factory=set)
    _seen_calls: set[tuple[ast.Call, int | None]] = field(default_factory=set)

    def follow(self, target: ast.Name, unseen: set[ast.stmt]) -> None:
        """Look at all that is done with what is bound to a name, but for some statements.

        Raises
        ------
        NotInBandError
            If something else is done with it than what a band serves too.
        """
        self._bind(target)
        self._follow(unseen)

    def follow_value(self, node: ast.expr) -> None:
        """Look at all that is done with a value, which no name holds yet.

        Raises
        ------
        NotInBandError
            If something else is done with it than what a band serves too.
        """
        self._used(node)
        self._follow(set())

    def _follow(self, unseen: set[ast.stmt]) -> None:
        while self._pending:
            key = self._pending.pop()
            if key in self._done:
                continue
            self._done.add(key)
            for node in self._mentions(key):
                if isinstance(node.ctx, ast.Load) and not unseen.intersection(self.module.ancestors(node)):
                    self._used(node)

    def unsettled(self, bound: Collection[ast.expr]) -> bool:
        """Is something else bound to one of the names?"""
        return any(
            not isinstance(node.ctx, ast.Load) and node not in bound and not self._is_none(node)
            for key in self._done
            for node in self._mentions(key)
        )

    def meets(self, other: "BandUses") -> bool:
        """Are matrices that two follow added, or known by one name?"""
        return bool(self.sums & other.sums or self._done & other._done)

    def _is_none(self, target: ast.expr) -> bool:
        above = self.module.parents.get(target)
        empty = isinstance(above, ast.Assign) and isinstance(above.value, ast.Constant)
        return empty and isinstance(above, ast.Assign) and ast.unparse(above.value) == "None"

    def forgets(self) -> Iterator[str]:
        """What holds the matrices, as results are named."""
        for home, name in self._done:
            if name.startswith("."):
                continue  # it is compared as a sparse matrix
            inside = f"{self.module.scope_name(home.body[0])}():" if isinstance(home, ast.FunctionDef) else ""
            yield f"{inside}{name}"

    def _bind(self, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute):
            if why := why_not_followed(self.meaning, self.module, target):
                raise NotInBandError(why)
            self.bound.add(target)
            self._pending.append((self.module.tree, f".{target.attr}"))
            return
        owner = self._owner(target) if isinstance(target, ast.Name) else None
        if owner is None or not isinstance(target, ast.Name):
            raise NotInBandError(f"it is kept in `{ast.unparse(target)}`")
        if owner.is_module and self._is_shared(target.id):
            raise NotInBandError(f"`{target.id}` may be read elsewhere")
        self.bound.add(target)
        self._pending.append((owner.node, target.id))

    def _owner(self, node: ast.Name) -> Scope | None:
        return self.meaning.scope(self.module, node).resolve(node.id)

    def _is_shared(self, name: str) -> bool:
        """Do other files name a global, or functions declare it?"""
        declared = (one for one in ast.walk(self.module.tree) if isinstance(one, ast.Global | ast.Nonlocal))
        if any(name in one.names for one in declared):
            return True
        others = [one for one in self.meaning.project.modules.values() if one is not self.module]
        return any(
            (isinstance(node, ast.Attribute) and node.attr == name)
            or (isinstance(node, ast.alias) and node.name in (name, "*"))
            for other in others
            for node in ast.walk(other.tree)
        )

    def _mentions(self, key: _Key) -> Iterator[ast.Name | ast.Attribute]:
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Attribute) and f".{node.attr}" == key[1]:
                yield node
            if isinstance(node, ast.Name) and node.id == key[1]:
                owner = self._owner(node)
                if owner is not None and owner.node is key[0]:
                    yield node

    def _used(self, node: ast.expr) -> None:
        """A use of a matrix, which must be one that a band serves too."""
        above = self.module.parents.get(node)
        match above:
            case ast.Call(args=[first, *_]) if first is node and above in self.solves:
                self.reached.append(self.solves[above])
                return
            case ast.Call(func=func, args=[first], keywords=[]) if (
                first is node and self.meaning.full(self.module, func) in _SAME
            ):
                self._same(above, node)
                return
            case ast.Attribute(attr="shape"):
                return
            case ast.Attribute(attr="tocsr" | "tocsc"):
                call = self.module.parents.get(above)
                if isinstance(call, ast.Call) and call.func is above and not call.args and not call.keywords:
                    self._same(call, node)
                    return
            case ast.Attribute(attr="dot"):
                call = self.module.parents.get(above)
                if (
                    isinstance(call, ast.Call)
                    and call.func is above
                    and len(call.args) == 1
                    and not call.keywords
                ):
                    self.computes = True
                    return
            case ast.BinOp(op=ast.MatMult()):
                self.computes = True
                return
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()) | ast.UnaryOp(op=ast.USub()):
                self._summed(above)
                return
            case ast.BinOp(left=left, op=ast.Div()) if left is node:
                self._summed(above)
                return
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                return
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target]):
                self._bind(target)
                return
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target, op=ast.Add() | ast.Sub()):
                self.computes = True
                self._bind(target)
                return
            case ast.Return():
                self._returned(node, None)
                return
            case ast.Tuple(elts=parts) if isinstance(self.module.parents.get(above), ast.Return):
                self._returned(node, parts.index(node))
                return
            case ast.Call():
                self._given(above, node)
                return
        raise NotInBandError(f"line {node.lineno} does more with it: `{ast.unparse(above or node)[:60]}`")

    def _summed(self, node: ast.expr) -> None:
        self.computes = True
        self.sums.add(node)
        self._used(node)

    def _same(self, call: ast.Call, node: ast.expr) -> None:
        """The matrix in another format, or a copy of it: nobody changes it."""
        start, end = extent(self.module, call)
        if call.args:
            self.edits.append(replace(self.module, call.func, ""))
        elif tail := re.search(r"\.\s*to\w+\(\s*\)$", self.module.text[start:end]):
            self.edits.append(Edit(start + tail.start(), end, ""))
        else:
            raise NotInBandError("its format is written in several lines")
        self._used(call)

    def _returned(self, node: ast.expr, place: int | None) -> None:
        function = self.meaning.home(self.module, node)
        if not isinstance(function, ast.FunctionDef) or function.decorator_list or _yields(function):
            raise NotInBandError("a function that is more than plain gives it")
        for call in self._calls(function):
            if (call, place) in self._seen_calls:
                continue
            self._seen_calls.add((call, place))
            if place is None:
                self._used(call)
                continue
            match self.module.parents.get(call):
                case ast.Assign(targets=[ast.Tuple(elts=targets)]) if len(targets) > place and not any(
                    isinstance(one, ast.Starred) for one in targets
                ):
                    self._bind(targets[place])
                case _:
                    raise NotInBandError(f"`{function.name}` gives it with others")

    def _calls(self, function: ast.FunctionDef) -> Iterator[ast.Call]:
        home = self.module.parents.get(function)
        is_method = isinstance(home, ast.ClassDef)
        for other in self.meaning.project.modules.values():
            for node in ast.walk(other.tree):
                match node:
                    case ast.alias(name=name) if name in (function.name, "*") and other is not self.module:
                        raise NotInBandError(f"`{function.name}` may be called in other files")
                    case ast.Attribute(attr=name) if is_method or other is not self.module:
                        is_meant = name == function.name
                    case ast.Name(id=name) if name == function.name and other is self.module:
                        owner = self._owner(node)
                        around = self.meaning.home(self.module, home) if home is not None else None
                        is_meant = owner is None or owner.node is around
                    case _:
                        continue
                if not is_meant:
                    continue
                call = other.parents.get(node)
                if other is not self.module or not (isinstance(call, ast.Call) and call.func is node):
                    raise NotInBandError(f"`{function.name}` is more than called")
                yield call

    def _given(self, call: ast.Call, node: ast.expr) -> None:
        """It is an argument: of a function of this file, each of whose results is none of it."""
        functions = self.meaning.called(self.module, call) if self._is_own(call.func) else None
        match functions:
            case [(home, ast.FunctionDef() as function)] if home is self.module:
                pass
            case _:
                raise NotInBandError(f"line {node.lineno} gives it away: `{ast.unparse(call)[:60]}`")
        names = [name for name, argument in passed(call, function) if argument is node]
        if names in ([], [None]) or function.decorator_list or len(names) != 1:
            raise NotInBandError(f"line {node.lineno} gives it away: `{ast.unparse(call)[:60]}`")
        self._pending.append((function, str(names[0])))

    def _is_own(self, function: ast.expr) -> bool:
        """Is it a function of the file, or a method of the object at hand?"""
        match function:
            case ast.Attribute(value=ast.Name(id="self")):
                return True
            case ast.Name(id=name):
                owner = self._owner(function)
                defined = [one for one in self.module.tree.body if getattr(one, "name", "") == name]
                return owner is not None and owner.is_module and len(defined) == 1
        return False


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own_nodes(function))
