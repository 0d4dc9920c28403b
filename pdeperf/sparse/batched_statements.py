"""Statements about one element, written for all elements at once."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pdeperf.source.flow import reach, writes
from pdeperf.sparse.batched_bindings import Bindings, paired_elements
from pdeperf.sparse.batched_iteration import held_by, iterated
from pdeperf.sparse.batched_joints import stacked
from pdeperf.sparse.batched_ragged import grow, make_ragged, ragged_in
from pdeperf.sparse.batched_refusals import refused
from pdeperf.sparse.batched_values import NotAtOnce, Value, aligned, as_truth, items_of, joined, made

NEVER = "never"
"""The condition of what follows ``continue``."""


@dataclass(slots=True)
class Statements(Bindings):
    """Writes a block.

    Attributes
    ----------
    turns, branches
        How many loops lie around, and how many conditions that differ between elements in the innermost.
    returned
        What a function returns, once its ``return`` was met.
    outcomes
        What it returns for the elements of a condition, in turn.
    halves
        Pairs of conditions of which exactly one holds wherever some other does: that of what lies around.
    """

    turns: int = 0
    branches: int = 0
    returned: Value | None = None
    outcomes: list[tuple[str, Value]] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    halves: dict[frozenset[str], str] = field(default_factory=dict)

    def block(self, statements: Sequence[ast.stmt], mask: str) -> str:
        """Write statements under a condition; give what remains of it (``continue``)."""
        for statement in statements:
            self.write.mask = mask
            if mask == NEVER:
                return mask
            self.begun[statement] = len(self.lines)
            if self.taken_in(statement, mask) or refused(self, statement):
                continue
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    continue
                case ast.If():
                    mask = self.branch(statement, mask)
                case ast.For():
                    self.loop(statement, mask)
                case ast.Continue():
                    return NEVER
                case ast.Break() if self.turns and not mask:
                    self.line("break")
                    return NEVER
                case ast.Assign(targets=targets, value=value):
                    self.assigned(statement, targets, value, mask)
                case ast.AugAssign():
                    self.changed(statement, mask)
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr=method), args=[argument])):
                    self.grown(statement, base, method, argument, mask)
                case ast.Return(value=ast.expr() as value) if not self.turns:
                    self.returns(value, mask)
                    return NEVER
                case _:
                    raise NotAtOnce(f"line {statement.lineno} is no arithmetic and no store")
        self.write.mask = mask
        return mask

    def function(self, body: Sequence[ast.stmt]) -> Value | None:
        """Write the body of a function; give what it returns, None if that is nothing."""
        if self.block(body, "") != NEVER:
            return None
        if not self.outcomes:
            return self.returned
        (_, found), *others = reversed(self.outcomes)
        for mask, other in others:
            node = made(f"{self.write.numpy}.where({mask}, A, B)", A=other.node, B=found.node)
            found = replace(joined(found, other), node=node, varies=True, is_fresh=True)
        self.line(f"return {found.text}")
        return found if self.returned is None else joined(self.returned, found)

    def returns(self, value: ast.expr, mask: str) -> None:
        """``return``: at the end, on a condition that holds for all elements, or for some of them."""
        found = self.write.value(value)
        if mask:
            if found.rank != 0 or found.is_list or self.depth:
                raise NotAtOnce("a function returns more than a number for some elements alone")
            if not isinstance(found.node, ast.Constant):
                name = self.fresh("result")
                self.line(f"{name} = {self.settled(found).text}")
                found = found.named(name)
            self.outcomes.append((mask, found))
            return
        if found.parts is not None and isinstance(found.node, ast.Tuple):
            parts = tuple(self.kept(part) for part in found.parts)
            found = replace(found, parts=parts, node=ast.Tuple([part.node for part in parts], ast.Load()))
        if self.depth and not self.is_same and not found.varies:
            if found.rank != 0 or found.is_list:
                raise NotAtOnce("a function returns what is the same for all elements in one branch alone")
            node = made(f"{self.write.numpy}.full({self.write.count}, X)", X=found.node)
            found = replace(found, node=node, varies=True)
        if self.returned is not None and self.returned.varies != found.varies:
            raise NotAtOnce("a function returns what differs between the elements in one branch alone")
        self.returned = found if self.returned is None else joined(self.returned, found)
        self.line(f"return {found.text}")

    def assigned(self, statement: ast.stmt, targets: Sequence[ast.expr], value: ast.expr, mask: str) -> None:
        """Bind names, or store."""
        stores = [target for target in targets if isinstance(target, ast.Subscript)]
        if self.stored(statement, mask):
            return
        if len(targets) == 1 and (pairs := paired_elements(targets[0], value, self.write.names)):
            for target, part in pairs:
                self.assigned(ast.copy_location(ast.Assign([target], part), statement), [target], part, mask)
            return
        found = self.one_of_objects(targets, value, mask) or self.write.value(value)
        if len(targets) > 1 and (found.is_list or (found.rank or 0) > 0):
            raise NotAtOnce("several names are bound to one array")
        if isinstance(value, ast.Name) and (found.is_list or found.rank):
            self.shared |= {value.id, *writes(statement)}
        if stores and len(stores) < len(targets):
            raise NotAtOnce("names and elements are bound together")
        for target in targets:
            if isinstance(target, ast.Subscript):
                self.element(target, found, mask)
            else:
                self.bound(target, found, mask)

    def one_of_objects(self, targets: Sequence[ast.expr], value: ast.expr, mask: str) -> Value | None:
        """An object out of a list, ``e = elements[i]``; None of all else."""
        return None

    def taken_in(self, statement: ast.stmt, mask: str) -> bool:
        """Write what takes a number of every element into one name; is it that?"""
        return False

    def stored(self, statement: ast.stmt, mask: str) -> bool:
        """Write a store into what the loop does not make; is it one?"""
        return False

    def element(self, target: ast.Subscript, found: Value, mask: str, op: ast.operator | None = None) -> None:
        """Store into an array that was made for each element."""
        if not isinstance(target.value, ast.Name) or target.value.id not in self.write.names:
            raise NotAtOnce(f"`{ast.unparse(target.value)}` is stored into")
        name = target.value.id
        base = self.write.names[name]
        differs = base.varies or self.is_same
        if base.is_list or not differs or not base.is_fresh or not base.rank or name in self.shared:
            raise NotAtOnce(f"`{name}` is changed in place, and somebody else may know it")
        place = self.write.value(ast.Subscript(target.value, target.slice, ast.Load()))
        if not isinstance(place.node, ast.Subscript):
            raise NotAtOnce("a place is no element of an array")
        indices = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        for index in indices:
            if not isinstance(index, ast.Slice) and self.write.value(index).rank != 0:
                raise NotAtOnce("a store goes to several places")
        found = stacked(self.write, found)
        rank = place.rank or 0
        if found.rank is None or found.rank > rank:
            raise NotAtOnce("a store has more axes than its place")
        node = aligned(found, rank)
        where = ast.unparse(place.node)
        if op is not None:
            node = ast.BinOp(place.node, op, node)
        if mask:
            which = aligned(Value(ast.Name(mask, ast.Load()), 0, True), rank)
            node = made(f"{self.write.numpy}.where(W, A, B)", W=which, A=node, B=place.node)
            op = None
        if op is not None and isinstance(node, ast.BinOp):
            written = ast.AugAssign(place.node, op, node.right)
            self.line(ast.unparse(ast.fix_missing_locations(written)))
        else:
            self.line(f"{where} = {ast.unparse(node)}")

    def changed(self, statement: ast.AugAssign, mask: str) -> None:
        """``x += value``, of a name or an element."""
        if self.stored(statement, mask):
            return
        target, op = statement.target, statement.op
        if isinstance(target, ast.Subscript):
            if isinstance(op, ast.Div | ast.FloorDiv | ast.Mod | ast.MatMult):
                raise NotAtOnce("an element is divided in place")
            self.element(target, self.write.value(statement.value), mask, op)
            return
        if not isinstance(target, ast.Name) or target.id not in self.write.names:
            raise NotAtOnce(f"`{ast.unparse(target)}` is carried from one element to the next")
        old = self.write.names[target.id]
        if old.is_list:
            if not isinstance(op, ast.Add) or target.id in self.shared:
                raise NotAtOnce("a list is changed")
            self.grown(statement, target, "extend", statement.value, mask)
            return
        if old.rank and (target.id in self.shared or not old.is_fresh or not (old.varies or self.is_same)):
            raise NotAtOnce(f"`{target.id}` is changed in place, and somebody else may know it")
        name = ast.Name(target.id, ast.Load())
        found = self.write.value(ast.BinOp(name, op, statement.value))
        if found.rank != old.rank or (old.rank and isinstance(op, ast.MatMult)):
            raise NotAtOnce(f"`{target.id}` grows by an axis")
        if not old.rank:
            self.name(target.id, found, mask)
        elif mask:
            which = aligned(Value(ast.Name(mask, ast.Load()), 0, True), old.rank)
            chosen = made(f"{self.write.numpy}.where(W, A, B)", W=which, A=found.node, B=name)
            self.line(f"{target.id}[:] = {ast.unparse(chosen)}")
        else:
            more = aligned(stacked(self.write, self.write.value(statement.value)), old.rank)
            self.line(ast.unparse(ast.AugAssign(ast.Name(target.id, ast.Store()), op, more)))

    def grown(self, statement: ast.stmt, base: ast.expr, method: str, argument: ast.expr, mask: str) -> None:
        """``items.append(x)`` or ``items += more`` of a list that the element makes."""
        if not isinstance(base, ast.Name) or base.id not in self.write.names:
            raise NotAtOnce(f"`{ast.unparse(base)}` grows")
        known = self.write.names[base.id]
        if (
            not known.is_list
            or method not in ("append", "extend")
            or not known.is_fresh
            or base.id in self.shared
        ):
            raise NotAtOnce(f"line {statement.lineno} is no arithmetic and no store")
        if mask or known.ragged is not None:
            if method == "extend" and not isinstance(argument, ast.List | ast.Tuple):
                raise NotAtOnce(f"`{base.id}` grows by what is not written out")
            items = argument.elts if method == "extend" else [argument]  # type: ignore[attr-defined]
            grow(self, base.id, items, mask)
            return
        found = self.kept(self.write.value(argument))
        each = found if method == "append" else None
        if method == "extend":
            if not found.is_list:
                raise NotAtOnce("a list is extended by an array")
            each = items_of(found)
        assert each is not None
        if each.is_list:
            raise NotAtOnce("a list of lists grows")
        if known.each is not None or known.parts:
            before = items_of(known)
            if before.rank != each.rank or before.varies != each.varies:
                raise NotAtOnce("a list holds different kinds")
        is_sum = isinstance(statement, ast.AugAssign)
        self.line(f"{base.id} += {found.text}" if is_sum else f"{base.id}.{method}({found.text})")
        grown = replace(
            known, parts=None, each=replace(each, is_fresh=False), varies=known.varies or each.varies
        )
        self.write.names[base.id] = grown

    def branch(self, statement: ast.If, mask: str) -> str:
        """``if``: as it is where all elements agree, else by masks."""
        which = self.write.condition(statement.test)
        returns = any(isinstance(node, ast.Return) for node in ast.walk(statement))
        if not which.varies and not (mask and returns):
            return self.plain_branch(statement, which, mask)
        here, which = self.fresh("here"), as_truth(which)
        self.line(f"{here} = {f'{mask} & ({which.text})' if mask else which.text}")
        self.branches += 1
        ended = self.block(statement.body, here)
        other = self.fresh("elsewhere")
        left = other
        if statement.orelse or ended != here:
            self.line(f"{other} = {f'{mask} & ~{here}' if mask else f'~{here}'}")
            self.halves[frozenset((here, other))] = mask
            left = self.block(statement.orelse, other)
        self.branches -= 1
        if ended == here and left == other:
            return mask
        alive = [one for one in (ended, left) if one != NEVER]
        if not alive:
            return NEVER
        if len(alive) == 1:
            return alive[0]
        both = self.fresh("here")
        self.line(f"{both} = {' | '.join(alive)}")
        return both

    def plain_branch(self, statement: ast.If, which: Value, mask: str) -> str:
        before = dict(self.write.names)
        ends, gone = [], 0
        for keyword, body in ((f"if {which.text}:", statement.body), ("else:", statement.orelse)):
            names = dict(before)
            if body:
                self.line(keyword)
                self.depth += 1
                self.write.names = names
                count = len(self.lines)
                end = self.block(body, mask)
                jumps = isinstance(body[-1], ast.Continue | ast.Break)
                if end == NEVER and not self.turns:
                    gone += 1
                    names = self.write.names
                    self.depth -= 1
                    continue
                if end == NEVER and self.turns and jumps and not self.branches:
                    if isinstance(body[-1], ast.Continue):
                        self.line("continue")
                elif end != mask:
                    raise NotAtOnce("an element is left on two conditions")
                if len(self.lines) == count:
                    self.line("pass")
                self.depth -= 1
                names = self.write.names
                if jumps:
                    continue
            ends.append(names)
        if gone == 2:
            return NEVER
        self.write.names = dict(before)
        for name in {name for end in ends for name in end}:
            held = [end[name] for end in ends if name in end]
            found = held[0]
            for other in held[1:]:
                if other.varies != found.varies and found.rank:
                    raise NotAtOnce(f"`{name}` differs between the elements in one branch alone")
                found = joined(found, other)
            self.write.names[name] = found
        return mask

    def loop(self, statement: ast.For, mask: str) -> None:
        """A loop that turns as often for each element: it stays a loop."""
        if statement.orelse:
            raise NotAtOnce("a loop has an end of its own")
        targets = writes(ast.For(statement.target, statement.iter, [], []))
        own = (writes(statement) & self.write.own) - targets - set(self.write.names)
        if carried := reach(statement.body).exposed & own:
            raise NotAtOnce(f"`{min(carried)}` is bound by some turns and read by later ones")
        items = ragged_in(self.write, statement.iter)
        source, held = (items.text, items.ragged) if items else iterated(self.write, statement.iter)
        count, entry, taken = len(self.lines), dict(self.write.names), set(self.taken)
        told_apart: set[str] = set()
        made_ragged: set[str] = set()
        is_indexed = False
        for _ in range(6):
            del self.lines[count:]
            self.taken = set(taken)
            self.write.names = dict(entry)
            for name in sorted(told_apart):
                self.line(f"{name} = {self.write.numpy}.full({self.write.count}, {name})")
            for name in sorted(made_ragged):
                make_ragged(self, name)
            entry |= {name: self.write.names[name] for name in made_ragged}
            target, there = ast.unparse(statement.target), self.fresh("there") if items else ""
            self.line(f"for {target}, {there} in {source}:" if items else f"for {target} in {source}:")
            self.depth += 1
            if items and (mask or is_indexed):
                whole = f"{self.write.numpy}.broadcast_to({there}, {self.write.count})"
                self.line(f"{there} = {f'{mask} & {there}' if mask else whole}")
            self.turns += 1
            branches, self.branches = self.branches, 0
            for name, found in held_by(self.write, statement.target, held):
                self.write.names[name] = found.named(name)
                self.taken.add(name)
            known, lines = dict(self.write.names), len(self.lines)
            self.block(statement.body, there or mask)
            if len(self.lines) == lines:
                self.line("pass")
            self.branches = branches
            self.turns -= 1
            self.depth -= 1
            after = self.write.names
            is_used = re.compile(rf"[=\[]{there}\b|\b{there}\[").search
            if items and not (mask or is_indexed) and any(map(is_used, self.lines[lines:])):
                is_indexed = True
                continue
            if grown := {name for name in entry if after[name].ragged and not known[name].ragged}:
                made_ragged |= grown
                entry |= {name: replace(entry[name], ragged=None) for name in grown}
                continue
            again = {name: joined(known[name], after[name]) for name in known}
            apart = {
                name
                for name in entry
                if again[name].varies and not entry[name].varies and not entry[name].is_list
            }
            if apart - told_apart:
                if any(again[name].rank for name in apart):
                    raise NotAtOnce("what a loop carries changes its kind")
                told_apart |= apart
                entry |= {name: replace(entry[name], varies=True) for name in apart}
            elif all(replace(again[name], node=entry[name].node) == entry[name] for name in entry):
                break
            else:
                entry |= {name: again[name].named(name) for name in entry}
        else:
            raise NotAtOnce("what a loop carries changes its kind")
        if items:
            for name in targets:
                self.write.names[name] = Value(ast.Name(name, ast.Load()), None)
