"""What stands in a block of statements: the loops of a hotspot, and what only keeps books."""

import ast

from pdeperf.kernel.list_making import grows, made_lists
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import extent
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS

LOOPS = (ast.For, ast.While)
Block = list[ast.stmt]
_TINY = 32


def loops_at(module: Module, where: Span) -> list[ast.stmt]:
    """The loops in a span, outermost first; where there are none, those around it, innermost first."""
    inside = [
        node
        for node in module.nodes
        if isinstance(node, LOOPS) and where.first <= node.lineno and (node.end_lineno or 0) <= where.last
    ]
    around = [
        node
        for node in module.nodes
        if isinstance(node, LOOPS) and node.lineno <= where.first and where.last <= (node.end_lineno or 0)
    ]
    outer = sorted(inside, key=lambda node: node.lineno)
    return [*outer] if outer else sorted(around, key=lambda node: -node.lineno)


def block_of(module: Module, statement: ast.stmt) -> tuple[Block, ast.AST]:
    """The block that a statement stands in, and what that belongs to."""
    parent = module.parents[statement]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block, parent
    return [statement], parent


def whole_if(module: Module, statement: ast.AST) -> ast.AST:
    """The ``if`` that an ``elif`` belongs to; any other statement itself."""
    while isinstance(statement, ast.If) and module.text.startswith("elif", extent(module, statement)[0]):
        statement = module.parents[statement]
    return statement


def with_lists_made(block: Block, loop: ast.stmt) -> Block:
    """A loop with the statements before it, from where the lists that it appends to are made."""
    wanted = set(grows(loop)) - made_lists([loop])
    end = block.index(loop)
    for first in range(end, -1, -1):
        wanted -= made_lists([block[first]]) if first < end else set()
        if not wanted:
            return block[first : end + 1]
    return [loop]


def inner_loops(loop: ast.stmt) -> list[ast.stmt]:
    """Loops directly below a statement, not those inside them."""
    found: list[ast.stmt] = []
    stack: list[ast.AST] = list(ast.iter_child_nodes(loop))
    while stack:
        node = stack.pop(0)
        if isinstance(node, LOOPS):
            found.append(node)
        elif isinstance(node, ast.stmt | ast.ExceptHandler) and not isinstance(node, FUNCTIONS):
            stack.extend(ast.iter_child_nodes(node))
    return sorted(found, key=lambda node: node.lineno)


def comprehensions(loop: ast.stmt) -> list[ast.stmt]:
    """Statements directly below a loop that make lists: loops that are written as expressions."""
    block: Block = getattr(loop, "body", [])
    return [
        part
        for part in block
        if isinstance(part, ast.Assign | ast.AugAssign)
        and any(isinstance(node, ast.ListComp | ast.GeneratorExp) for node in ast.walk(part))
    ]


def is_tiny(loop: ast.stmt) -> bool:
    """A few iterations, written as a number: calling a kernel costs more than they do."""
    match loop:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[*_, ast.Constant(value=int(stop))])):
            return stop <= _TINY and not inner_loops(loop)
    return False


def is_climbable(module: Module, parent: ast.AST) -> bool:
    """A loop, or a branch inside one; not ``if __name__ == "__main__"``."""
    if isinstance(parent, ast.If):
        return any(isinstance(above, LOOPS) for above in module.ancestors(parent))
    return isinstance(parent, LOOPS)


def may_leave(block: Block) -> bool:
    """Is there a statement of which only the loop around it can be compiled: ``if change < tol: break``?"""
    stack: list[ast.AST] = list(block)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Break | ast.Continue):
            return True
        if isinstance(node, ast.If):
            stack.extend((*node.body, *node.orelse))
    return False


def is_start(statement: ast.stmt, after: Block) -> bool:
    """Does it give a running sum or a largest change its first value, ``error = 0.0``?"""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float())):
            return any(name in writes(part) for part in after)
    return False


def is_documentation(statement: ast.stmt, home: ast.AST) -> bool:
    """Is it the docstring of a module or a function, which must stay the first statement there?"""
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    homes = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)
    return is_text and isinstance(home, homes) and home.body[0] is statement


def is_bookkeeping(statement: ast.stmt) -> bool:
    """Does it only compute with plain names, or look up sizes and parameters?"""
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [part for target in targets for part in getattr(target, "elts", [target])]
    if not all(isinstance(name, ast.Name | ast.Attribute) for name in names):
        return False
    for node in ast.walk(statement.value):
        if isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Name) and node.func.id in ("len", "int", "float")):
                return False
        elif isinstance(node, ast.List | ast.ListComp):
            return False  # made in the kernel, it need not become an array at each call
        elif isinstance(node, ast.Subscript):
            is_key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
            if not (is_key or (isinstance(node.value, ast.Attribute) and node.value.attr == "shape")):
                return False
    return True


def half_way(run: Block, current: Block) -> Block:
    """A run without half of what follows or, else, precedes the hot statements; no bookkeeping ends it."""
    begin, end = run.index(current[0]), run.index(current[-1]) + 1
    following = len(run) - end
    run = run[: end + following // 2] if following else run[(begin + 1) // 2 :]
    while run[-1] is not current[-1] and is_bookkeeping(run[-1]):
        run = run[:-1]
    while run[0] is not current[0] and is_bookkeeping(run[0]):
        run = run[1:]
    return run
