"""Attributes that every object of a class has from the beginning, so that all of them may be read."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module

_TUPLES = ("collections.namedtuple", "typing.NamedTuple")


def has_always(meaning: Meaning, kind: str, attribute: str) -> bool:
    """Has every object of a class an attribute: a field, or what its ``__init__`` binds first of all?"""
    name = kind.rpartition(".")[2]
    nodes = [(module, one) for module in meaning.project.modules.values() for one in ast.walk(module.tree)]
    if any(isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Del) for _, one in nodes):
        return False
    bases = {ast.unparse(base) for _, one in nodes if isinstance(one, ast.ClassDef) for base in one.bases}
    if any(base.rpartition(".")[2] == name for base in bases):
        return False  # objects of other classes count as its own
    made = [(module, one) for module, one in nodes if _makes(one, name)]
    if len(made) != 1:
        return False
    module, maker = made[0]
    if isinstance(maker, ast.ClassDef):
        return attribute in {*_fields(meaning, module, maker), *_bound_first(maker)}
    return isinstance(maker, ast.Assign) and attribute in _named(meaning, module, maker.value)


def _makes(node: ast.AST, name: str) -> bool:
    """Is it what binds the name of a class?"""
    match node:
        case ast.ClassDef(name=known):
            return known == name
        case ast.Assign(targets=targets):
            return any(isinstance(one, ast.Name) and one.id == name for one in targets)
    return False


def _named(meaning: Meaning, module: Module, value: ast.expr) -> tuple[str, ...]:
    """The fields of ``namedtuple("Face", "owner neighbour")``, where they are written out."""
    match value:
        case ast.Call(func=func, args=[_, fields], keywords=[]) if meaning.full(module, func) == _TUPLES[0]:
            pass
        case _:
            return ()
    match fields:
        case ast.Constant(value=str(text)):
            return tuple(text.replace(",", " ").split())
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return tuple(
                one.value for one in items if isinstance(one, ast.Constant) and type(one.value) is str
            )
    return ()


def _fields(meaning: Meaning, module: Module, maker: ast.ClassDef) -> Iterator[str]:
    """The fields of a named tuple, or of a data class that Python writes ``__init__`` for."""
    decorators = (one.func if isinstance(one, ast.Call) else one for one in maker.decorator_list)
    is_data = any(meaning.full(module, one) == "dataclasses.dataclass" for one in decorators)
    is_tuple = any(meaning.full(module, one) == _TUPLES[1] for one in maker.bases)
    own = any(isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in maker.body)
    if not own and (
        is_tuple or (is_data and all(not isinstance(one, ast.Call) for one in maker.decorator_list))
    ):
        for line in maker.body:
            if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
                continue
            if not isinstance(line.value, ast.Call) and "InitVar" not in ast.unparse(line.annotation):
                yield line.target.id


def _bound_first(maker: ast.ClassDef) -> Iterator[str]:
    """What the statements of ``__init__`` bind one after the other, before it may return."""
    for line in maker.body:
        if not isinstance(line, ast.FunctionDef) or line.name != "__init__" or not line.args.args:
            continue
        own = line.args.args[0].arg
        for statement in line.body:
            if any(isinstance(node, ast.Return) for node in ast.walk(statement)):
                return
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in targets:
                    for one in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                        match one:
                            case ast.Attribute(value=ast.Name(id=root), attr=attribute) if root == own:
                                yield attribute
