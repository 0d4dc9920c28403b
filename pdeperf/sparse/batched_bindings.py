"""Names that statements about one element bind, for all elements at once."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_joints import for_each
from pdeperf.sparse.batched_values import NotAtOnce, Value, aligned, items_of, made


@dataclass(slots=True)
class Bindings:
    """Writes what binds names.

    Attributes
    ----------
    filled
        Names of lists and arrays that some statement changes: arrays are made for each element.
    taken
        Names that are not free.
    is_same
        Nothing differs between the elements.
    begun
        The line with which each statement begins.
    """

    write: Expressions
    filled: frozenset[str]
    taken: set[str]
    lines: list[str] = field(default_factory=list)
    depth: int = 0
    is_same: bool = False
    begun: dict[ast.stmt, int] = field(default_factory=dict)

    def line(self, text: str) -> None:
        """Write one line."""
        self.lines.append("    " * self.depth + text)

    def fresh(self, wish: str) -> str:
        """A name that is free, and taken from now on: of ``new['u']``, ``new_u``."""
        wish = re.sub(r"\W+_?", "_", wish)
        name, number = wish, 1
        while name in self.taken:
            number += 1
            name = f"{wish}_{number}"
        self.taken.add(name)
        return name

    def bound(self, target: ast.expr, found: Value, mask: str) -> None:
        """Bind a name, or several to the parts of a value."""
        match target:
            case ast.Name(id=name):
                self.name(name, found, mask)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self.unpacked(targets, found, mask)
            case _:
                raise NotAtOnce(f"`{ast.unparse(target)}` is bound")

    def unpacked(self, targets: Sequence[ast.expr], found: Value, mask: str) -> None:
        if any(isinstance(target, ast.Starred) for target in targets):
            raise NotAtOnce("the rest of a value is unpacked")
        if found.parts is not None:
            if len(found.parts) != len(targets):
                raise NotAtOnce("a value has other parts than there are names")
            read = {one.id for one in ast.walk(found.node) if isinstance(one, ast.Name)}
            bound = {target.id for target in targets if isinstance(target, ast.Name)}
            if isinstance(found.node, ast.Tuple | ast.List) and not read & bound:
                for target, part in zip(targets, found.parts, strict=True):
                    self.bound(target, part, mask)
                return
            self.parted(targets, found, found.parts, mask)
            return
        if found.is_list:
            each = items_of(found)
            if mask:
                raise NotAtOnce("a list is unpacked")
            parts = [each for _ in targets]
        else:
            if not found.rank:
                raise NotAtOnce("a number is unpacked")
            axis = made(f"{self.write.numpy}.moveaxis(X, 1, 0)" if found.rank > 1 else "X.T", X=found.node)
            found = replace(found, node=axis if found.varies else found.node)
            parts = [
                replace(found, rank=found.rank - 1 if found.rank else 0, is_fresh=False) for _ in targets
            ]
        if self.filled & {one.id for one in ast.walk(found.node) if isinstance(one, ast.Name)}:
            raise NotAtOnce("what is unpacked is changed in place")
        self.parted(targets, found, parts, mask)

    def parted(self, targets: Sequence[ast.expr], found: Value, parts: Sequence[Value], mask: str) -> None:
        """``a, b = value`` in one line."""
        names = [
            target.id if isinstance(target, ast.Name) and not mask else self.fresh("part")
            for target in targets
        ]
        self.line(f"{', '.join(names)} = {found.text}")
        for name, target, part in zip(names, targets, parts, strict=True):
            if not isinstance(target, ast.Name) or target.id != name:
                self.bound(target, part.named(name), mask)
                continue
            if name in self.filled and not (part.is_fresh and part.varies):
                raise NotAtOnce(f"`{name}` is changed in place, and somebody else may know it")
            self.write.names[name] = part.named(name)

    def name(self, name: str, found: Value, mask: str) -> None:
        """Bind one name."""
        if found.objects is not None:
            if mask or self.depth:
                raise NotAtOnce("an object is bound on a condition")
            self.write.names[name] = found
            return
        if name in self.filled and not found.is_list and found.rank:
            if not found.is_fresh:
                raise NotAtOnce(f"`{name}` is changed in place, and somebody else may know it")
            if not found.varies and not self.is_same:
                found = for_each(self.write, found)
        old = self.write.names.get(name)
        is_first = old is None and found.varies and not self.depth
        if mask and not (is_first and not found.is_list and found.objects is None):
            if found.is_list:
                raise NotAtOnce("a list is bound on a condition")
            if self.is_part(found):
                raise NotAtOnce(f"`{name}` is a part of what changes, for some elements alone")
            rank = found.rank or 0
            which = aligned(Value(ast.Name(mask, ast.Load()), 0, True), rank)
            before: ast.expr = ast.Constant(0)
            if old is not None:
                if old.rank != rank or old.is_list:
                    raise NotAtOnce(f"`{name}` holds values of different kinds")
                before = old.node
            node = made(f"{self.write.numpy}.where(W, A, B)", W=which, A=aligned(found, rank), B=before)
            plain = found.is_plain or (old is not None and old.is_plain)
            truth = found.is_truth or (old is not None and old.is_truth)
            found = Value(node, rank, True, is_fresh=True, is_plain=plain, is_truth=truth)
        found = self.kept(found)
        if not (isinstance(found.node, ast.Name) and found.node.id == name):
            self.line(f"{name} = {found.text}")
        self.write.names[name] = found.named(name)

    def is_part(self, found: Value) -> bool:
        """May it be a part of an array that is stored into, as later stores would be seen in it?"""
        if found.is_fresh or not found.rank:
            return False
        names = {one.id for one in ast.walk(found.node) if isinstance(one, ast.Name)}
        known = [self.write.names[name] for name in names if name in self.write.names]
        return bool(names & self.filled) or any(
            one.is_list or (one.rank and not one.is_fresh) for one in known
        )

    def kept(self, found: Value) -> Value:
        """A number that was read from an array, and stays if the array is stored into later."""
        if found.rank != 0 or not found.varies or not isinstance(found.node, ast.Subscript):
            return found
        names = {one.id for one in ast.walk(found.node.value) if isinstance(one, ast.Name)}
        return replace(found, node=made("X.copy()", X=found.node)) if names & self.filled else found

    def settled(self, found: Value) -> Value:
        """A value that is stored for later, and stays if an array that it is part of is changed."""
        names = {one.id for one in ast.walk(found.node) if isinstance(one, ast.Name)}
        is_new = isinstance(found.node, ast.BinOp | ast.UnaryOp | ast.Compare)
        if not names & self.filled or is_new or found.is_list or not (found.varies or found.rank):
            return found
        return replace(found, node=made("X.copy()", X=found.node))


def paired_elements(
    target: ast.expr, value: ast.expr, names: Mapping[str, Value]
) -> list[tuple[ast.expr, ast.expr]]:
    """``B[0, 0], B[1, 1] = x, y`` as one assignment after the other; nothing where that is not the same.

    Parameters
    ----------
    names
        What the names of an element hold: what may be a part of an array that is stored into is read first.
    """
    match target, value:
        case ast.Tuple(elts=targets) | ast.List(elts=targets), ast.Tuple(elts=values) | ast.List(elts=values):
            pass
        case _:
            return []
    if len(targets) != len(values) or not any(isinstance(one, ast.Subscript) for one in targets):
        return []
    if not all(isinstance(one, ast.Name | ast.Subscript) for one in targets):
        return []
    bound = {one.id for one in targets if isinstance(one, ast.Name)}
    places = [one.slice for one in targets if isinstance(one, ast.Subscript)]
    bases = [one.value for one in targets if isinstance(one, ast.Subscript)]
    parts = {name for name, one in names.items() if one.is_list or (one.rank and not one.is_fresh)}
    read = _names_in(values[1:])
    if read & (bound | parts | _names_in(bases)) or bound & _names_in(places):
        return []
    return list(zip(targets, values, strict=True))


def _names_in(nodes: Sequence[ast.expr]) -> set[str]:
    return {one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)}
