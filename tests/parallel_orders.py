"""Kernels spread over cores, run as threads may run them: all turns of a loop at once, step by step.

A race shows where a turn reads or stores what another is in the middle of; no compiler and no luck is needed.
"""

import ast
import random
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pdeperf.backends import prange, wavefront
from pdeperf.kernel.compiled import compiled
from pdeperf.model import Candidate, Diagnosis, Kind
from pdeperf.source import Project

RULES = (("serial-kernel", prange.BACKEND), ("in-order-sweep", wavefront.BACKEND))


def parallel_forms(text: str) -> Iterator[Candidate]:
    """Each kernel of a script with its loops on all cores, or in wavefronts."""
    project = Project.from_texts({"script.py": text})
    module = project["script.py"]
    for item in compiled(module):
        for rule, backend in RULES:
            diagnosis = Diagnosis(rule=rule, kind=Kind.LOOP, where=module.span(item.node), message="")
            yield from (one for one in backend.propose(diagnosis, project) if isinstance(one, Candidate))


def shake(turns: Iterable[Iterator[None]], seed: int) -> None:
    """Run turns to their ends, each a statement at a time, in a drawn order."""
    r = random.Random(seed)
    running = list(turns)
    while running:
        at = r.randrange(len(running)) if r.random() < 0.8 else -1
        for _ in range(r.choice((1, 1, 2, 30))):
            try:
                next(running[at])
            except StopIteration:
                running.pop(at)
                break


def shaken(text: str, seed: int) -> str:
    """A script whose ``prange`` loops run all their turns at once."""
    return _shaken(text).replace(_SEED, str(seed))


_SEED = "SEED_OF_ORDERS"


@lru_cache(maxsize=4)
def _shaken(text: str) -> str:
    tree = _Shaker().visit(ast.parse(text))
    return "from tests.parallel_orders import shake\n" + ast.unparse(ast.fix_missing_locations(tree))


class _Shaker(ast.NodeTransformer):
    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        match node.iter:
            case ast.Call(func=ast.Name(id="prange") | ast.Attribute(attr="prange"), args=args):
                return self._turns(node, args)
        return self.generic_visit(node)

    def _turns(self, node: ast.For, args: list[ast.expr]) -> list[ast.stmt]:
        assert isinstance(node.target, ast.Name)
        shared = sorted(set(_accumulated(node)))
        turn = ast.parse(f"def turn({node.target.id}):\n    yield").body[0]
        assert isinstance(turn, ast.FunctionDef)
        body = [stepped for part in node.body for stepped in _stepped(_WithoutContinue().visit(part))]
        turn.body += [*([ast.Nonlocal(names=shared)] if shared else []), *body]
        if shared:  # declarations come before the rest
            turn.body[0], turn.body[1] = turn.body[1], turn.body[0]
        counted = ", ".join(map(ast.unparse, args))
        run = ast.parse(f"shake([turn(each) for each in range({counted})], {_SEED})").body[0]
        return [turn, run]


class _WithoutContinue(ast.NodeTransformer):
    """Ends a turn where its loop would go on with the next."""

    def visit_For(self, node: ast.For) -> ast.AST:
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        return node

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return ast.Return(value=None)


def _stepped(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement after which another turn may run; a store is two, what it stores being computed first."""
    pause = ast.Expr(ast.Yield(None))
    match node:
        case ast.Assign(targets=[ast.Subscript() as target], value=value):
            yield from (_held(value), pause, ast.Assign([target], ast.Name("held", ast.Load())), pause)
            return
        case ast.AugAssign(target=ast.Subscript() as target, op=op, value=value):
            old = ast.Subscript(target.value, target.slice, ast.Load())
            store = ast.Assign([target], ast.Name("held", ast.Load()))
            yield from (_held(ast.BinOp(old, op, value)), pause, store, pause)
            return
    for name in ("body", "orelse"):
        inner = getattr(node, name, None)
        if isinstance(inner, list) and inner:
            setattr(node, name, [stepped for part in inner for stepped in _stepped(part)])
    yield node
    yield pause


def _held(value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name("held", ast.Store())], value)


def _accumulated(loop: ast.For) -> Iterator[str]:
    """Names that all turns add to, or take the largest of: each begins with what it was before."""
    seen: set[str] = set()
    stored = (node for node in _in_order(loop) if isinstance(node, ast.Assign | ast.AugAssign))
    for node in stored:
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
        others = target.elts if isinstance(target, ast.Tuple) else getattr(node, "targets", [])[1:]
        seen |= {part.id for part in others if isinstance(part, ast.Name)}
        if not isinstance(target, ast.Name) or target.id in seen:
            continue
        seen.add(target.id)
        read = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
        if isinstance(node, ast.AugAssign) or target.id in read:
            yield target.id


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)
