"""What a program asks of every element before it goes on: ``assert``, and ``raise`` on a condition."""

import ast

from pdeperf.sparse.batched_bindings import Bindings
from pdeperf.sparse.batched_values import NotAtOnce, Value, made


def refused(block: Bindings, statement: ast.stmt) -> bool:
    """Write ``if area < 0: raise ...`` or ``assert area > 0`` for all elements; is it one of them?"""
    match statement:
        case ast.If(test=test, body=[ast.Raise(exc=ast.expr() as error, cause=None)], orelse=[]):
            which, said = _asked(block, block.write.condition(test), error)
            block.line(f"if {which}:")
            block.line(f"    raise {said}")
            return True
        case ast.Assert(test=test, msg=message):
            which, said = _asked(block, block.write.condition(ast.UnaryOp(ast.Not(), test)), message)
            block.line(f"assert not {which}{f', {said}' if said else ''}")
            return True
    return False


def _asked(block: Bindings, which: Value, error: ast.expr | None) -> tuple[str, str]:
    """Whether something holds for any element, and what is said of the first."""
    write, any_of = block.write, f"{block.write.numpy}.any"
    here = write.asked
    if which.varies:
        text = f"{here} & ({which.text})" if here else which.text
    else:
        text = here or f"{write.numpy}.full({write.count}, True)"
    said, first = _said(block, error) if error is not None else ("", "")
    if first:
        block.line(f"{first} = {text}")
    asked = f"{any_of}({first or text})"
    return asked if which.varies else f"(({which.text}) and {asked})", said


def _said(block: Bindings, error: ast.expr) -> tuple[str, str]:
    """What is said of the first element, and the name that holds which elements it is said of, if any."""
    write = block.write
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
