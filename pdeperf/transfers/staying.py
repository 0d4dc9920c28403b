"""What a loop brings to the host though it could stay on the device until the loop is done."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.text import after, before, fresh_name, names_of
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, owns_lines
from pdeperf.source.flow import bound_before, live_after, reads, writes
from pdeperf.source.scopes import FUNCTIONS, local_names, own_nodes, parameters
from pdeperf.transfers.device_values import NUMBER, DeviceValues, Looked, method
from pdeperf.transfers.events import Event
from pdeperf.transfers.kept import Kept, collected
from pdeperf.transfers.on_device import Move, OnDevice
from pdeperf.transfers.staying_called import staying_called


def staying(module: Module, device: OnDevice, event: Event) -> Kept | str:
    """The file with one conversion's value kept on the device, or why that cannot be."""
    if event.move not in (Move.NUMBER, Move.TO_HOST):
        return "a copy to the device"
    loop = event.loop
    if loop.orelse or not owns_lines(module, [loop]):
        return "a loop in this form"
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(loop)):
        return "a generator"
    values = DeviceValues(device, event.node)
    if values.problem:
        return values.problem
    try:
        if event.is_called:
            function = next(above for above in module.ancestors(event.node) if isinstance(above, FUNCTIONS))
            inside = _InFunction(module, device, event, values)
            if isinstance(function, ast.FunctionDef) and (found := inside.kept_in(function)) is not None:
                return found
            return staying_called(module, event, DeviceValues(device, event.node))
        return _Rewrite(module, device, event, values).kept()
    except Looked as problem:
        return str(problem)


@dataclass(slots=True)
class _Rewrite:
    """One loop's statements with device values in them."""

    module: Module
    device: OnDevice
    event: Event
    values: DeviceValues
    changed: dict[int, tuple[ast.stmt, ast.stmt]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)

    def kept(self) -> Kept | str:
        loop = self.event.loop
        while True:
            known = len(self.values.names) + len(self.stored)
            self.changed.clear()
            self.lists.clear()
            self._block(loop.body, in_branch=False)
            if len(self.values.names) + len(self.stored) == known:
                break
        head = loop.test if isinstance(loop, ast.While) else loop.iter
        if self.values.touches(head):
            raise Looked(f"line {loop.lineno}: the loop's head looks at it every turn")
        if not self.changed or not self._pays():
            return "nothing would stay there"
        self._check()
        return Kept(apply(self.module.text, list(self._edits())), self.values.exact, tuple(self.values.names))

    def _pays(self) -> bool:
        """Is the conversion itself gone from the loop?"""
        return self.event.node in self.values.taken

    def _block(self, block: Sequence[ast.stmt], *, in_branch: bool) -> None:
        for statement in block:
            if isinstance(statement, ast.If):
                if self.values.touches(statement.test):
                    raise Looked(f"line {statement.lineno}: a branch is taken by it in every turn")
                self._block(statement.body, in_branch=True)
                self._block(statement.orelse, in_branch=True)
                continue
            if not self.values.touches(statement) and not self._is_stored_to(statement):
                continue
            if hasattr(statement, "body"):
                raise Looked(f"line {statement.lineno}: a block in the loop looks at it")
            try:
                new = self._statement(statement)
            except Looked:
                if not in_branch:
                    raise
                new = self.values.on_host(statement)
            self.changed[id(statement)] = statement, ast.fix_missing_locations(new)

    def _is_stored_to(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                return name in self.stored
        return False

    def _statement(self, statement: ast.stmt) -> ast.stmt:
        """A statement that computes the same on the device."""
        values, line = self.values, statement.lineno
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                text, kind = values.value(value)
                values.bind(name, kind, line)
                return ast.Assign(targets=statement.targets, value=text)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=parts)) if len(
                targets
            ) == len(parts) and all(isinstance(each, ast.Name) for each in targets):
                made = [values.value(part) for part in parts]
                for target, (_, kind) in zip(targets, made, strict=True):
                    assert isinstance(target, ast.Name)
                    values.bind(target.id, kind, line)
                both = ast.Tuple(elts=[text for text, _ in made], ctx=ast.Load())
                return ast.Assign(targets=statement.targets, value=both)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                if self.device.is_array(target) or values.names.get(name) not in (None, NUMBER):
                    text, _ = values.value(value)
                    return ast.AugAssign(target=target, op=op, value=text)
                old = ast.Name(id=name, ctx=ast.Load())
                text, kind = values.value(
                    ast.copy_location(ast.BinOp(left=old, op=op, right=value), statement)
                )
                values.bind(name, kind, line)
                return ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=text)
            case ast.Assign(targets=[ast.Subscript() as place], value=value):
                return self._store(place, value, line)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])
            ) if not self.device.is_array(statement.value.func.value):  # type: ignore[attr-defined]
                return self._append(name, value, line)
        raise Looked(f"line {line}: `{ast.unparse(statement)[:40]}` looks at it in every turn")

    def _store(self, place: ast.Subscript, value: ast.expr, line: int) -> ast.stmt:
        """``means[i] = u.mean()``: into a copy of the host's array that is on the device."""
        values = self.values
        if values.touches(place.slice):
            raise Looked(f"line {line}: it is used as an index")
        text, kind = values.value(value)
        if self.device.is_array(place.value) or values.touches(place.value):
            if isinstance(text, ast.Subscript):  # CuPy copies cell by cell: parts may overlap
                text = method(text, "copy")
            return ast.Assign(targets=[place], value=text)
        if not isinstance(place.value, ast.Name) or kind != NUMBER:
            raise Looked(f"line {line}: `{ast.unparse(place)[:40]}` is the host's")
        name = place.value.id
        others = [
            node for node in ast.walk(self.event.loop) if isinstance(node, ast.Name) and node.id == name
        ]
        if len(others) != 1 or values.dtype(name) != "float64" or name not in self.device.on_host:
            raise Looked(f"line {line}: `{name}` is the host's")
        self.stored.setdefault(name, fresh_name(f"{name}_gpu", names_of(self.module)))
        target = copy.deepcopy(place)
        target.value = ast.Name(id=self.stored[name], ctx=ast.Load())
        return ast.Assign(targets=[target], value=text)

    def _append(self, name: str, value: ast.expr, line: int) -> ast.stmt:
        """``energies.append(float(e))``: device numbers, brought to the host together after the loop."""
        values = self.values
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        made = [values.value(part) if values.touches(part) else (part, "") for part in parts]
        if any(kind not in (NUMBER, "") for _, kind in made):
            raise Looked(f"line {line}: whole arrays are kept in `{name}`")
        uses = [node for node in ast.walk(self.event.loop) if isinstance(node, ast.Name) and node.id == name]
        if len(uses) != 1:
            raise Looked(f"line {line}: `{name}` is used elsewhere in the loop")
        kinds = tuple(kind and values.host_type(part) for part, (_, kind) in zip(parts, made, strict=True))
        self.lists[name] = kinds if isinstance(value, ast.Tuple) else kinds[:1]
        if isinstance(value, ast.Tuple):
            self.lists[name] = ("tuple", *kinds)
        texts = [text for text, _ in made]
        inner = ast.Tuple(elts=texts, ctx=ast.Load()) if isinstance(value, ast.Tuple) else texts[0]
        function = ast.Attribute(value=ast.Name(id=name, ctx=ast.Load()), attr="append", ctx=ast.Load())
        return ast.Expr(value=ast.Call(func=function, args=[inner], keywords=[]))

    def _check(self) -> None:
        """Is nobody else aware of what the names stand for while the loop runs?"""
        loop, module = self.event.loop, self.module
        scope = _scope(module, loop)
        known = bound_before(scope, loop)
        every = {*self.values.names, *self.lists, *self.stored}
        seen = frozenset[str]()
        for node in ast.walk(scope):
            if isinstance(node, FUNCTIONS) and node is not scope:
                seen |= reads(node)
        if inside := every & seen:
            raise Looked(f"`{min(inside)}` is known to a function")
        for name, kind in self.values.names.items():
            if kind != NUMBER and not _is_set_first(loop.body, name):
                raise Looked(f"`{name}` is the host's when the loop begins")
        for name in (*self.lists, *self.stored):
            if name not in known:
                raise Looked(f"`{name}` is not known before the loop")
        if (self.lists or self.stored) and any(isinstance(node, ast.Return) for node in ast.walk(loop)):
            raise Looked("the loop may return before its end")

    def _edits(self) -> Iterator[Edit]:
        module, loop = self.module, self.event.loop
        scope = _scope(module, loop)
        cupy = self.values.cupy
        taken = set(names_of(module))
        head: list[str] = []
        tail: list[str] = []
        for name, kinds in self.lists.items():
            first = fresh_name(f"{name}_before", frozenset(taken))
            taken.add(first)
            head.append(f"{first} = len({name})")
            tail += collected(name, kinds, first, cupy)
        for name, twin in self.stored.items():
            head.append(f"{twin} = {cupy}.asarray({name})")
            tail.append(f"{name}[...] = {twin}.get()")
        live = live_after(scope, [loop], always=frozenset())
        known = bound_before(scope, loop)
        for name, kind in self.values.names.items():
            if name not in live and not isinstance(scope, ast.Module):
                continue
            host = self.values.as_host(name, kind)
            if name in known:
                tail.append(f"{name} = {host}")
            else:
                head.append(f"{name} = None")
                tail += [f"if {name} is not None:", f"    {name} = {host}"]
        if head:
            yield before(module, loop, head)
        if tail:
            yield after(module, loop, tail)
        for old, new in self.changed.values():
            start, end = extent(module, old)
            yield Edit(start, end, ast.unparse(new))


class _InFunction(_Rewrite):
    """A function's statements with device values in them: an array that goes to the host and comes back."""

    def kept_in(self, function: ast.FunctionDef) -> Kept | None:
        """The file with the values kept on the device; None if more than the function itself sees them."""
        try:
            while True:
                known = len(self.values.names)
                self.changed.clear()
                self._block(function.body, in_branch=False)
                if len(self.values.names) == known:
                    break
        except Looked:
            return None
        names = frozenset(self.values.names)
        own = local_names(function) - frozenset(parameters(function))
        seen = {node.id for node in own_nodes(function) if isinstance(node, ast.Name)}
        every = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in names]
        mine = [node.id for node in own_nodes(function) if isinstance(node, ast.Name) and node.id in names]
        if self.lists or self.stored or not self._pays() or not names <= own & seen or len(every) > len(mine):
            return None
        if not all(_is_set_first(function.body, name) for name in names):
            return None
        edits = [Edit(*extent(self.module, old), ast.unparse(new)) for old, new in self.changed.values()]
        return Kept(apply(self.module.text, edits), self.values.exact, tuple(names))


def _scope(module: Module, loop: ast.stmt) -> ast.AST:
    for above in module.ancestors(loop):
        if isinstance(above, FUNCTIONS):
            return above
    return module.tree


def _is_set_first(body: Sequence[ast.stmt], name: str) -> bool:
    """Does the loop bind the name before it reads it?"""
    for statement in body:
        if name in reads(statement):
            return False
        if name in writes(statement):
            return isinstance(statement, ast.Assign)
    return False
