"""Numbers that Python refuses, where compiled code goes on: ``int`` of not-a-number, ``math.sqrt(-1)``."""

import ast
from collections.abc import Iterable, Mapping

from pdeperf.kernel.kinds import Kind, infer
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.vocabulary import qualified

_WHOLE = frozenset(("int", "bool", "npint", "small"))
_ROUNDS = frozenset(("builtins.int", "builtins.round"))
_TOTAL = frozenset(
    "fabs copysign atan atan2 tanh asinh erf erfc isnan isinf isfinite hypot degrees radians".split()
)
"""Functions of ``math`` that take every number."""


def may_refuse(
    lowered: Iterable[ast.stmt],
    called: Iterable[ast.AST],
    kinds: Mapping[str, Kind],
    lowering: Lowering,
) -> bool:
    """Does a kernel, or a function of the user's that it calls, compute what not every number allows?"""
    for part in lowered:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and node.args:
                full = qualified(node.func, lowering.module, lowering.scope)
                whole = infer(node.args[0], kinds, lowering.call_kind).base in _WHOLE
                if _refuses(full) and not (full in _ROUNDS and whole):
                    return True
    calls = (node for part in called for node in ast.walk(part) if isinstance(node, ast.Call))
    return any(_refuses(qualified(node.func, lowering.module, lowering.scope)) for node in calls)


def _refuses(full: str) -> bool:
    home, _, name = full.rpartition(".")
    return full in _ROUNDS or (home == "math" and name not in _TOTAL)
