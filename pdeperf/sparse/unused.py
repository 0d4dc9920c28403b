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
    if not is_imported_by_none(module):
        return
    gone: set[ast.AST] = set(found)
    left = {one for whole in found.values() for one in whole.replaced if can_go(module, one)}
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


def is_imported_by_none(module: Module) -> bool:
    """Is a file run as a script alone, so that functions may be taken out of it?"""
    return module.is_script and "__all__" not in module.text and "__main__" not in module.text


def can_go(module: Module, function: ast.FunctionDef) -> bool:
    """Is it a plain function of the file, on lines of its own?"""
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
