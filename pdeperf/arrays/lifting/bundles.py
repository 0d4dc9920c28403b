"""Several arrays under one name: tuples, lists and records that a step makes and the next one reads."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.lifting.contents import DICT
from pdeperf.arrays.values import Several, Value, View
from pdeperf.source import Module


@dataclass(frozen=True, slots=True)
class Record:
    """A class of which an object is nothing but its fields: a named tuple, a plain dataclass."""

    name: str
    fields: tuple[str, ...]
    is_tuple: bool = False


def record(func: ast.expr, module: Module, called: Callable[[ast.expr], str]) -> Record | None:
    """The record that a call of a name makes; None for anything else."""
    if not isinstance(func, ast.Name):
        return None
    binders = [
        node
        for node in module.nodes
        if (isinstance(node, ast.Name) and node.id == func.id and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == func.id)
        or (isinstance(node, ast.arg) and node.arg == func.id)
        or (isinstance(node, ast.alias) and (node.asname or node.name) == func.id)
    ]
    if len(binders) != 1:
        return None
    made = binders[0] if isinstance(binders[0], ast.ClassDef) else module.parents.get(binders[0])
    is_tuple = True
    match made:
        case ast.Assign(value=ast.Call(func=maker, args=[_, fields], keywords=[])) if (
            called(maker) == "collections.namedtuple"
        ):
            names = _names(fields)
        case ast.ClassDef(bases=[base], decorator_list=[]) if ast.unparse(base).endswith("NamedTuple"):
            names = _declared(made)
        case ast.ClassDef(bases=[], decorator_list=[maker]) if _is_dataclass(maker):
            names, is_tuple = _declared(made), False
            if names is not None and _are_stored(names, module):
                return None
        case _:
            return None
    return Record(func.id, names, is_tuple) if names else None


def fields(
    node: ast.expr, made: Value | None, module: Module, called: Callable[[ast.expr], str]
) -> tuple[str, ...]:
    """The fields of a class of named tuples, or of one that the run has made."""
    if isinstance(made, Several):
        return made.fields if made.made != DICT else ()
    known = record(node, module, called)
    return known.fields if known is not None and known.is_tuple else ()


def _names(node: ast.expr) -> tuple[str, ...] | None:
    try:
        found = ast.literal_eval(node)
    except ValueError:
        return None
    if isinstance(found, str):
        found = found.replace(",", " ").split()
    is_plain = isinstance(found, list | tuple) and all(isinstance(each, str) for each in found)
    return tuple(found) if is_plain else None


def _declared(node: ast.ClassDef) -> tuple[str, ...] | None:
    """Names of the fields of a class that does nothing when an object is made."""
    fields: list[str] = []
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name)):
                fields.append(name)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.FunctionDef(name=name) if not name.startswith("__"):
                pass
            case _:
                return None
    return tuple(fields)


def _is_dataclass(node: ast.expr) -> bool:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node) in (
        "dataclass",
        "dataclasses.dataclass",
    )


def _are_stored(fields: tuple[str, ...], module: Module) -> bool:
    """Does some code bind an attribute of one of these names anew?"""
    return any(
        isinstance(node, ast.Attribute) and node.attr in fields and not isinstance(node.ctx, ast.Load)
        for node in module.nodes
    )


def given(call: ast.Call, known: Record) -> list[ast.expr] | None:
    """What a call gives to each field; None if it leaves one out."""
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    found: dict[str | None, ast.expr] = dict(zip(known.fields, call.args, strict=False))
    found |= {keyword.arg: keyword.value for keyword in call.keywords}
    if set(found) != set(known.fields) or len(call.args) + len(call.keywords) != len(known.fields):
        return None
    return [found[field] for field in known.fields]


def assignment(name: str, value: Several, named: Mapping[Buffer, str]) -> tuple[ast.stmt, dict[str, View]]:
    """``state = State(h, hu)`` after the arrays have been computed, and what their names stand for.

    Parameters
    ----------
    named
        Names that arrays have already.

    Raises
    ------
    Unliftable
        If it holds anything but whole arrays.
    """
    texts: list[str] = []
    new: dict[str, View] = {}
    for part in value.parts:
        if not value.made or not isinstance(part, View) or not part.is_whole:
            raise Unliftable(f"`{name}` holds several arrays")
        text = named.get(part.buffer)
        if text is None:
            text = part.buffer.name
            if not part.buffer.is_temporary or text in named.values():
                raise Unliftable(f"`{name}` holds several arrays")
            new[text] = part
        texts.append(text)
    if value.made == DICT:
        texts = [f"{key!r}: {text}" for key, text in zip(value.fields, texts, strict=True)]
    body = value.made.format(", ".join(texts) + ("," if len(texts) == 1 and value.made == "({})" else ""))
    return ast.parse(f"{name} = {body}").body[0], new


def field(value: Value | None, name: str) -> Value | None:
    """The field of a record that a run has made; None for anything else."""
    if isinstance(value, Several) and value.made != DICT and name in value.fields:
        return value.parts[value.fields.index(name)]
    return None
