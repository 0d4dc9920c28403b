"""Does what can be compared depend on what the script computes?

A grid, a step size and a loop counter agree in a wrong version too. If the solution itself cannot be
seen, because it lives in an object or a file that is not understood, nothing is proven.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.guest.functions import last_name
from pdeperf.guest.perturb import SOLVERS
from pdeperf.guest.stopping import SOLVER_DEFAULTS
from pdeperf.judge import Capture, Noise
from pdeperf.judge.values import function_of, plain_name
from pdeperf.model import Difference

LIBRARIES = frozenset({"numpy", "scipy", "math", "cmath", "matplotlib", "time", "sys", "os", "itertools"})
LIBRARY_SOLVERS = SOLVERS | SOLVER_DEFAULTS.keys() | {"lu_solve", "cho_solve", "cho_solve_banded"}
_OPERATORS = frozenset({"inv", "splu", "spilu", "factorized", "lu_factor", "cho_factor"})
_PLAIN = frozenset(dir(builtins))


def inert_globals(source: str) -> frozenset[str]:
    """Which global names of a script are settled before its loops: sizes, steps, grids, loop counters?

    A name counts as computed if it is assigned or stored into within a loop or a function, handed to
    a function of the user's, solved for by a library, or made from such a name.
    """
    tree = ast.parse(source)
    libraries = _library_names(tree)
    readers = _readers(tree)
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    computed: set[str] = set()
    settled: list[tuple[set[str], set[str]]] = []
    for node, repeated in _statements(tree.body, repeated=False):
        for call in (inner for inner in _own_nodes(node) if isinstance(inner, ast.Call)):
            if last_name(call.func) in LIBRARY_SOLVERS and not _is_operator(call, node):
                computed |= _stored(node)
            if (root := _root(call.func)) not in libraries:
                computed |= {root} | _stored(node)
                if root not in readers:
                    computed |= {name for argument in call.args for name in _names(argument)}
        if isinstance(node, ast.Global):
            computed |= set(node.names)
        elif repeated:
            computed |= _stored(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            settled.append((_stored(node), _names(node.value)))
    while grown := [made for made, of in settled if of & computed and not made <= computed]:
        for made in grown:
            computed |= made
    return frozenset(bound - computed)


def _is_operator(call: ast.Call, statement: ast.stmt) -> bool:
    """Does a statement only keep an inverse or factors, and no solution yet?"""
    return last_name(call.func) in _OPERATORS and getattr(statement, "value", None) is call


def _bound(tree: ast.AST) -> set[str]:
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _readers(tree: ast.Module) -> frozenset[str]:
    """Which functions of the script only read what they are given?"""
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not _writes_arguments(node)
    )


def _writes_arguments(function: ast.FunctionDef) -> bool:
    given = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and _stored(node) & given:
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _root(node.func) in given:
            return True
    return False


def _library_names(tree: ast.Module) -> frozenset[str]:
    names = set(_PLAIN)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [(alias.name, alias.asname) for alias in node.names]
            names |= {asname or name.partition(".")[0] for name, asname in found if _is_library(name)}
        elif isinstance(node, ast.ImportFrom) and _is_library(node.module or ""):
            names |= {alias.asname or alias.name for alias in node.names}
    return frozenset(names)


def _is_library(module: str) -> bool:
    return module.partition(".")[0] in LIBRARIES


def _statements(body: Sequence[ast.stmt], *, repeated: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Each statement, and whether it stands in a loop or a function."""
    for node in body:
        yield node, repeated
        inside = repeated or isinstance(node, ast.For | ast.While | ast.FunctionDef | ast.ClassDef)
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, field, ()), repeated=inside)
        for handler in getattr(node, "handlers", ()):
            yield from _statements(handler.body, repeated=inside)


def _own_nodes(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without the statements inside it."""
    pending: list[ast.AST] = [node]
    while pending:
        inner = pending.pop()
        yield inner
        children = ast.iter_child_nodes(inner)
        pending.extend(child for child in children if not isinstance(child, ast.stmt | ast.ExceptHandler))


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _stored(node: ast.stmt) -> set[str]:
    """The names that an assignment binds or stores into."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    else:
        return set()
    parts = [
        part
        for target in targets
        for part in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])
    ]
    return {_root(part) for part in parts} - {""}


def branch_text(files: Mapping[str, str], name: str) -> str:
    """When a branch is taken and what it does; the branch is given as ``solver.py:12``."""
    file, _, line = name.rpartition(":")
    return next((text for first, text in _branches(files.get(file, "")) if first == int(line)), "")


def branch_texts(files: Mapping[str, str]) -> frozenset[str]:
    """When every branch of a program is taken and what it does."""
    return frozenset(text for file in files if file.endswith(".py") for _, text in _branches(files[file]))


def _branches(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If):
            for when, block in (("if", node.body), ("if not", node.orelse)):
                if block:
                    lines = (f"{when} {ast.unparse(node.test)}:", *map(ast.unparse, block))
                    yield block[0].lineno, "\n".join(lines)


def solver_calls(files: Mapping[str, str]) -> Counter[str]:
    """How are equations solved by libraries: each such call as it is written?"""
    found: Counter[str] = Counter()
    for file, text in files.items():
        if not file.endswith(".py"):
            continue
        tree = ast.parse(text)
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := last_name(node.func)) in LIBRARY_SOLVERS - own:
                found[f"{name} {ast.unparse(node)}"] += 1
    return found


def is_shown(differences: Sequence[Difference], reference: Capture, inert: frozenset[str]) -> bool:
    """Is an array among what was compared that the script computes, and not only sizes and grids?

    Arrays of a function count where it is called again and again: what it holds once may be a grid.
    """
    return any(_is_field(one.observable, reference, inert) for one in differences)


def _is_field(name: str, reference: Capture, inert: frozenset[str]) -> bool:
    values = reference.observables[name].values
    if values.size <= 1 or values.dtype.kind not in "fc" or plain_name(name) in inert:
        return False
    function = function_of(name)
    return not function or reference.calls.get(function, 0) > 1


def responds(differences: Sequence[Difference], noise: Noise, inert: frozenset[str]) -> bool:
    """Does anything that was compared move when the arrays of the loops do?

    Where a script has no arrays to move, any number that its loops compute must do.
    """
    if noise.reached:
        moved = {name for name, spread in noise.spreads.items() if spread.linf > 0}
        return any(one.observable in moved and plain_name(one.observable) not in inert for one in differences)
    return any(one.observable not in inert for one in differences)
