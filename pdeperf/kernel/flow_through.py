"""What flows into a run of statements, what flows out, and what is forgotten."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.kinds import UNKNOWN
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.zero_checks import ALWAYS, is_entered, loop_runs
from pdeperf.source import Module
from pdeperf.source.flow import bound_before, liveness, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters

_DYNAMIC = frozenset(("globals", "locals", "vars", "exec", "eval"))


@dataclass(frozen=True, slots=True)
class Late:
    """When a loop binds what it is the only one to bind: where it runs.

    Attributes
    ----------
    runs
        The condition, as Python text.
    is_changed
        The region binds anew what the condition reads: it must be asked before.
    """

    runs: str
    is_changed: bool


@dataclass(slots=True)
class Flow:
    """What flows through a run of statements.

    Attributes
    ----------
    must_run
        Loops of which the kernel itself reads what they bind.
    late
        Results that only a loop binds, which may not run, with that loop.
    """

    arguments: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    forgets: list[str] = field(default_factory=list)
    must_run: list[ast.For] = field(default_factory=list)
    late: dict[str, ast.For] = field(default_factory=dict)
    initial: list[str] = field(default_factory=list)


def _order(lowered: Sequence[ast.stmt], wanted: frozenset[str]) -> list[str]:
    """Names in order of first appearance."""
    places: dict[str, tuple[int, int]] = {}
    for part in lowered:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and node.id in wanted:
                place = (node.lineno, node.col_offset)
                places[node.id] = min(place, places.get(node.id, place))
    return sorted(wanted, key=lambda name: (places.get(name, (0, 0)), name))


def flow_through(
    module: Module,
    scope: Scope,
    statements: Sequence[ast.stmt],
    lowered: Sequence[ast.stmt],
    lowering: Lowering,
    private: frozenset[str],
) -> Flow:
    result = Flow()
    compiled = frozenset(use.name for use in lowering.uses.values())
    constants = {name for name, table in lowering.tables.items() if table.is_global}
    seen = reach(lowered)
    assigned = frozenset[str]().union(*(writes(part) for part in lowered))
    exposed = frozenset(
        name
        for name in seen.exposed - compiled - constants
        if name in lowering.sources or not _is_fixed(name, lowering, assigned)
    )
    _need_bound(module, scope, statements, exposed, lowering)
    exposed -= _bound_by_loops(module, scope, statements, lowered, exposed, lowering, result)
    paths = frozenset(lowering.sources)
    live = _live(module, scope, statements, exposed | _straight(statements) - private)
    given_back = {name for use in lowering.uses.values() for name, _ in use.changes}
    wanted = (assigned & live) | (assigned & (paths | given_back))
    carried: set[str] = set()
    leaving = frozenset[str]().union(*(reads(one.value) for one in lowering.exits)) & assigned - wanted
    for name in _order(lowered, wanted):
        if name in seen.surely or name in exposed:
            continue
        loop = _loop_that_binds(name, lowered, asked=True)
        mine = scope.resolve(name) is scope
        first_time = mine and loop is not None and name not in bound_before(scope.node, statements[0])
        if name in paths or (_bound_elsewhere(name, module, scope, statements) and not first_time):
            carried.add(name)
            continue
        if loop is None:
            _tell_unassigned(name, statements[0], lowering)
        elif loop not in result.must_run:
            result.late[name] = loop
    carried |= {name for name in leaving - exposed if _bound_elsewhere(name, module, scope, statements)}
    arguments = exposed | carried
    if lowering.exits:
        before = reach(lowered[: _first_exit(lowered)]).surely | arguments
        for name in sorted(wanted - before):
            lowering.problem(lowering.exits[0], f"return, where `{name}` may be unassigned")
        result.initial = sorted(leaving - before)
        _need_bound_at_exits(module, scope, statements, result.initial, lowering)
    for name in arguments - paths:  # also those that only flow through
        seen_name = lowering.look(name)
        if seen_name is not None:
            lowering.kinds.setdefault(name, seen_name.kind)
            lowering.seen.setdefault(name, seen_name)
    ordered = _order(lowered, frozenset(arguments))
    result.arguments = sorted(ordered, key=lambda name: not lowering.kinds.get(name, UNKNOWN).is_array)
    result.results = _order(lowered, wanted | leaving)
    gone = sorted(((assigned - wanted - leaving - paths) | lowering.turned) & scope.binds)
    for name in sorted(lowering.turned & live):
        lowering.problem(statements[0], f"`{name}` is used after the loop")
    home = "" if module.is_script else module.file.removesuffix(".py").replace("/", ".") + "."
    if scope.is_module:
        result.forgets = [f"{home}{name}" for name in gone]
    else:
        result.forgets = [f"{home}{_qualified(module, scope.node)}():{name}" for name in gone]
    return result


def _tell_unassigned(name: str, statement: ast.stmt, lowering: Lowering) -> None:
    reason = f"`{name}` is needed afterwards but may stay unassigned"
    lowering.problem(statement, reason, f"bind `{name}` before the loop")


def _first_exit(lowered: Sequence[ast.stmt]) -> int:
    """The place of the first statement that may return."""
    leaves = [any(isinstance(one, ast.Return) for one in ast.walk(part)) for part in lowered]
    return leaves.index(True)


def _need_bound_at_exits(
    module: Module, scope: Scope, statements: Sequence[ast.stmt], names: Sequence[str], lowering: Lowering
) -> None:
    """What only a ``return`` reads must be assigned on every way to it."""
    for exit_ in lowering.exits:
        bound: set[str] = set()
        child: ast.AST = exit_
        for above in (*module.ancestors(exit_), scope.node):
            for block in (getattr(above, "body", []), getattr(above, "orelse", [])):
                if isinstance(block, list) and child in block:
                    first = statements[0] if child in statements else block[0]
                    bound |= reach(block[block.index(first) : block.index(child)]).surely
            if child in statements:
                break
            if isinstance(above, ast.For) and child in above.body:
                bound |= {one.id for one in ast.walk(above.target) if isinstance(one, ast.Name)}
            child = above
        for name in sorted(reads(exit_.value) & frozenset(names) - bound):
            lowering.problem(exit_, f"return, where `{name}` may be unassigned")


def _need_bound(
    module: Module,
    scope: Scope,
    statements: Sequence[ast.stmt],
    exposed: frozenset[str],
    lowering: Lowering,
) -> None:
    """A name that only a branch binds may be unbound where the kernel is called with it."""
    bound = bound_before(scope.node, statements[0], entered=True)
    for above in module.ancestors(statements[0]):
        if isinstance(above, ast.For | ast.While):
            bound |= writes(above)
        elif isinstance(above, FUNCTIONS):
            break
    for name in sorted(exposed - bound - frozenset(lowering.sources) - writes(statements[0])):
        if scope.resolve(name) is not scope:
            continue
        branches = [
            above
            for node in own_nodes(scope.node)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
            for above in module.ancestors(node)
            if isinstance(above, ast.If)
        ]
        if branches:
            lowering.problem(statements[0], f"`{name}` is bound in a branch only: it may be unassigned here")


def _bound_by_loops(
    module: Module,
    scope: Scope,
    statements: Sequence[ast.stmt],
    lowered: Sequence[ast.stmt],
    exposed: frozenset[str],
    lowering: Lowering,
    result: Flow,
) -> frozenset[str]:
    """Names that the region reads after a loop of its own that binds them, and that nothing binds before."""
    assigned = frozenset[str]().union(*(writes(part) for part in lowered))
    unbound = exposed & assigned - frozenset(lowering.sources) - bound_before(scope.node, statements[0])
    found: set[str] = set()
    for name in sorted(unbound):
        if scope.resolve(name) is not scope:
            continue
        loop = _loop_that_binds(name, lowered)
        if loop is None or name in reach(lowered[: list(lowered).index(loop) + 1]).exposed:
            if not _bound_elsewhere(name, module, scope, statements):
                lowering.problem(statements[0], f"`{name}` is read but may be unassigned")
            continue
        found.add(name)
        if not _is_read_surely(name, lowered[list(lowered).index(loop) + 1 :]):
            lowering.problem(statements[0], f"`{name}` is read on a condition, where it may be unassigned")
        others = any(part is not loop and name in writes(part) for part in lowered)
        if others or _bound_elsewhere(name, module, scope, statements):
            _need_turn(module, name, statements, loop, lowering)
        elif loop not in result.must_run:
            result.must_run.append(loop)
    return frozenset(found)


def _need_turn(
    module: Module, name: str, statements: Sequence[ast.stmt], loop: ast.For, lowering: Lowering
) -> None:
    """Ask at the call whether a loop runs: where it does not, its variable is what it was before."""
    at = next(place for place, part in enumerate(statements) if part.lineno == loop.lineno)
    original = statements[at]
    runs = list(loop_runs(original.iter)) if isinstance(original, ast.For) else [""]
    if ALWAYS in runs or is_entered(module, loop):
        return
    names = frozenset[str]().union(*(writes(part) for part in statements[:at]))
    if {"", "False"} & {*runs} or names & reads(ast.parse(" and ".join(runs))):
        reason = f"`{name}` may be bound before, and whether the loop that binds it runs is not known"
        lowering.problem(loop, reason)
        return
    lowering.conditions.update(runs)


def _is_read_surely(name: str, parts: Sequence[ast.AST]) -> bool:
    """Do statements or expressions read a name whatever branch they take?"""
    for part in parts:
        match part:
            case ast.Name(id=read, ctx=ast.Load()):
                inner: list[ast.AST] = []
                if read == name:
                    return True
            case ast.If(test=test, body=body, orelse=orelse):
                inner = [test]
                if _is_read_surely(name, body) and _is_read_surely(name, orelse):
                    return True
            case ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                inner = [test]
            case ast.For(iter=source):
                inner = [source]
            case ast.BoolOp(values=values):
                inner = [*values[:1]]
            case ast.Compare(left=left, comparators=others):
                inner = [left, *others[:1]]
            case ast.Lambda() | ast.FunctionDef() | ast.Try():
                inner = []
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner = [part.generators[0].iter]
            case _:
                inner = [*ast.iter_child_nodes(part)]
        if _is_read_surely(name, inner):
            return True
    return False


def _qualified(module: Module, function: ast.AST) -> str:
    """A function's dotted name, ``Solver.step``."""
    outer = module.scope_name(function)
    name = getattr(function, "name", "<lambda>")
    return name if outer == "<module>" else f"{outer}.{name}"


def _is_fixed(name: str, lowering: Lowering, assigned: frozenset[str]) -> bool:
    """Is the name a library's or a builtin, which a kernel reads as a global?"""
    if name in assigned:
        return False
    owner, node = lowering.scope.resolve(name), ast.Name(id=name, ctx=ast.Load())
    if not qualified(node, lowering.module, lowering.scope, lowering.function_of(node)):
        return False
    return owner is None or not any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        for n in own_nodes(owner.node)
    )


def _straight(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Names assigned outside every loop of the region: results of a script, not temporaries."""
    names: set[str] = set()
    for part in statements:
        if isinstance(part, ast.Assign | ast.AugAssign | ast.AnnAssign):
            names |= writes(part)
        elif isinstance(part, ast.If):
            names |= _straight([*part.body, *part.orelse])
    return frozenset(names)


def _live(
    module: Module, scope: Scope, statements: Sequence[ast.stmt], results: frozenset[str]
) -> frozenset[str]:
    tree = scope.node
    always = module.once(_read_by_others, tree) | scope.globals
    dynamic = any(node.id in _DYNAMIC for node in module.all(ast.Name))
    if dynamic or (scope.is_module and not module.is_script):
        always |= scope.binds
    at_exit = results if scope.is_module else frozenset[str]()
    after = module.once(_live_after_each, tree, always, at_exit)
    return after.get(id(statements[-1]), always | at_exit)


def _live_after_each(
    scope: ast.AST, always: frozenset[str], at_exit: frozenset[str]
) -> Mapping[int, frozenset[str]]:
    """Names that may be read after each statement of a scope, by the statements' identities."""
    return liveness(scope, always=always, at_exit=at_exit)


def _read_by_others(scope: ast.AST) -> frozenset[str]:
    """Names that functions and classes defined in a scope may read at any time."""
    found: set[str] = set()
    for node in own_nodes(scope):
        match node:
            case ast.Nonlocal(names=names):
                found.update(names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                found |= reads(node)  # a class's methods' own variables are not the scope's
    return frozenset(found)


def _bound_elsewhere(name: str, module: Module, scope: Scope, statements: Sequence[ast.stmt]) -> bool:
    """May a name be bound before some statements run, by others than they?"""
    owner = scope.resolve(name)
    if owner is not scope:
        return True
    if isinstance(scope.node, FUNCTIONS) and name in parameters(scope.node):
        return True
    inside = {id(node) for part in statements for node in ast.walk(part)}
    inside |= {id(node) for part in _instead(module, statements[0]) for node in ast.walk(part)}
    # A comprehension's variable is its own.
    inside |= {
        id(target)
        for node in own_nodes(scope.node)
        if isinstance(node, ast.comprehension)
        for target in ast.walk(node.target)
    }
    again = {
        id(node)
        for above in module.ancestors(statements[0])
        if isinstance(above, ast.For | ast.While)
        for node in ast.walk(above)
    }
    last = statements[-1].end_lineno or statements[-1].lineno
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Store)
        and id(node) not in inside
        and (node.lineno <= last or id(node) in again)
        for node in own_nodes(scope.node)
    )


def _instead(module: Module, statement: ast.stmt) -> Sequence[ast.stmt]:
    """What runs if a statement never does: the other branches of tests around it that are made once."""
    found: list[ast.stmt] = []
    child: ast.AST = statement
    for above in module.ancestors(statement):
        if isinstance(above, ast.For | ast.While):
            found = []
        elif isinstance(above, FUNCTIONS):
            break
        elif isinstance(above, ast.If) and child is not above.test:
            found += above.orelse if child in above.body else above.body
        child = above
    return found


def _loop_that_binds(name: str, lowered: Sequence[ast.stmt], *, asked: bool = False) -> ast.For | None:
    """The one top-level loop over range that binds a name whenever it runs.

    With ``asked``, a loop over anything of which it can be asked whether it runs will do.
    """
    for part in lowered:
        if not isinstance(part, ast.For) or name not in writes(part):
            continue
        source = part.iter
        over_range = (
            isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == "range"
        )
        fits = over_range or (asked and "" not in loop_runs(source))
        target = frozenset(node.id for node in ast.walk(part.target) if isinstance(node, ast.Name))
        return part if fits and name in target | reach(part.body, target).surely else None
    return None
