"""Conditions on sizes as a user would write them: few, and whole shapes where all sizes agree."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pdeperf.arrays.sizes import roots
from pdeperf.source import Module
from pdeperf.source.scopes import home_of

_AT_LEAST = re.compile(r"([\w.\[\]]+)(?: \+ (\d+))? >= ([\w.\[\]]+)")
_SAME_SIZE = re.compile(r"([\w.]+)\.shape\[(\d+)\] == ([\w.]+)\.shape\[(\d+)\]")


def whole_shapes(checks: Sequence[str], ranks: Mapping[str, int]) -> Iterator[str]:
    """Conditions on sizes, those on all sizes of two arrays as one: ``u.shape == v.shape``."""
    checks = _needed(checks)
    sides: dict[tuple[str, str], set[int]] = {}
    for check in checks:
        if (found := _SAME_SIZE.fullmatch(check)) is not None and found[2] == found[4]:
            sides.setdefault((found[1], found[3]), set()).add(int(found[2]))
    whole = {
        pair for pair, axes in sides.items() if len(axes) == ranks.get(pair[0], 0) == ranks.get(pair[1], 0)
    }
    for check in checks:
        found = _SAME_SIZE.fullmatch(check)
        if found is None or found[2] != found[4] or (found[1], found[3]) not in whole:
            yield check
        elif found[2] == "0":
            yield f"{found[1]}.shape == {found[3]}.shape"


def _needed(checks: Sequence[str]) -> list[str]:
    """Conditions without those that others imply: ``a + 1 >= n`` beside ``a >= n`` or ``a == n``."""
    tightest: dict[tuple[str, str], int] = {}
    for check in checks:
        if (found := _AT_LEAST.fullmatch(check)) is not None:
            pair = found[1], found[3]
            tightest[pair] = min(tightest.get(pair, 1 << 60), int(found[2] or 0))
    equal = {check for check in checks if " == " in check}
    kept: list[str] = []
    for check in checks:
        found = _AT_LEAST.fullmatch(check)
        if found is not None:
            one, least, other = found.groups()
            is_implied = tightest[one, other] != int(least or 0)
            if is_implied or equal & {f"{one} == {other}", f"{other} == {one}"}:
                continue
        kept.append(check)
    return kept


def first_made(paths: Iterable[str], module: Module, at: ast.stmt | None = None) -> frozenset[str]:
    """Attributes among some that no ``__init__`` makes, or only as None: a step may be the first to.

    In an ``__init__`` itself, at a statement of it, those that are not made before that statement.
    """
    home = home_of(module, at) if at is not None else None
    if at is not None and isinstance(home, ast.FunctionDef) and home.name == "__init__":
        there = frozenset(_made_in(each for each in home.body if each.lineno < at.lineno))
    else:
        there = module.once(_made_by_init, module.tree)
    return frozenset(path for path in paths if "." in path and path.rpartition(".")[2] not in there)


def _made_by_init(tree: ast.Module) -> frozenset[str]:
    functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
    return frozenset(name for each in functions if each.name == "__init__" for name in _made_in(each.body))


def _made_in(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Attributes that statements bind to something."""
    for node in (inner for each in statements for inner in ast.walk(each)):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for part in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for target, value in _pairs(part, node.value):
                if _is_something(value):
                    yield from (each.attr for each in ast.walk(target) if isinstance(each, ast.Attribute))


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            yield from zip(targets, values, strict=True)
        case _:
            yield target, value


def _is_something(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def if_there(check: str, made: frozenset[str]) -> str:
    """A condition on attributes, for as soon as they are there."""
    missing = sorted(roots(check) & made)
    if not missing:
        return check
    owners = (path.rpartition(".") for path in missing)
    absent = (f'getattr({owner}, "{name}", None) is None' for owner, _, name in owners)
    return f"({' or '.join(absent)} or {check})"
