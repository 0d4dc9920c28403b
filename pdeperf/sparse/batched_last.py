"""Numbers that a loop binds and later code reads: what its last turn leaves, or the last that binds them."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.source.flow import writes
from pdeperf.sparse.batched_stores import LoopStatements
from pdeperf.sparse.batched_values import NotAtOnce, Value, made


def check_bindings(
    names: Collection[str], loops: Sequence[ast.For], body: Sequence[ast.stmt], others: Collection[str]
) -> None:
    """Each of the names is bound by statements of the innermost loop, and read by no function.

    Raises
    ------
    NotAtOnce
        If what a name holds after the loop is not what a turn of its own gave it.
    """
    for name in sorted(names):
        is_bound = any(name in writes(one) for one in body)
        around = [*(one.target for one in loops[len(loops) == 1 :]), *_before(loops)]
        bound = {node.id for part in around for node in ast.walk(part) if isinstance(node, ast.Name)}
        counter = loops[0].target if len(loops) == 1 else None
        is_counter = isinstance(counter, ast.Name) and counter.id == name
        if name in others or name in bound or is_counter == is_bound:
            raise NotAtOnce(f"`{name}` is read after the loop")


def _before(loops: Sequence[ast.For]) -> list[ast.stmt]:
    """What the outer loops of a nest do before the next one."""
    return [statement for one in loops[:-1] for statement in one.body[:-1]]


@dataclass(slots=True)
class LastStatements(LoopStatements):
    """A loop of which later code reads numbers.

    Attributes
    ----------
    nest
        The whole of it.
    last
        The names of these numbers, with those of all turns that bind them, in order, once that is written.
    """

    nest: ast.For = field(kw_only=True)
    last: dict[str, Value | None] = field(default_factory=dict)

    def taken_in(self, statement: ast.stmt, mask: str) -> bool:
        bound = self.last.keys() & _bound_by(statement)
        if not bound:
            return LoopStatements.taken_in(self, statement, mask)
        problem = NotAtOnce(f"`{min(bound)}` is bound on a condition, and read after the loop")
        if self.turns or self.depth or not isinstance(statement, ast.Assign | ast.AugAssign):
            raise problem
        if _is_whole_at_times(statement.value):
            raise NotAtOnce(f"`{min(bound)}` is read after the loop, and may be whole")
        if not mask or bound <= self.write.names.keys():
            return False
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case _:
                raise problem
        mentioned = [node for node in ast.walk(self.nest) if isinstance(node, ast.Name) and node.id == name]
        if len(mentioned) > 1:
            raise problem
        found = self._numbers(name, self.settled(self.write.value(value)))
        plain = isinstance(found.node, ast.Name | ast.Call | ast.Subscript)
        text = f"{found.text}[{mask}]" if plain else f"({found.text})[{mask}]"
        kept = self.fresh(f"{name}_kept")
        self.line(f"{kept} = {text}")
        self.last[name] = found.named(kept)
        return True

    def given_last(self) -> list[str]:
        """What the function returns for each name: an array of one number, or of none if no turn bound it."""
        texts = []
        for name, found in self.last.items():
            if found is None:
                known = self.write.names.get(name)
                if known is None:
                    raise NotAtOnce(f"`{name}` is read after the loop")
                found = self.last[name] = self._numbers(name, known)
            plain = isinstance(found.node, ast.Name | ast.Call | ast.Subscript)
            texts.append(f"{found.text if plain else f'({found.text})'}[-1:]")
        return texts

    def _numbers(self, name: str, found: Value) -> Value:
        special = found.is_list or found.is_truth or found.is_text or found.objects or found.functions
        if found.rank != 0 or special:
            raise NotAtOnce(f"`{name}` is read after the loop, and no number")
        if found.varies:
            return found
        return replace(
            found, node=made(f"{self.write.numpy}.full({self.write.count}, X)", X=found.node), varies=True
        )


def _bound_by(statement: ast.stmt) -> Collection[str]:
    """The names that a statement binds itself: not those of the statements within it."""
    match statement:
        case ast.For(target=target, iter=iter):
            return writes(ast.For(target, iter, [], []))
        case ast.If(test=test) | ast.While(test=test):
            return writes(ast.Expr(test))
        case _:
            return writes(statement)


def _is_whole_at_times(value: ast.expr) -> bool:
    """Is it one of Python's integers in some turns, as in ``max(x, 0)``? Arrays make a float of it."""
    calls = (node for node in ast.walk(value) if isinstance(node, ast.Call | ast.IfExp))
    parts = (part for call in calls for part in ast.iter_child_nodes(call))
    return any(isinstance(part, ast.Constant) and type(part.value) is int for part in parts)


def bound_by_caller(block: LastStatements, held: Mapping[str, str]) -> list[str]:
    """The lines that bind the names after the call, given the arrays that it returns for them."""
    lines = []
    for name, found in block.last.items():
        assert found is not None
        number = f"{held[name]}.item()" if found.is_plain else f"{held[name]}[0]"
        lines += [f"if {held[name]}.size:", f"    {name} = {number}"]
    return lines
