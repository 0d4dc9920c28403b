"""Where matrices in LIL and DOK format are made, for another class to take their place."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, replace, segment
from pdeperf.source.scopes import statement_of
from pdeperf.sparse.row_dicts_text import ADD_BLOCK, ROW_DICTS
from pdeperf.sparse.written import Additions

_CREATORS = {
    f"scipy.sparse.{form}_{kind}": (form, kind) for form in ("lil", "dok") for kind in ("matrix", "array")
}
_OF_DICTS = frozenset("keys items values get update setdefault pop popitem fromkeys clear".split())


@dataclass(frozen=True, slots=True)
class Creation:
    """One call that makes a matrix in LIL or DOK format.

    Attributes
    ----------
    kind
        ``matrix`` or ``array``.
    """

    call: ast.Call
    form: str
    kind: str


def creations(meaning: Meaning, module: Module) -> Iterator[Creation]:
    """All calls that make an empty matrix, or one in another's place, to be filled."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or len(node.args) > 1:
            continue
        if any(
            isinstance(above, ast.ClassDef) and _is_matrix(meaning, module, above)
            for above in module.ancestors(node)
        ):
            continue
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="tolil"), args=[], keywords=[]):
                if kind := _kind_of(meaning, module, value):
                    yield Creation(node, "lil", kind)
            case ast.Call(func=ast.Name() | ast.Attribute()):
                known = _CREATORS.get(meaning.full(module, node.func))
                if known and all(keyword.arg in ("dtype", "shape") for keyword in node.keywords):
                    yield Creation(node, *known)


def _is_matrix(meaning: Meaning, module: Module, node: ast.ClassDef) -> bool:
    """Is a class itself a kind of matrix in one of these formats?"""
    return any(meaning.full(module, base) in _CREATORS for base in node.bases)


def _kind_of(meaning: Meaning, module: Module, node: ast.expr) -> str:
    """``matrix`` or ``array`` where all that was seen of an expression was one of SciPy's."""
    statement = statement_of(module, node)
    kinds = meaning.values(module, statement, ast.unparse(node), "type")
    ends = {kind.rpartition("_")[2] for kind in kinds if kind.startswith("scipy.sparse.")}
    return ends.pop() if len(ends) == 1 and len(kinds) == 1 else ""


def uses_dicts(meaning: Meaning, module: Module) -> bool:
    """Does a file ask something of a dict of which it is not known that it is one of Python's?"""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in _OF_DICTS:
            statement = statement_of(module, node)
            kinds = meaning.values(module, statement, ast.unparse(node.value), "type")
            is_dict = bool(kinds) and all(kind.startswith("dict") for kind in kinds)
            if not is_dict and not isinstance(node.value, ast.Dict):
                return True
    return False


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def in_row_dicts(
    meaning: Meaning, module: Module, found: Collection[Creation], lines: Collection[int], added: Additions
) -> list[Edit]:
    """The edits that make row dicts of some matrices, and add blocks to them.

    Parameters
    ----------
    lines
        Where entries were stored when it ran.
    """
    edits: list[Edit] = []
    names: dict[str, str] = {}
    filled = {
        _last(target)
        for creation in found
        if isinstance(statement := module.parents.get(creation.call), ast.Assign)
        for target in statement.targets
    }
    for creation in found:
        name = added.definition(ROW_DICTS.replace("KIND", creation.kind))
        names[creation.kind] = name
        if isinstance(creation.call.func, ast.Attribute) and creation.call.func.attr == "tolil":
            text = f"{name}({segment(module, creation.call.func.value)})"
            edits.append(replace(module, creation.call, text))
        else:
            edits.append(replace(module, creation.call.func, name))
    for node in ast.walk(module.tree):
        match node:
            case ast.AugAssign(
                target=ast.Subscript(value=base, slice=ast.Call(args=[rows, columns], keywords=[]) as index),
                op=ast.Add() | ast.Sub() as op,
                value=value,
            ) if (node.lineno in lines or _last(base) in filled) and meaning.full(
                module, index.func
            ) == "numpy.ix_":
                function = added.definition(ADD_BLOCK, {"RowDicts": next(iter(names.values()))})
                text = on_one_line(module, value)
                if isinstance(op, ast.Sub):
                    text = f"-({text})"
                given = (on_one_line(module, part) for part in (base, rows, columns))
                start, end = extent(module, node)
                edits.append(Edit(start, end, f"{function}({', '.join(given)}, {text})"))
    return edits
