"""May the iterations of a loop run in any order, or at the same time?"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations_with_replacement

import islpy as isl

from pdeperf.kernel import surroundings
from pdeperf.kernel.affine import Frame
from pdeperf.kernel.aliases import shared_memory
from pdeperf.kernel.iterations import Walker
from pdeperf.kernel.reductions import extrema, is_reduction
from pdeperf.kernel.values import Access, Resolve, UnliftableError
from pdeperf.source.flow import liveness, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters
from pdeperf.source.walking import nodes_in


class Answer(StrEnum):
    """What could be shown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallelism:
    """Whether a loop's iterations are independent, and what that rests on.

    Attributes
    ----------
    reason
        What stands in the way, with names and lines; empty for YES.
    reductions
        Scalars that the loop accumulates; their sums are re-associated when run in parallel.
    branches
        Those reductions that are written ``if x > m: m = x``. Under prange Numba races on them:
        they must become ``m = max(m, x)``.
    private
        Scalars that each iteration sets before it reads them.
    distinct
        Pairs of arrays that must not share memory, to be checked where the function is entered.
    """

    answer: Answer
    reason: str = ""
    reductions: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    distinct: tuple[tuple[str, str], ...] = ()


def parallelism(
    loop: ast.For,
    function: ast.FunctionDef,
    arrays: Mapping[str, int],
    callees: Mapping[str, ast.FunctionDef],
    *,
    constants: Mapping[str, int] | None = None,
    scalars: frozenset[str] = frozenset(),
    resolve: Resolve = surroundings.conventional,
    rewrites_branches: bool = False,
) -> Parallelism:
    """Say whether the iterations of a loop may run in any order.

    YES is a proof, under what numerical code takes for granted: subscripts are within bounds and
    integers do not overflow.

    Parameters
    ----------
    loop
        A ``for`` over ``range`` somewhere in ``function``.
    function
        A function that Numba could compile.
    arrays
        Number of dimensions of the arrays by name; those left out are inferred from their subscripts.
    callees
        Functions that the loop may call, by the name they are called by.
    constants
        Integers that module-level names are known to hold.
    scalars
        Parameters that are known to be numbers; of others, arrays could be updated in place by ``s += x``.
    resolve
        Full dotted name of an imported or builtin thing, empty for anything else.
    rewrites_branches
        Will the caller rewrite what comes back in ``branches``? Otherwise such loops are refused.
    """
    carried = reach(loop.body, header_names(loop)).exposed & writes(loop)
    reductions = frozenset(name for name in carried if is_reduction(loop, name, resolve))
    branches = frozenset(found.name for found in extrema(loop, resolve)) & carried - reductions
    if rewrites_branches:
        reductions |= branches
    private = writes(loop) - reductions
    numbers = scalars | _started_as_numbers(function)
    reductions &= numbers
    obstacle = (
        leaves(loop)
        or carries(loop, carried - reductions)
        or escapes(loop, function, private)
        or writes_alike(loop)
    )
    if obstacle:
        return Parallelism(answer=Answer.NO, reason=obstacle)
    try:
        around = surroundings.read(loop, function, arrays, constants or {}, resolve)
        walker = walk(loop, around, reductions, callees, resolve, scalars)
        conflict = next(_conflicts(walker.accesses), None)
    except UnliftableError as problem:
        return Parallelism(answer=Answer.UNKNOWN, reason=str(problem))
    except isl.Error:
        return Parallelism(
            answer=Answer.UNKNOWN, reason=f"the indices are too complicated (line {loop.lineno})"
        )
    if conflict is not None:
        return conflict
    distinct: set[tuple[str, str]] = set()
    memory = shared_memory(function, resolve, callees)
    for one, other in neighbours(walker.accesses):
        pairs = memory.apart(one, other)
        if pairs is None:
            reason = f"{one} and {other} may share memory (line {loop.lineno})"
            return Parallelism(answer=Answer.UNKNOWN, reason=reason)
        distinct.update(pairs)
    return Parallelism(
        answer=Answer.YES,
        reductions=tuple(sorted(reductions)),
        branches=tuple(sorted(branches)),
        private=tuple(sorted(private - header_names(loop))),
        distinct=tuple(sorted(distinct)),
    )


def header_names(loop: ast.For) -> frozenset[str]:
    """Names that the loop's header itself sets in each iteration."""
    return frozenset(node.id for node in nodes_in(loop.target) if isinstance(node, ast.Name))


@lru_cache(maxsize=64)
def _started_as_numbers(function: ast.FunctionDef) -> frozenset[str]:
    """Names that start as a literal, and so are numbers: accumulators."""
    entry = frozenset(parameters(function))
    return (
        frozenset(
            node.targets[0].id
            for node in own_nodes(function)
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and _is_literal(node.value)
        )
        - entry
        - _starts_otherwise(function)
    )


def _starts_otherwise(function: ast.FunctionDef) -> frozenset[str]:
    """Names that are also bound to something else than a literal or their own accumulation."""
    # Of ``if x > m: m = x``, what is asked before the assignment: an array could not be compared so.
    branches = {
        id(node.body[0]): reads(node.test)
        for node in own_nodes(function)
        if isinstance(node, ast.If) and len(node.body) == 1
    }
    found: set[str] = set()
    for node in own_nodes(function):
        if not isinstance(node, ast.Assign) or _is_literal(node.value):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in reads(node.value):
                continue  # s = s + x: what it was before decides
            if isinstance(target, ast.Name) and target.id in branches.get(id(node), frozenset()):
                continue
            found.update(inner.id for inner in nodes_in(target) if isinstance(inner, ast.Name))
    return frozenset(found)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_literal(node.operand)
    if isinstance(node, ast.Call):  # float("inf")
        return len(node.args) == 1 and _is_literal(node.args[0])
    if isinstance(node, ast.Attribute):
        return node.attr in ("inf", "nan", "pi")
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float | str)


def leaves(loop: ast.For) -> str:
    """Why some iterations may never run."""
    for node in _of_this_loop(loop.body):
        if isinstance(node, ast.Break):
            return f"`break` ends the loop early (line {node.lineno})"
    for inner in nodes_in(loop):
        if isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom):
            return f"the function may return from within the loop (line {inner.lineno})"
    return ""


def writes_alike(loop: ast.For) -> str:
    """What every iteration writes to, as none of them asks which one it is."""
    counters = header_names(loop)
    inside = [node for part in loop.body for node in nodes_in(part)]
    if any(isinstance(node, ast.Name) and node.id in counters for node in inside):
        return ""
    own = writes(loop)
    for node in inside:
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()) if name not in own:
                return f"`{ast.unparse(node)}` is written by every iteration (line {node.lineno})"
    return ""


def _of_this_loop(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements whose `break` would leave this loop, not an inner one."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.For | ast.While):
            yield from _of_this_loop(statement.orelse)
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _of_this_loop(getattr(statement, block, []))
        for part in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
            yield from _of_this_loop(part.body)


def carries(loop: ast.For, names: frozenset[str]) -> str:
    """Which scalars one iteration takes over from another."""
    if not names:
        return ""
    name = min(names)
    line = next(
        (node.lineno for node in nodes_in(loop) if isinstance(node, ast.Name) and node.id == name),
        loop.lineno,
    )
    return f"`{name}` is carried from one iteration to the next (line {line})"


def escapes(loop: ast.For, function: ast.FunctionDef, private: frozenset[str]) -> str:
    """Which scalars keep the last iteration's value for later."""
    captured = _captured(function)
    live = private & _live_after_each(function).get(id(loop), captured)
    return f"`{min(live)}` is used after the loop (line {loop.lineno})" if live else ""


@lru_cache(maxsize=64)
def _captured(function: ast.FunctionDef) -> frozenset[str]:
    """Names that others than a function's own statements may read."""
    nested = [node for node in own_nodes(function) if isinstance(node, (*FUNCTIONS, ast.ClassDef))]
    shared = [
        name
        for node in own_nodes(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    ]
    return frozenset[str]().union(frozenset(shared), *(reads(node) for node in nested))


@lru_cache(maxsize=64)
def _live_after_each(function: ast.FunctionDef) -> Mapping[int, frozenset[str]]:
    """Names that may be read after each statement, by the statements' identities."""
    return liveness(function, always=_captured(function))


def walk(
    loop: ast.For,
    around: surroundings.Surroundings,
    reductions: frozenset[str],
    callees: Mapping[str, ast.FunctionDef],
    resolve: Resolve,
    scalars: frozenset[str],
    *,
    kept: int = 1,
) -> Walker:
    """What a loop touches, told apart by its own variable and those of ``kept - 1`` loops inside it."""
    frame = Frame(around.parameters)
    walker = Walker(
        frame=frame,
        arrays=around.arrays,
        stated=around.stated,
        integers=around.integers,
        scalars=scalars | around.integers,
        callees=callees,
        resolve=resolve,
        domain=frame.everywhere(1),
        fixed=around.fixed,
        constants=around.constants,
        kept=kept,
    )
    surroundings.assume(walker, around)
    walker.begin(loop, reductions)
    return walker


def _conflicts(accesses: list[Access]) -> Iterator[Parallelism]:
    """Elements that two iterations touch, one of them writing; a certain conflict comes first."""
    unsure: list[Parallelism] = []
    for one, other in combinations_with_replacement(accesses, 2):
        if one.array != other.array or not (one.writes or other.writes):
            continue
        met = one.elements.apply_range(other.elements.reverse())
        if met.subtract(isl.Map.identity(met.get_space())).is_empty():
            continue
        if one.exact and other.exact:
            yield Parallelism(answer=Answer.NO, reason=_sentence(one, other))
            continue
        vague = other if one.exact else one
        reason = f"which elements `{vague.text}` touches cannot be told (line {vague.line})"
        unsure.append(Parallelism(answer=Answer.UNKNOWN, reason=reason))
    yield from unsure


def _sentence(one: Access, other: Access) -> str:
    writer, peer = (one, other) if one.writes else (other, one)
    if peer is writer or (peer.text == writer.text and peer.writes):
        return f"`{writer.text}` may be written by two iterations (line {writer.line})"
    verb = "written" if peer.writes else "read"
    return (
        f"`{writer.text}` written by one iteration (line {writer.line}) "
        f"is {verb} by another as `{peer.text}` (line {peer.line})"
    )


def neighbours(accesses: list[Access]) -> Iterator[tuple[str, str]]:
    """Pairs of array names of which one is written."""
    written = {access.array for access in accesses if access.writes}
    touched = {access.array for access in accesses}
    for one in sorted(written):
        for other in sorted(touched):
            if one != other and not (other in written and other < one):
                yield one, other
