"""Names whose values are nobody's result: loop counters, scratch arrays, what a function leaves behind.

A person who rewrites a script renames and drops them freely; holding a rewrite to them would reject right
ones. Nothing that is carried on, returned, shown or read later is among them.
"""

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence

from pdeperf.guest.functions import RETURN
from pdeperf.guest.turns import carried_names
from pdeperf.judge import Capture
from pdeperf.judge.values import function_of, plain_name

Function = ast.FunctionDef | ast.AsyncFunctionDef


def immaterial_names(
    files: Mapping[str, str], script: str, returning: Collection[str] = ()
) -> frozenset[str]:
    """Which observables need another way of writing not keep: ``i``, ``un``, ``step():tmp``?

    Parameters
    ----------
    returning
        Functions that are known by what they return, from :func:`returning_functions`: all that they do not
        take is their own.
    """
    found: set[str] = set()
    for file, text in files.items():
        if not file.endswith(".py"):
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        prefix = "" if file == script else file.removesuffix(".py").replace("/", ".") + "."
        found |= {f"{prefix}{name}" for name in _counters(tree.body) | _scratch(tree.body)}
        for scope, function in _functions(tree, prefix):
            own = _own_names(function) if scope in returning else _left_behind(function)
            found |= {f"{scope}():{name}" for name in own}
    return frozenset(found)


def returning_functions(capture: Capture) -> frozenset[str]:
    """Of which functions was seen what they return, call by call?

    What a function holds that is called once may be the result itself.
    """
    return frozenset(
        function
        for name in capture.observables
        if (function := function_of(name))
        and capture.calls.get(function, 0) > 1
        and plain_name(name).startswith(f"{function}():{RETURN}")
    )


def input_names(files: Mapping[str, str], script: str) -> Mapping[str, frozenset[str]]:
    """Which parameters does each function only read? By them two versions' calls are known to be the same."""
    return {
        scope: frozenset(_given(function) - _changed(function.body))
        for scope, function in _every_function(files, script)
    }


def replaced_names(files: Mapping[str, str], script: str) -> Mapping[str, frozenset[str]]:
    """For which parameters does each function put a copy of its own: ``d = d.copy()``?"""
    return {scope: frozenset(_replaced(function)) for scope, function in _every_function(files, script)}


def rebound_names(files: Mapping[str, str], script: str) -> Mapping[str, frozenset[str]]:
    """Which parameters does each function use as names for something else: ``f = np.pad(f, 1)``?"""
    return {
        scope: frozenset(_given(function) & _bound(function.body))
        for scope, function in _every_function(files, script)
    }


def untouched_names(files: Mapping[str, str], script: str) -> Mapping[str, frozenset[str]]:
    """Which parameters does each function leave alone itself, whatever its callees do?"""
    return {
        scope: frozenset(_given(function) - _assigned(function.body))
        for scope, function in _every_function(files, script)
    }


def _every_function(files: Mapping[str, str], script: str) -> Iterator[tuple[str, Function]]:
    for file, text in files.items():
        if not file.endswith(".py"):
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        prefix = "" if file == script else file.removesuffix(".py").replace("/", ".") + "."
        yield from _functions(tree, prefix)


def _given(function: Function) -> set[str]:
    return {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}


def _bound(body: Sequence[ast.stmt]) -> set[str]:
    targets = (target for node in _own(body) if isinstance(node, ast.Assign) for target in node.targets)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _assigned(body: Sequence[ast.stmt]) -> set[str]:
    """Names that these statements bind or store into."""
    found: set[str] = set()
    for node in _own(body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found |= {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
    return found


def _changed(body: Sequence[ast.stmt]) -> set[str]:
    """Names that these statements bind, store into, or hand on to where they may be stored into."""
    found = _assigned(body)
    for node in _own(body):
        if isinstance(node, ast.Call) and not _only_reads(node.func):
            found |= {one.id for part in node.args for one in ast.walk(part) if isinstance(one, ast.Name)}
    return found


def _only_reads(function: ast.expr) -> bool:
    """Is this one of Python's own functions, ``len``, ``range``?"""
    return isinstance(function, ast.Name) and hasattr(builtins, function.id) and function.id != "setattr"


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _own(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of these statements, without those of functions and classes defined there."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        yield node
        pending.extend(ast.iter_child_nodes(node))


def _counters(body: Sequence[ast.stmt]) -> set[str]:
    """Names that are bound by loops over ranges and nothing else."""
    loops: set[str] = set()
    others: set[str] = set()
    headers: set[int] = set()
    for node in _own(body):
        if isinstance(node, ast.For):
            names = [inner for inner in ast.walk(node.target) if isinstance(inner, ast.Name)]
            headers |= {id(inner) for inner in names}
            loops |= {inner.id for inner in names}
    for node in _own(body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in headers:
            others.add(node.id)
    return loops - others


def _scratch(body: Sequence[ast.stmt]) -> set[str]:
    """Names that each turn of a loop fills anew and reads, and that nothing reads after it."""
    found: set[str] = set()
    for position, node in enumerate(body):
        if isinstance(node, ast.If | ast.With | ast.Try):
            found |= _scratch(node.body)
        if not isinstance(node, ast.For | ast.While):
            continue
        inside = list(_own([node]))
        stored = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        read = {one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        later = {
            one.id
            for statement in body[position + 1 :]
            for one in ast.walk(statement)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        }
        found |= (stored & read) - carried_names(node) - later
    functions = (node for statement in body for node in ast.walk(statement) if isinstance(node, Function))
    read_in_functions = {
        one.id for function in functions for one in ast.walk(function) if isinstance(one, ast.Name)
    }
    return found - read_in_functions


def _handed_out(value: ast.expr) -> set[str]:
    """Names that are returned as they are: of ``q / h`` another way of writing it knows nothing."""
    if isinstance(value, ast.Tuple | ast.List):
        return {name for part in value.elts for name in _handed_out(part)}
    if isinstance(value, ast.Dict):
        return {name for part in value.values for name in _handed_out(part)}
    return {value.id} if isinstance(value, ast.Name) else set()


def _replaced(function: Function) -> set[str]:
    """Parameters bound anew before anything could be stored into what was given: ``d = d.copy()``."""
    found: set[str] = set()
    touched: set[str] = set()
    for statement in function.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and _is_copy(statement.value):
            found |= {name.id for name in statement.targets if isinstance(name, ast.Name)} - touched
        touched |= _changed([statement])
    return found & _given(function)


def _is_copy(value: ast.expr) -> bool:
    """Is this a new list or array: a copy, a whole slice of a list, arithmetic?"""
    if isinstance(value, ast.Subscript):
        part = value.slice
        return isinstance(part, ast.Slice) and part.lower is None and part.upper is None and part.step is None
    if isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return name in ("copy", "deepcopy", "list", "array", "tolist", "astype")
    return isinstance(value, ast.BinOp | ast.ListComp)


def _own_names(function: Function) -> set[str]:
    """Locals of a function that were not given to it."""
    own = (node for node in _own(function.body) if isinstance(node, ast.Name))
    bound = {node.id for node in own if isinstance(node.ctx, ast.Store)}
    return bound - (_given(function) - _replaced(function))


def _left_behind(function: Function) -> set[str]:
    """Locals of a function that it neither takes nor gives: they end with it."""
    given = _given(function) - _replaced(function)
    bound: set[str] = set()
    kept: set[str] = set()
    carried: set[str] = set()
    returned: set[str] = set()
    for node in _own(function.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        if isinstance(node, ast.For | ast.While):
            carried |= carried_names(node)
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            kept |= _handed_out(node.value)
            returned |= {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
    if not returned and any(isinstance(node, ast.For | ast.While) for node in function.body):
        # A main program that returns nothing: what its loops carry on is its result.
        return _counters(function.body) | _scratch(function.body)
    return bound - given - kept - (carried & returned)
