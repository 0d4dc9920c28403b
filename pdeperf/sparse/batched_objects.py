"""Objects and dicts that a loop goes over: what their attributes and items are for all of them at once."""

import ast
import keyword
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, bound_names
from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_fields import has_always
from pdeperf.sparse.batched_gathered import gathered
from pdeperf.sparse.batched_statements import Statements
from pdeperf.sparse.batched_values import NotAtOnce, Objects, Value, made
from pdeperf.sparse.written import Additions

_NOT_OBJECTS = (
    "numpy.",
    "list",
    "tuple",
    "set",
    "str",
    "range",
    "frozenset",
    "NoneType",
    "scipy.",
    "builtins.",
)
_CONDITIONS = (ast.If, ast.IfExp, ast.BoolOp, ast.While, ast.Try)


def kind_of_objects(write: Expressions, text: str) -> str:
    """The class of the objects in a list, or ``dict``; empty if it holds anything else."""
    kinds = write.seen(f"{text}[]", "type")
    lists = write.seen(text, "type")
    is_list = bool(lists) and all(kind.startswith(("list", "tuple")) for kind in lists)
    return _kind(kinds) if is_list else ""


def counts_objects(write: Expressions, node: ast.expr) -> bool:
    """Is it the length of a list of objects?"""
    match node:
        case ast.Call(func=func, args=[ast.Name() | ast.Attribute() as held], keywords=[]):
            text = ast.unparse(held)
            is_own = text.partition(".")[0] in {*write.own, *write.names} or text in write.stored
            is_len = write.meaning.full(write.module, func) == "builtins.len"
            return is_len and not is_own and bool(kind_of_objects(write, text))
    return False


def _kind(kinds: frozenset[str]) -> str:
    """The one class of the user's, or ``dict``; empty for all else."""
    if len(kinds) != 1:
        return ""
    kind = next(iter(kinds))
    return kind if kind == "dict" or ("." in kind and not kind.startswith(_NOT_OBJECTS)) else ""


def _of_class(write: Expressions, key: str, name: str) -> Value | None:
    """What all objects find in their class, and none has for itself."""
    if not key.startswith(".") or not key[1:].isidentifier():
        return None
    nodes = [one for module in write.meaning.project.modules.values() for one in ast.walk(module.tree)]
    makers = [
        one
        for one in nodes
        if isinstance(one, ast.ClassDef)
        and any(
            isinstance(line, ast.Assign) and any(ast.unparse(target) == key[1:] for target in line.targets)
            for line in one.body
        )
    ]
    stored = any(
        isinstance(one, ast.Attribute) and f".{one.attr}" == key and not isinstance(one.ctx, ast.Load)
        for one in nodes
    )
    if len(makers) != 1 or stored or makers[0] not in write.module.tree.body:
        return None
    return write.observed_as(
        ast.Attribute(ast.Name(makers[0].name, ast.Load()), key[1:], ast.Load()), name + key
    )


def objects(
    block: Statements, added: Additions, held: ast.expr, name: str, body: Sequence[ast.stmt], kind: str
) -> Value:
    """What a name is that holds one of some objects in each turn; writes what gathers their attributes.

    Parameters
    ----------
    held
        The list of the objects.
    name
        What the body calls one of them.
    """
    write = block.write
    found = []
    one = "one" if name == "self" else name
    for key in dict.fromkeys(_read(write, name, body, kind)):
        attr = key.rpartition(".")[2].strip("[]'")
        if key.startswith(".") and (attr in write.meaning.functions or f"{name}{key}" in write.stored):
            continue
        if not _is_apart(write, key, f"{name}{key}"):
            continue
        items = f"[{one}{key} for {one} in {ast.unparse(held)}]"
        if (own := _of_class(write, key, name)) is not None:
            found.append((key, own))
            continue
        each = gathered(write, added, f"{name}{key}", items)
        if each is None and (inner := _kind(write.seen(f"{name}{key}", "type"))):
            each = Value(made(items), None, True, objects=Objects(inner))
        if each is not None:
            wish = attr if attr.isidentifier() else "items"
            several = f"{wish}_all" if keyword.iskeyword(f"{wish}s") else f"{wish}s"
            array = block.fresh(several if wish in block.taken else wish)
            block.line(f"{array} = {each.text}")
            found.append((key, each.named(array)))
    return Value(held, None, True, objects=Objects(kind, tuple(found)))


def _is_apart(write: Expressions, key: str, subject: str) -> bool:
    """Is an attribute no part of an array that the loop stores into: was it made anew for each object?"""
    if write.seen(subject, "type") != {"numpy.ndarray"}:
        return True
    if not write.stores_numbers:
        return True
    made_by = [
        (module, node.value)
        for module in write.meaning.project.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(one, ast.Attribute) and key.endswith(f".{one.attr}") for one in node.targets)
    ]
    return bool(made_by) and all(
        isinstance(value, ast.Call) and write.meaning.is_pure(module, value) for module, value in made_by
    )


def _read(write: Expressions, name: str, body: Sequence[ast.stmt], kind: str) -> Iterator[str]:
    """The attributes and items of a name, and the attributes of its objects, that all of them have."""
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(value=ast.Name(id=root), attr=attr, ctx=ast.Load()):
                    if _is_called(write.module, node):
                        continue
                    key = f".{attr}" if root != name else _path(write, name, node)
                case ast.Subscript(
                    value=ast.Name(id=root), slice=ast.Constant(value=str(item)), ctx=ast.Load()
                ):
                    key = f"[{item!r}]"
                case _:
                    continue
            if root == name and (
                not _is_on_condition(write.module, node, body)
                or (isinstance(node, ast.Attribute) and has_always(write.meaning, kind, key[1:]))
            ):
                yield key


def _path(write: Expressions, name: str, node: ast.Attribute) -> str:
    """``.material.E`` where ``e.material`` is an object, of which nothing but its ``E`` is read there."""
    path = f".{node.attr}"
    above = write.module.parents.get(node)
    while (
        isinstance(above, ast.Attribute)
        and isinstance(above.ctx, ast.Load)
        and above.attr not in write.meaning.functions
        and not _is_called(write.module, above)
        and _kind(write.seen(f"{name}{path}", "type"))
    ):
        path += f".{above.attr}"
        above = write.module.parents.get(above)
    return path


def _is_called(module: Module, node: ast.Attribute) -> bool:
    above = module.parents.get(node)
    return isinstance(above, ast.Call) and above.func is node


def _is_on_condition(module: Module, node: ast.AST, body: Sequence[ast.stmt]) -> bool:
    below = node
    for above in module.ancestors(node):
        if isinstance(above, _CONDITIONS) and below is not _always_read(above):
            return True
        if above in body:
            return False
        below = above
    return False


def _always_read(condition: ast.AST) -> ast.AST | None:
    """What is looked at in any case, before a condition tells what is done."""
    match condition:
        case ast.If(test=test) | ast.IfExp(test=test):
            return test
        case ast.BoolOp(values=[first, *_]):
            return first
    return None


def is_method_of(write: Expressions, function: ast.FunctionDef, kind: str) -> bool:
    """Does every object of a class have this method, as it is?"""
    classes = {
        node.name: node
        for module in write.meaning.project.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    bound = any(
        isinstance(node, ast.Attribute) and node.attr == function.name and not isinstance(node.ctx, ast.Load)
        for module in write.meaning.project.modules.values()
        for node in ast.walk(module.tree)
    )
    pending = [kind.rpartition(".")[2]]
    for name in pending:
        if name in classes:
            binding = [one for one in classes[name].body if function.name in _bound(one)]
            if binding:
                return binding == [function] and not bound
            pending += [ast.unparse(base) for base in classes[name].bases if ast.unparse(base) not in pending]
    return False


def _bound(line: ast.stmt) -> set[str]:
    """The names that a line of a class gives to it."""
    return (
        {line.name}
        if isinstance(line, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        else {*bound_names(line)}
    )


def with_objects(block: Statements, added: Additions, function: ast.FunctionDef) -> None:
    """Gather the attributes of objects that a function is given, before all else."""
    names = block.write.names
    for name, value in list(names.items()):
        if value.objects is None:
            continue
        if any(isinstance(node, FUNCTIONS) for one in function.body for node in ast.walk(one)):
            raise NotAtOnce("a function holds another")
        found = objects(block, added, value.node, name, function.body, value.objects.kind)
        names[name] = replace(found, node=value.node)
