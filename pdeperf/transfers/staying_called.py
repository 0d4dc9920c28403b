"""Numbers that a function of a loop's appends to a list: kept on the device until the loop is done."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.text import after, before, fresh_name, names_of
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.transfers.device_values import NUMBER, DeviceValues, Looked
from pdeperf.transfers.events import Event
from pdeperf.transfers.kept import Kept, collected


def staying_called(module: Module, event: Event, values: DeviceValues) -> Kept:
    """The file with ``self.energies.append(float(e))`` kept on the device while a loop calls the method.

    Raises
    ------
    Looked
        If somebody may look at the list before the loop is done.
    """
    loop = event.loop
    statement = next(above for above in module.ancestors(event.node) if isinstance(above, ast.stmt))
    function = next(
        (above for above in module.ancestors(statement) if isinstance(above, ast.FunctionDef)), None
    )
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Attribute() as path, attr="append"), args=[value])
        ) if function is not None and isinstance(module.parents.get(function), ast.ClassDef):
            pass
        case _:
            raise Looked("a value that a function brings to the host")
    first = function.args.args[0].arg if function.args.args else ""
    if ast.unparse(path.value) != first:
        raise Looked(f"`{ast.unparse(path)[:40]}` is not the method's own object's")
    holder = _holder(module, event, function)
    for node in _in_loop(module, loop):
        if isinstance(node, ast.Attribute) and node.attr == path.attr and node is not path:
            raise Looked(f"line {node.lineno}: the loop looks at `{path.attr}`")
        if isinstance(node, ast.Return) and any(node is inner for inner in ast.walk(loop)):
            raise Looked("the loop may return before its end")
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    made = [values.value(part) if values.touches(part) else (part, "") for part in parts]
    if any(kind not in (NUMBER, "") for _, kind in made) or event.node not in values.taken:
        raise Looked(f"line {statement.lineno}: whole arrays are kept")
    kinds = tuple(kind and values.host_type(part) for part, (_, kind) in zip(parts, made, strict=True))
    texts = [text for text, _ in made]
    new = ast.Tuple(elts=texts, ctx=ast.Load()) if isinstance(value, ast.Tuple) else texts[0]
    name = f"{holder}.{path.attr}"
    known = fresh_name(f"{path.attr}_before", names_of(module))
    tail = collected(name, ("tuple", *kinds) if isinstance(value, ast.Tuple) else kinds, known, values.cupy)
    start, end = extent(module, value)
    edits = [
        before(module, loop, [f"{known} = len({name})"]),
        after(module, loop, tail),
        Edit(start, end, ast.unparse(new)),
    ]
    return Kept(apply(module.text, edits), values.exact, ())


def _holder(module: Module, event: Event, function: ast.FunctionDef) -> str:
    """What the loop calls the object whose method appends.

    Raises
    ------
    Looked
        If other code calls the method, or the object may be another one in each turn.
    """
    inside = {id(node) for node in ast.walk(event.loop)}
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == function.name:
            call = module.parents.get(node)
            if id(node) not in inside or not (isinstance(call, ast.Call) and call.func is node):
                raise Looked(f"line {node.lineno}: `{function.name}` is called elsewhere too")
            found.add(ast.unparse(node.value))
        elif isinstance(node, ast.Name) and node.id == function.name:
            homes = (
                above for above in module.ancestors(node) if isinstance(above, (*FUNCTIONS, ast.ClassDef))
            )
            if isinstance(next(homes, None), ast.ClassDef):
                raise Looked(f"line {node.lineno}: `{function.name}` has another name")
    if len(found) != 1 or not (holder := found.pop()).isidentifier() or holder in writes(event.loop):
        raise Looked(f"`{function.name}` is a method of several objects")
    return holder


def _in_loop(module: Module, loop: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a loop, and of all functions that it may call, by their names."""
    functions = {node.name: node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)}
    pending: list[ast.AST] = [loop]
    seen: set[str] = set()
    while pending:
        for node in ast.walk(pending.pop()):
            yield node
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if name in functions and name not in seen:
                seen.add(name)
                pending.append(functions[name])
