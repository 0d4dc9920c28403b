"""Arrays that grow: what is added, how they begin, and when."""

import ast
from dataclasses import dataclass

from pdeperf.lifetimes.changes import Loop
from pdeperf.source import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """One statement that makes an array longer: ``a = np.append(a, piece)``.

    Attributes
    ----------
    axis
        The text of the argument; empty if there is none.
    are_numbers
        Every piece is one number, or a list display of numbers.
    """

    statement: ast.Assign
    call: ast.Call
    function: str
    axis: str
    pieces: tuple[ast.expr, ...]
    are_numbers: bool

    @property
    def numbers(self) -> tuple[ast.expr, ...]:
        """The single numbers that are added."""
        return tuple(
            part
            for piece in self.pieces
            for part in (piece.elts if isinstance(piece, ast.List | ast.Tuple) else [piece])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How an array that grows begins: ``t = np.array([0.0])`` above the loop.

    Attributes
    ----------
    numbers
        Its first elements, as text.
    is_list
        It is a list until something is added.
    """

    value: ast.expr
    numbers: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an array cannot be gathered."""

    line: int
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """An array that a loop grows.

    Attributes
    ----------
    reads
        Places in the loop that ask for its length or for one of its elements.
    start
        Its first numbers, if it can be a list of numbers until the loop ends.
    surely
        Something is added whenever the loop runs.
    problem
        Why it cannot be gathered; None if it can.
    """

    name: str
    loop: Loop
    additions: tuple[Addition, ...]
    reads: tuple[ast.expr, ...] = ()
    start: Start | None = None
    surely: bool = False
    problem: Problem | None = None


def surely_runs(module: Module, addition: Addition, loop: Loop) -> bool:
    """Does the statement run whenever the loop is reached?"""
    node: ast.AST = addition.statement
    for above in module.ancestors(addition.statement):
        if not isinstance(above, ast.For) or not _turns(above) or node not in above.body:
            return False
        earlier = above.body[: above.body.index(node)]
        if any(isinstance(n, ast.Break | ast.Continue) for one in earlier for n in ast.walk(one)):
            return False
        if above is loop:
            return True
        node = above
    return False


def _turns(loop: ast.For) -> bool:
    """Does it run at least once: over a range of a positive number, written there?"""
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            return count > 0
        case ast.Call(
            func=ast.Name(id="range"), args=[ast.Constant(value=int(first)), ast.Constant(value=int(last))]
        ):
            return last > first
        case _:
            return False


def grown(addition: Addition) -> ast.expr:
    """The array itself among the arguments of the call that makes it longer."""
    head = addition.call.args[0]
    return head.elts[0] if isinstance(head, ast.Tuple | ast.List) else head
