"""A run of statements as one compiled function: what goes in, what comes out, what it rests on."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.admission import Arithmetic
from pdeperf.kernel.callees import Callees
from pdeperf.kernel.caught import ask_first
from pdeperf.kernel.columns import column_problems
from pdeperf.kernel.definitions import body_of
from pdeperf.kernel.domain_checks import DomainCheck, domain_checks
from pdeperf.kernel.draws import OF_PYTHON, SPARE_OF_NUMPY, SPARE_OF_PYTHON
from pdeperf.kernel.few_things import condensed
from pdeperf.kernel.flow_through import Flow, Late, flow_through
from pdeperf.kernel.forms import shape_problems
from pdeperf.kernel.handlers import (
    caught_around,
    caught_by_callers,
    has_fixed_text,
    is_caught_somewhere,
    outlive,
    raised,
)
from pdeperf.kernel.index_checks import IndexCheck, Region, index_checks
from pdeperf.kernel.kinds import UNKNOWN, Kind, infer
from pdeperf.kernel.lists import list_problems, stored_arrays, stored_by_calls, widened
from pdeperf.kernel.lowering import Lowering, Problem
from pdeperf.kernel.names_bound import infer_names, whole_at_times
from pdeperf.kernel.numbers_of_arrays import as_they_are
from pdeperf.kernel.own_lists import settled
from pdeperf.kernel.paths import MARK, names_near
from pdeperf.kernel.prints import names_printed
from pdeperf.kernel.refusing import may_refuse
from pdeperf.kernel.row_lists import rows_problems
from pdeperf.kernel.same_places import distinct_owners, shared_places
from pdeperf.kernel.type_guards import Proved, TypeGuard, strict_numbers, type_guards
from pdeperf.kernel.vector_columns import mixed, vector_problems
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.zero_checks import ALWAYS, ZeroCheck, is_entered, loop_runs, zero_checks
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import Scope, home_of, scope_of

Block = Sequence[ast.stmt]
INITIAL = {"int": "0", "npint": "0", "bool": "False", "float": "0.0", "npfloat": "0.0", "number": "0.0"}


@dataclass(frozen=True, slots=True)
class Kernel:
    """A region that can be compiled.

    Attributes
    ----------
    statements
        The user's own statements, consecutive in one block.
    lowered
        The same over plain names.
    arguments
        Names that flow in, arrays first.
    results
        Names that flow out, in order of assignment.
    forgets
        Names that nothing reads and that are no longer bound: ``i``, ``Solver.step():i``.
    must_run
        Loops that bind what the kernel reads afterwards: it raises if they do not run.
    late
        Results that only a loop binds, and the condition under which it runs.
    zero_checks
        Divisors that are checked before loops rather than at each division.
    domain_checks
        Numbers that are looked at, lest roots of negative ones become not-a-number.
    index_checks
        Sizes of arrays that are compared with what indices reach.
    python_division
        Divisions by zero must raise where they happen.
    guards
        Conditions at the call site under which the functions called are the ones compiled.
    type_guards
        Conditions under which the arguments have the types that the kernel was made for.
    arrays
        Lists that have become arrays where they are made.
    initial
        Names that only a ``return`` within the statements reads, and what they are at first.
    restores
        It may raise what is caught somewhere: what it has changed by then is written back all the same.
    """

    module: Module
    scope: Scope
    statements: tuple[ast.stmt, ...]
    lowered: tuple[ast.stmt, ...]
    lowering: Lowering
    kinds: dict[str, Kind]
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    stored: frozenset[str]
    forgets: tuple[str, ...]
    must_run: tuple[ast.For, ...]
    late: Mapping[str, Late]
    casts: tuple[ast.expr, ...]
    zero_checks: tuple[ZeroCheck, ...]
    domain_checks: tuple[DomainCheck, ...]
    index_checks: tuple[IndexCheck, ...]
    python_division: bool
    exact: bool
    guards: tuple[str, ...] = ()
    type_guards: tuple[TypeGuard, ...] = ()
    arrays: frozenset[str] = frozenset()
    initial: tuple[tuple[str, str], ...] = ()
    restores: bool = False


def outline(
    module: Module,
    statements: Sequence[ast.stmt],
    callees: Callees,
    private: frozenset[str] = frozenset(),
    *,
    checks_indices: bool = True,
) -> Kernel | list[Problem]:
    """Compile a run of statements, or say why not.

    Parameters
    ----------
    module
        Where they stand.
    statements
        Consecutive statements of one block.
    callees
        The functions compiled so far; grows.
    private
        Names that the statements alone know: no results, wherever they are bound.
    checks_indices
        Work out how far indices reach: it takes longer than all else, and not everybody asks.
    """
    line = statements[0].lineno
    if not owns_lines(module, statements):
        return [Problem(line, "the loop shares its line with other code", "put it on lines of its own")]
    if any(_is_multiline_text(node) for part in statements for node in ast.walk(part)):
        return [Problem(line, "a text runs over several lines")]
    scope = scope_of(module, home_of(module, statements[0]))
    lowering = Lowering(
        module,
        scope,
        callees.observed,
        range(line, (statements[-1].end_lineno or line) + 1),
        frozenset[str]().union(*(writes(part) for part in statements)),
        names_near(statements, scope),
        callees.resolve,
        leaves=True,
    )
    lowering.problems.extend(shape_problems(statements, lowering, is_function=False))
    if lowering.problems:
        return lowering.problems
    lowering.rename_objects(statements)
    lowered = lowering.statements(statements)
    if lowering.problems:
        return lowering.problems
    flow = flow_through(module, scope, statements, lowered, lowering, private)
    start = {name: lowering.kinds.get(name, UNKNOWN) for name in flow.arguments}
    lowering.problems.extend(_argument_problems(flow.arguments, start, lowering, line))
    start |= {name: table.kind for name, table in lowering.tables.items()}
    kinds = infer_names(lowered, lowering, {name: kind for name, kind in start.items() if kind != UNKNOWN})
    kinds.update(widened(lowered, kinds, lowering))
    own = settled(lowered, kinds, lowering, frozenset(flow.arguments))
    lowering.edits.extend((*own.edits, *as_they_are(lowered, kinds, lowering)))
    lowering.problems.extend(own.problems)
    initial = {name: kinds.get(name, UNKNOWN).base for name in flow.initial}
    flow.late = {name: loop for name, loop in flow.late.items() if not is_entered(module, loop)}
    late = _late(statements, lowered, flow, kinds, lowering)
    initial |= {name: kinds[name].base for name in late}
    entered = {part.lineno for part in statements if is_entered(module, part)}
    flow.must_run = [loop for loop in dict.fromkeys(flow.must_run) if loop.lineno not in entered]
    for name in (one for one, base in initial.items() if base not in INITIAL):
        lowering.problem(statements[0], f"return, where `{name}` may be unassigned")
    ask_first(lowered, kinds, lowering)
    whole = callees.written_out(lowered, lowering)
    arithmetic = Arithmetic(lowered, kinds, lowering, callees.built.values(), whole)
    lowering.problems.extend(arithmetic.problems)
    asked = [part for part in arithmetic.asked if part.name in flow.arguments]
    lowering.conditions |= {part.text(lowering.sources.get(part.name, part.name)) for part in asked}
    mixed_up = whole_at_times(lowered, kinds, lowering)
    for name in flow.results:
        if name in mixed_up:
            lowering.problem(statements[0], f"`{name}` leaves the loop as an integer or as a float")
        if kinds.get(name, UNKNOWN).base == "small":
            lowering.problem(
                statements[0], f"`{name}` leaves the loop as a small integer", "make it int(...)"
            )
    lowering.problems.extend(list_problems(lowered, kinds, lowering))
    inherited = {guard for use in lowering.uses.values() for guard in use.inherited}
    columns = {name for name, text in lowering.sources.items() if MARK in text}
    stored = stored_arrays(lowered, lowering.uses) | (stored_by_calls(lowered, lowering.uses) & columns)
    stores = outlive(stored & set(flow.arguments), lowering)
    stores = stores or any(n in lowering.sources or scope.resolve(n) is not scope for n in flow.results)
    is_caught = is_caught_somewhere(callees.project)
    called = [*_functions_called(lowering, callees)] if is_caught else []
    if is_caught:
        refuses = may_refuse(lowered, called, kinds, lowering)
        others = callees.project.modules.values()
        if named := caught_by_callers(module, statements[0], others, stores=stores, refuses=refuses):
            lowering.problem(statements[0], f"{named} is caught around it, which compiled code may not raise")
    lowering.problems.extend(_raise_problems(module, scope, statements, called, flow.results, lowering))
    for name in sorted(stored & set(flow.arguments)):
        is_list = kinds.get(name, UNKNOWN).base == "list"
        if is_list and name in lowering.seen and not lowering.seen[name].rows_distinct:
            reason = f"rows of `{lowering.sources.get(name, name)}` are one and the same list"
            lowering.problem(statements[0], reason, "make a list for each row: [[0.0] * m for _ in range(n)]")
    lowering.problems.extend(rows_problems(lowering.sources, line))
    kept = frozenset((*flow.arguments, *flow.results))
    lowering.problems.extend(column_problems(lowered, kinds, stored | set(flow.results), kept, lowering))
    told = {text.removeprefix("not ").removesuffix(" is None") for text in (*lowering.conditions, *inherited)}
    for name in flow.results:
        if lowering.sources.get(name, name) in told:
            lowering.problem(
                statements[0], f"`{lowering.sources.get(name, name)}` decides a branch, and changes"
            )
    lowering.problems.extend(shared_places(flow.results, lowering, callees.project, line))
    lowering.problems.extend(vector_problems(lowered, kinds, lowering))
    functions = [callee.lowering for callee in callees.built.values()]
    for index, one in enumerate([lowering, *functions]):
        lowering.problems.extend(mixed(one, functions[index:], line))
    lowering.anew |= frozenset[str]().union(*(one.anew for one in functions))
    if lowering.problems:
        return lowering.problems
    checks = zero_checks(module, lowered, arithmetic.divisors)
    if checks is None and arithmetic.divides_as_numpy:  # which must go on
        checks = zero_checks(module, lowered, arithmetic.divisors, anywhere=True)
    return Kernel(
        module=module,
        scope=scope,
        statements=tuple(statements),
        lowered=tuple(lowered),
        lowering=lowering,
        kinds=kinds,
        arguments=tuple(flow.arguments),
        results=tuple(flow.results),
        stored=stored,
        forgets=tuple(flow.forgets),
        must_run=tuple(flow.must_run),
        late=late,
        casts=tuple(arithmetic.casts),
        zero_checks=checks or (),
        domain_checks=domain_checks(
            module,
            lowered,
            lambda node: infer(node, kinds, lowering.call_kind),
            lambda node: qualified(node, module, scope, lowering.function_of(node)),
        ),
        index_checks=index_checks(Region(lowering, statements, whole, kinds)) if checks_indices else (),
        python_division=checks is None,
        exact=arithmetic.exact,
        arrays=frozenset(lowering.tables),
        guards=tuple(
            condensed(
                {use.guard for use in lowering.uses.values() if use.guard}
                | inherited
                | lowering.conditions
                | set(distinct_owners(flow.results, lowering))
            )
        ),
        initial=tuple((name, INITIAL[base]) for name, base in initial.items() if base in INITIAL),
        type_guards=tuple(_type_guards(statements[0], lowered, kinds, flow, lowering, callees)),
        restores=is_caught and any(_raises_in((*statements, *called))),
    )


def _late(
    statements: Block, lowered: Block, flow: Flow, kinds: Mapping[str, Kind], lowering: Lowering
) -> dict[str, Late]:
    """The conditions under which loops bind results; a loop of which none can be told must run."""
    found: dict[str, Late] = {}
    for name, loop in flow.late.items():
        original = next(part for part in statements if part.lineno == loop.lineno)
        assert isinstance(original, ast.For)
        runs = list(loop_runs(original.iter))
        if ALWAYS in runs:
            continue
        names, at = reads(original.iter), statements.index(original)
        is_new = any(names & writes(part) for part in (*statements[:at], *lowered[:at]))
        if not ("" in runs or is_new or kinds.get(name, UNKNOWN).base not in INITIAL):
            is_changed = any(names & writes(part) for part in (*statements, *lowered))
            found[name] = Late(" and ".join(runs), is_changed)
        elif isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func) == "range":
            flow.must_run.append(loop)
        else:
            lowering.problem(loop, f"`{name}` is needed afterwards, and whether the loop runs is not known")
    return found


def _type_guards(
    first: ast.stmt,
    lowered: Sequence[ast.stmt],
    kinds: Mapping[str, Kind],
    flow: Flow,
    lowering: Lowering,
    callees: Callees,
) -> Iterator[TypeGuard]:
    bodies = [lowered, *(body_of(callee.node) for callee in callees.built.values())]
    assigned = frozenset[str]().union(*(writes(part) for part in lowered))
    passed = {name: kinds.get(name, UNKNOWN) for name in flow.arguments}
    exact = (frozenset(flow.results) | names_printed(lowered)) & frozenset(flow.arguments)
    proved = Proved(callees.observed.provable, lowering.module, lowering.scope, first)
    return type_guards(passed, lowering.sources, strict_numbers(bodies, assigned, passed), exact, proved)


def _is_multiline_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno != node.end_lineno


def _functions_called(lowering: Lowering, callees: Callees) -> Iterator[ast.AST]:
    """The user's functions that statements call, however deep."""
    wanted, known = [use.name for use in lowering.uses.values()], set[str]()
    while wanted:
        name = wanted.pop()
        for callee in callees.built.values():
            if callee.name == name and name not in known:
                known.add(name)
                wanted += [use.name for use in callee.lowering.uses.values()]
                yield callee.node


def _raise_problems(
    module: Module,
    scope: Scope,
    statements: Sequence[ast.stmt],
    called: Sequence[ast.AST],
    results: Sequence[str],
    lowering: Lowering,
) -> list[Problem]:
    """An exception drops a kernel's results: sound only where nobody can look at them afterwards."""
    if named := caught_around(module, statements[0]):
        return [
            Problem(statements[0].lineno, f"{named} is caught around it, which compiled code may not raise")
        ]
    raises = [*_raises_in((*statements, *called))]
    if not raises:
        return []
    told = [node for node in raises if isinstance(node, ast.Raise) and not has_fixed_text(node)]
    if any(
        handler.name and _catches(handler, told)
        for node in module.nodes
        if isinstance(node, ast.Try)
        for handler in node.handlers
    ):
        return [Problem(told[0].lineno, "raise with a text made of values, seen where it is caught")]
    caught = any(
        isinstance(above, ast.Try) and _may_catch(above, raises) for above in module.ancestors(statements[0])
    )
    outlives = [name for name in results if name in lowering.sources or scope.resolve(name) is not scope]
    streams = (OF_PYTHON.split("{}")[0], SPARE_OF_NUMPY.split("{}")[0], SPARE_OF_PYTHON.split("{}")[0])
    outlives += [name for name, text in lowering.sources.items() if text.startswith(streams)]
    if not caught and (scope.is_module or not outlives):
        return []
    return [Problem(raises[0].lineno, "raise, where the values of that moment can be seen afterwards")]


def _raises_in(parts: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    for part in parts:
        yield from (node for node in ast.walk(part) if isinstance(node, ast.Raise | ast.Assert))


def _may_catch(node: ast.Try, raises: Sequence[ast.stmt]) -> bool:
    """Could a handler, or what is done in the end, look at what a raise left behind?"""
    return bool(node.finalbody) or any(_catches(handler, raises) for handler in node.handlers)


def _catches(handler: ast.ExceptHandler, raises: Sequence[ast.stmt]) -> bool:
    unrelated = frozenset(("KeyboardInterrupt", "SystemExit", "ImportError", "OSError", "FileNotFoundError"))
    names_raised = {raised(statement) for statement in raises}
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {part.id if isinstance(part, ast.Name) else "" for part in types}
    return bool(names_raised) and (not names <= unrelated or "" in names_raised)


def _argument_problems(
    names: Sequence[str], kinds: dict[str, Kind], lowering: Lowering, line: int
) -> list[Problem]:
    problems: list[Problem] = []
    for name in names:
        source, kind = lowering.sources.get(name, name), kinds[name]
        if kind == UNKNOWN:
            why = "has several types" if name in lowering.seen else "was not seen while the script ran"
            advice = "let it have one type all the time: 0.0, not 0" if name in lowering.seen else ""
            problems.append(Problem(line, f"`{source}` {why}", advice))
        elif not kind.is_value or kind.base == "str":
            what = {
                "small": "a small integer",
                "str": "text",
                "function": "a function",
                "object": "an object",
                "module": "a module",
            }
            problems.append(
                Problem(line, f"`{source}` is {what.get(kind.base, kind.base)}, not a number or an array")
            )
    return problems
