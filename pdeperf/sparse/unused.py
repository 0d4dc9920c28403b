"""Functions that nobody calls any more once loops compute all their turns at once."""

import ast
from collections.abc import Iterator, Mapping

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import Edit, lines_extent, offset, owns_lines
from pdeperf.sparse.batched_loop import Whole


def unused(meaning: Meaning, module: Module, found: Mapping[ast.stmt, Whole]) -> Iterator[Edit]:
    """The edits that take out functions that only the replaced loops have called.

    None where other files may import them: a script with ``__all__`` or a main guard.
    """
    if not module.is_script or "__all__" in module.text or "__main__" in module.text:
        return
    gone: set[ast.AST] = set(found)
    left = {one for whole in found.values() for one in whole.replaced if _can_go(module, one)}
    while True:
        more = {one for one in left - gone if _is_called_within(meaning, module, one, gone | {one})}
        if not more:
            break
        gone |= more
    for function in sorted(left & gone, key=lambda one: one.lineno):
        first = function.lineno
        while first > 1 and module.lines[first - 2].startswith("#"):
            first -= 1
        start, end = offset(module, first, 0), lines_extent(module, [function])[1]
        rest = module.text[end:]
        yield Edit(start, end + len(rest) - len(rest.lstrip("\r\n")), "")


def _can_go(module: Module, function: ast.FunctionDef) -> bool:
    return function in module.tree.body and not function.decorator_list and owns_lines(module, [function])


def _is_called_within(
    meaning: Meaning, module: Module, function: ast.FunctionDef, gone: set[ast.AST]
) -> bool:
    """Does the function's name stand in what goes alone?"""
    for other in meaning.project.modules.values():
        for node in ast.walk(other.tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                    pass
                case ast.Constant(value=str(name)):
                    pass
                case _:
                    continue
            if name != function.name:
                continue
            if other is not module or not any(above in gone for above in module.ancestors(node)):
                return False
    return True
