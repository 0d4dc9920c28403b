"""What loops and comprehensions walk with the names that they bind."""

import ast

from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS


def walked_by(node: ast.Name, module: Module) -> ast.expr:
    """What a loop or a comprehension walks with a name; None's own constant where there is none such."""
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, FUNCTIONS):
            break
        walks = above.generators if isinstance(above, COMPREHENSIONS) else ()
        if isinstance(above, ast.For) and below in above.body:
            if any(node.id in writes(part) for part in above.body):
                break
            walks = [above]  # type: ignore[list-item]
        for part in walks:
            if any(isinstance(one, ast.Name) and one.id == node.id for one in ast.walk(part.target)):
                return _source_of(node.id, part)
        below = above
    return ast.Constant(None)


def _source_of(name: str, part: ast.comprehension | ast.For) -> ast.expr:
    """The list of which a name is each element."""
    match part.target, part.iter:
        case ast.Name(), source:
            return source
        case ast.Tuple(elts=[_, ast.Name(id=one)]), ast.Call(func=ast.Name(id="enumerate"), args=[source]):
            return source if one == name else ast.Constant(None)
        case ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=sources):
            for target, source in zip(targets, sources, strict=False):
                if isinstance(target, ast.Name) and target.id == name:
                    return source
    return ast.Constant(None)
