"""What a program asks of every element before it goes on: ``assert``, and ``raise`` on a condition."""

import ast

from pdeperf.sparse.batched_bindings import Bindings
from pdeperf.sparse.batched_values import NotAtOnce, made


def refused(block: Bindings, statement: ast.stmt, mask: str) -> bool:
    """Write ``if area < 0: raise ...`` or ``assert area > 0`` for all elements; is it one of them?"""
    any_of = f"{block.write.numpy}.any"
    match statement:
        case ast.If(test=test, body=[ast.Raise(exc=ast.expr() as error, cause=None)], orelse=[]):
            which = block.write.condition(test)
            if not which.varies:
                return False
            asked = f"{mask} & ({which.text})" if mask else which.text
            said, first = _said(block, error)
            if first:
                block.line(f"{first} = {asked}")
            block.line(f"if {any_of}({first or asked}):")
            block.line(f"    raise {said}")
            return True
        case ast.Assert(test=test, msg=message):
            which = block.write.condition(test)
            if not which.varies:
                raise NotAtOnce("what is the same for all elements is asked of each")
            asked = f"{mask} & ~({which.text})" if mask else f"~({which.text})"
            said, first = _said(block, message) if message is not None else ("", "")
            if first:
                block.line(f"{first} = {asked}")
            block.line(f"assert not {any_of}({first or asked}){f', {said}' if said else ''}")
            return True
    return False


def _said(block: Bindings, error: ast.expr) -> tuple[str, str]:
    """What is said of the first element, and the name that holds which elements it is said of, if any."""
    write = block.write
    if write.is_guarded:
        raise NotAtOnce("an error is raised on a condition that is not known here")
    names = {node.id for node in ast.walk(error) if isinstance(node, ast.Name)}
    calls = any(isinstance(node, ast.Call) and node is not error for node in ast.walk(error))
    varying = {name for name in names if name in write.names and write.names[name].varies}
    known = [write.names[name] for name in varying]
    if (
        calls
        or names & ({*write.own, *write.stored} - {*write.names})
        or any(one.rank != 0 or one.is_list or one.is_text or one.objects is not None for one in known)
        or any(name in write.stored for name in names)
    ):
        raise NotAtOnce(f"`{ast.unparse(error)}` tells of what is not known here")
    if not varying:
        return ast.unparse(error), ""
    first = block.fresh("wrong")
    of_first = {
        name: made(f"X[{write.numpy}.argmax({first})].item()", X=write.names[name].node) for name in varying
    }
    return ast.unparse(_Put(of_first).visit(ast.parse(ast.unparse(error), mode="eval").body)), first


class _Put(ast.NodeTransformer):
    def __init__(self, instead: dict[str, ast.expr]) -> None:
        self.instead = instead

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.instead.get(node.id, node)
