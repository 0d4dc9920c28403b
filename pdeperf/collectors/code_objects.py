"""Which of the user's code objects are watched, before they run.

Standard library only: this is imported by the user's interpreter.
"""

from collections.abc import Iterator
from types import CellType, CodeType, FunctionType

from pdeperf.collectors import Focus


def is_hot(file: str, code: CodeType, focus: Focus) -> bool:
    """Is this code object in focus? An empty focus takes in everything."""
    first = 0 if code.co_name == "<module>" else code.co_firstlineno
    return not focus or (file, first) in focus


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all those nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def as_function(code: CodeType) -> FunctionType:
    """A function around a code object, for tools that take functions; it is not called."""
    return FunctionType(code, {}, closure=tuple(CellType() for _ in code.co_freevars) or None)
