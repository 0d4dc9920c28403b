"""What the names of a generator become where its loops stand in place of a ``for``."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.generators import Generator
from pdeperf.source import Module
from pdeperf.source.edits import segment
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, Scope, local_names, scope_of


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of a generator are where its loops stand.

    Attributes
    ----------
    texts
        By the generator's name for it.
    before
        Lines that bind parameters.
    same
        Names of the loop that the generator's own stand for already.
    """

    texts: Mapping[str, str]
    before: tuple[str, ...]
    same: frozenset[str]


def names_in_place(one: Generator, module: Module) -> Names | None:
    """New names for all that a generator binds; None where a name would stand for two things."""
    here = scope_of(module, one.loop)
    own = local_names(one.function)
    stored = frozenset[str]().union(*map(writes, one.body))
    bound = frozenset(_stored_in_loop(one.loop))
    same = _same_names(one, here, module, stored)
    free = {
        node.id
        for part in one.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and node.id not in own
    }
    texts: dict[str, str] = dict(same)
    kept: set[str] = set()
    taken = {node.id for node in ast.walk(here.node) if isinstance(node, ast.Name)} | free | {*here.binds}
    for name, value in one.given.items():
        is_number = isinstance(value, ast.Constant) and isinstance(value.value, int | float)
        is_name = isinstance(value, ast.Name) and value.id not in bound
        if name not in stored and (is_number or (is_name and _stays(ast.unparse(value), here, module))):
            texts[name] = ast.unparse(value)
            kept.add(name)
    substituted = {texts[name] for name in kept}
    if substituted & {*same.values()} or free & bound:
        return None
    for name in sorted(own - texts.keys()):
        fresh = name
        while fresh in taken:
            fresh = f"{one.function.name}_{name}" if fresh == name else f"{fresh}_"
        texts[name] = fresh
        taken.add(fresh)
    given = ((name, value) for name, value in one.given.items() if name not in kept)
    before = (f"{texts[name]} = {one_line(value, module)}" for name, value in given)
    return Names(texts, tuple(before), frozenset(same.values()))


def one_line(value: ast.expr, module: Module) -> str:
    return segment(module, value) if value.lineno == value.end_lineno else ast.unparse(value)


def _stored_in_loop(loop: ast.For) -> Iterator[str]:
    for part in (loop.target, *loop.body):
        yield from writes(part) if isinstance(part, ast.stmt) else ()
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id


def _stays(name: str, here: Scope, module: Module) -> bool:
    """Does nothing but the scope itself bind a variable?"""
    owner = here.resolve(name)
    if owner is None or owner.node is not here.node:
        return False
    return not any(name in node.names for node in module.nodes if isinstance(node, ast.Global | ast.Nonlocal))


def _same_names(one: Generator, here: Scope, module: Module, stored: frozenset[str]) -> Mapping[str, str]:
    """Names of the generator that the loop's own can be: counters that are yielded as they are."""
    found: dict[str, str] = {}
    for number, statement in enumerate(one.yields):
        assert isinstance(statement.value, ast.Yield)
        pairs = dict(_pairs(one.loop.target, statement.value.value))
        if number == 0:
            found = pairs
        else:
            found = {name: target for name, target in found.items() if pairs.get(name) == target}
    changed = frozenset[str]().union(*map(writes, one.loop.body))
    return {
        name: target
        for name, target in found.items()
        if name in stored
        and name not in one.given
        and target not in changed
        and [*found.values()].count(target) == 1
        and _only_counts(name, one, module)
        and _is_of_loop(target, one.loop, here, module)
    }


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, str]]:
    match target, value:
        case ast.Name(id=bound), ast.Name(id=name):
            yield name, bound
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for part, source in zip(targets, values, strict=True):
                yield from _pairs(part, source)


def _only_counts(name: str, one: Generator, module: Module) -> bool:
    """Do loops alone bind a name, each of which yields in every turn?"""
    for part in one.body:
        for node in ast.walk(part):
            if not (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)):
                continue
            loop = module.parents[node]
            loop = module.parents[loop] if isinstance(loop, ast.Tuple) else loop
            if not isinstance(loop, ast.For) or not _always_yields(loop.body):
                return False
    return all(any(isinstance(above, ast.For) for above in _above(one, each, module)) for each in one.yields)


def _always_yields(block: Sequence[ast.stmt]) -> bool:
    for part in block:
        match part:
            case ast.Expr(value=ast.Yield()):
                return True
            case ast.For(body=body) if _always_yields(body):
                return True
            case ast.If(body=body, orelse=orelse) if _always_yields(body) and _always_yields(orelse):
                return True
            case ast.If() | ast.While() if any(
                isinstance(node, ast.Break | ast.Continue | ast.Return) for node in ast.walk(part)
            ):
                return False
    return False


def _above(one: Generator, node: ast.AST, module: Module) -> Iterator[ast.AST]:
    for above in module.ancestors(node):
        if above is one.function:
            return
        yield above


def _is_of_loop(name: str, loop: ast.For, here: Scope, module: Module) -> bool:
    """Is a variable read in the loops alone that bind it, and by no function?"""
    owner = here.resolve(name)
    if owner is None or owner.node is not here.node:
        return False
    for node in ast.walk(here.node):
        if not (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)):
            continue
        is_bound = False
        for above in module.ancestors(node):
            if above is here.node or isinstance(above, FUNCTIONS):
                break
            if isinstance(above, ast.For) and node is not above.iter:
                targets = {part.id for part in ast.walk(above.target) if isinstance(part, ast.Name)}
                is_bound = is_bound or (name in targets and not _is_in(node, above.iter, above.orelse))
            if isinstance(above, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
                is_bound = is_bound or any(
                    isinstance(part, ast.Name) and part.id == name
                    for each in above.generators
                    for part in ast.walk(each.target)
                )
        if not is_bound:
            return False
    return True


def _is_in(node: ast.AST, source: ast.expr, orelse: Sequence[ast.stmt]) -> bool:
    return any(part is node for whole in (source, *orelse) for part in ast.walk(whole))
