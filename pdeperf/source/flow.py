"""Which values flow into a run of statements, and which are needed after it.

Structured data flow over Python's own syntax tree: no jump tables, since the language has none.
Every answer errs towards *more* names: a value passed too often costs nothing, one missed is wrong.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, local_names, own_nodes
from pdeperf.source.walking import children, nodes_in

Names = frozenset[str]
NONE: Names = frozenset()


def reads(node: ast.AST | None) -> Names:
    """Names that evaluating an expression may read, those of nested functions included."""
    if node is None:
        return NONE
    if isinstance(node, FUNCTIONS):
        body = node.body if isinstance(node.body, list) else [node.body]
        inner = frozenset[str]().union(*(reads(part) for part in body)) - local_names(node)
        return inner.union(*(reads(default) for default in [*node.args.defaults, *node.args.kw_defaults]))
    if isinstance(node, COMPREHENSIONS):
        found = frozenset[str]().union(*(reads(child) for child in children(node)))
        targets = [
            name.id
            for part in node.generators
            for name in nodes_in(part.target)
            if isinstance(name, ast.Name)
        ]
        return found - frozenset(targets)
    if isinstance(node, ast.Name):
        # To delete a name, it must be there.
        return NONE if isinstance(node.ctx, ast.Store) else frozenset((node.id,))
    below = children(node)
    return frozenset[str]().union(*map(reads, below)) if below else NONE


def writes(node: ast.AST) -> Names:
    """Plain names that a statement itself may bind, its nested blocks included."""
    names: set[str] = set()
    every = (node, *own_nodes(node))
    of_comprehensions = {
        id(name) for inner in every if isinstance(inner, ast.comprehension) for name in nodes_in(inner.target)
    }
    for inner in every:
        match inner:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if id(inner) not in of_comprehensions:
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if inner is not node or not isinstance(
                inner, FUNCTIONS
            ):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
    return frozenset(names)


def _target_names(target: ast.AST) -> Names:
    return frozenset(
        name.id for name in nodes_in(target) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run of statements does with names, seen from its start.

    Attributes
    ----------
    exposed
        Read on some path before they are surely assigned: live-in.
    surely
        Assigned on every path that reaches the end.
    """

    exposed: Names
    surely: Names


def reach(statements: Sequence[ast.stmt], assigned: Names = NONE, *, entered: bool = False) -> Reach:
    """Live-in names and sure assignments of a block.

    Parameters
    ----------
    entered
        Take every loop to run at least once, and ``try`` and ``with`` blocks to run to their end.
    """
    exposed: Names = NONE
    for statement in statements:
        found = _reach_one(statement, assigned, entered=entered)
        exposed |= found.exposed
        assigned |= found.surely
        if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
            break
    return Reach(exposed, assigned)


def _reach_one(statement: ast.stmt, assigned: Names, *, entered: bool) -> Reach:
    match statement:
        case ast.Assign(targets=targets, value=value):
            seen = reads(value).union(*(reads(target) for target in targets)) - assigned
            return Reach(seen, NONE.union(*(_target_names(target) for target in targets)))
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            return Reach((reads(value) | {name}) - assigned, frozenset((name,)))
        case ast.AnnAssign(target=target, value=value):
            seen = (reads(value) | reads(target)) - assigned
            return Reach(seen, _target_names(target) if value is not None else NONE)
        case ast.For(target=target, iter=source, body=body, orelse=orelse):
            inside = reach(body, assigned | _target_names(target), entered=entered)
            after = reach(orelse, assigned, entered=entered)
            sure = inside.surely if entered else NONE
            return Reach((reads(source) - assigned) | inside.exposed | after.exposed, sure)
        case ast.While(test=test, body=body, orelse=orelse):
            inside = reach(body, assigned, entered=entered)
            after = reach(orelse, assigned, entered=entered)
            endless = isinstance(test, ast.Constant) and bool(test.value)
            sure = reach(_before_first_jump(body), assigned, entered=entered).surely if endless else NONE
            sure = inside.surely if entered else sure
            return Reach((reads(test) - assigned) | inside.exposed | after.exposed, sure)
        case ast.If(test=ast.Constant(value=True), body=body):
            inside = reach(body, assigned, entered=entered)
            return Reach(inside.exposed, inside.surely)
        case ast.If(test=test, body=body, orelse=orelse):
            yes, no = reach(body, assigned, entered=entered), reach(orelse, assigned, entered=entered)
            sure = _meet(body, yes.surely, orelse, no.surely)
            return Reach((reads(test) - assigned) | yes.exposed | no.exposed, sure)
        case ast.With(items=items, body=body):
            heads = NONE.union(*(reads(item.context_expr) for item in items))
            bound = NONE.union(*(_target_names(item.optional_vars) for item in items if item.optional_vars))
            inside = reach(body, assigned | bound, entered=entered)
            return Reach((heads - assigned) | inside.exposed, inside.surely if entered else NONE)
        case ast.Try():
            blocks = [
                statement.body,
                *(h.body for h in statement.handlers),
                statement.orelse,
                statement.finalbody,
            ]
            seen = NONE.union(*(reach(block, assigned, entered=entered).exposed for block in blocks))
            sure = reach([*statement.body, *statement.orelse], assigned, entered=True).surely
            return Reach(seen, sure if entered else NONE)
        case ast.FunctionDef(name=name):
            return Reach(reads(statement) - assigned, frozenset((name,)))
        case _:
            return Reach(reads(statement) - assigned, NONE)


def bound_before(scope: ast.AST, statement: ast.stmt, *, entered: bool = False) -> Names:
    """Names that are surely bound when a statement of a scope is reached for the first time.

    With ``entered``, loops are taken to run, and ``try`` and ``with`` blocks to run to their end.
    """
    arguments = getattr(scope, "args", None)
    bound: Names = (
        frozenset(arg.arg for arg in nodes_in(arguments) if isinstance(arg, ast.arg)) if arguments else NONE
    )
    block: Sequence[ast.stmt] = getattr(scope, "body", [])
    while True:
        around = next((part for part in block if any(node is statement for node in nodes_in(part))), None)
        if around is None or around is statement:
            return reach(_until(block, around), bound, entered=entered).surely
        bound = reach(_until(block, around), bound, entered=entered).surely
        if isinstance(around, ast.For):
            bound |= _target_names(around.target)
        blocks = [getattr(around, name, []) for name in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(around, "handlers", [])]
        block = next(
            (each for each in blocks if any(node is statement for part in each for node in nodes_in(part))),
            [],
        )


def _until(block: Sequence[ast.stmt], statement: ast.stmt | None) -> Sequence[ast.stmt]:
    return block[: list(block).index(statement)] if statement is not None else block


def _before_first_jump(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The statements of an endless loop that run before it can be left."""
    for index, part in enumerate(body):
        if any(isinstance(node, ast.Break | ast.Continue | ast.Return) for node in nodes_in(part)):
            return body[:index]
    return body


def _leaves(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], ast.Return | ast.Raise | ast.Break | ast.Continue)


def _meet(body: Sequence[ast.stmt], yes: Names, orelse: Sequence[ast.stmt], no: Names) -> Names:
    if _leaves(body) and not _leaves(orelse):
        return no
    if _leaves(orelse) and not _leaves(body):
        return yes
    return yes & no


@dataclass(slots=True)
class _Liveness:
    """One backward walk over a scope; records what is live after each statement."""

    always: Names
    after: dict[int, Names] = field(default_factory=dict)
    read: dict[int, Names] = field(default_factory=dict)

    def reads(self, node: ast.AST) -> Names:
        """As :func:`reads`; loops are walked several times."""
        if id(node) not in self.read:
            self.read[id(node)] = reads(node)
        return self.read[id(node)]

    def block(self, statements: Sequence[ast.stmt], out: Names, at_break: Names, at_continue: Names) -> Names:
        live = out
        for statement in reversed(statements):
            self.after[id(statement)] = self.after.get(id(statement), NONE) | live | self.always
            live = self.one(statement, live, at_break, at_continue)
        return live

    def one(self, statement: ast.stmt, out: Names, at_break: Names, at_continue: Names) -> Names:
        match statement:
            case ast.Return():
                return self.reads(statement)
            case ast.Raise():
                return self.reads(statement)
            case ast.Break():
                return at_break
            case ast.Continue():
                return at_continue
            case ast.Assign(targets=targets, value=value):
                killed = NONE.union(*(_target_names(target) for target in targets))
                used = self.reads(value).union(*(self.reads(target) for target in targets))
                return (out - killed) | used
            case ast.AugAssign(target=target, value=value):
                return out | self.reads(value) | self.reads(target) | _target_names(target)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                return (out - _target_names(target)) | self.reads(value) | self.reads(target)
            case ast.For(target=target, iter=source, body=body, orelse=orelse):
                exit_live = self.block(orelse, out, at_break, at_continue)
                head = exit_live
                for _ in range(2):
                    head = exit_live | (self.block(body, head, out, head) - _target_names(target))
                return head | self.reads(source) | self.reads(target)
            case ast.While(test=test, body=body, orelse=orelse):
                exit_live = self.block(orelse, out, at_break, at_continue) | self.reads(test)
                head = exit_live
                for _ in range(2):
                    head = exit_live | self.block(body, head, out, head)
                return head
            case ast.If(test=test, body=body, orelse=orelse):
                yes = self.block(body, out, at_break, at_continue)
                no = self.block(orelse, out, at_break, at_continue)
                return yes | no | self.reads(test)
            case ast.With(items=items, body=body):
                return self.block(body, out, at_break, at_continue).union(
                    *(self.reads(item.context_expr) for item in items)
                )
            case ast.Try():
                live = self.block(statement.finalbody, out, at_break, at_continue)
                other = self.block(statement.orelse, live, at_break, at_continue)
                for handler in statement.handlers:
                    other |= self.block(handler.body, live, at_break, at_continue)
                return self.block(statement.body, live | other, at_break, at_continue) | live | other
            case _:
                return out | self.reads(statement)


def live_after(
    scope: ast.AST, region: Sequence[ast.stmt], *, always: Names = NONE, at_exit: Names = NONE
) -> Names:
    """Names that may be read after a run of statements.

    Parameters
    ----------
    scope
        The function or module whose body is walked.
    region
        Consecutive statements of one block in it.
    always
        Names that anything may read at any time: globals that functions read, captured variables.
    at_exit
        Names that count when the scope ends: a script's results.
    """
    after = liveness(scope, always=always, at_exit=at_exit)
    return after.get(id(region[-1]), always | at_exit)


def liveness(scope: ast.AST, *, always: Names = NONE, at_exit: Names = NONE) -> Mapping[int, Names]:
    """Names that may be read after each statement of a scope, by the statements' identities."""
    walk = _Liveness(always)
    walk.block(getattr(scope, "body", []), at_exit, at_exit, at_exit)
    return walk.after
