"""Facts about a program that depend on each other, computed until none changes."""

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pdeperf.kernel.kinds import BOOL, FLOAT, INT, UNKNOWN, Kind
from pdeperf.kernel.operator_kinds import ANYTHING, NOTHING, Kinds
from pdeperf.source import Module
from pdeperf.source.scopes import Scope

_MOST = 8
_DEEPEST, _FRAMES_COUNT = 300, 6000
"""Variables that rest on each other in a row, and Python's frames for them, about ten each."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is evaluated."""

    module: Module
    scope: Scope
    at: ast.AST


class FixedPoint:
    """What is known of each variable so far; it only grows.

    Attributes
    ----------
    known
        The kinds of each variable.
    """

    def __init__(self) -> None:
        self.known: dict[object, Kinds] = {}
        self._done: set[object] = set()
        self._final: set[object] = set()
        self._changed = False
        self._depth = 0

    def settled(self, question: Callable[[], Kinds]) -> Kinds:
        """The answer to a question once nothing that it rests on changes any more."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _FRAMES_COUNT))
        try:
            return self._settled(question)
        finally:
            sys.setrecursionlimit(limit)

    def _settled(self, question: Callable[[], Kinds]) -> Kinds:
        while True:
            self._changed = False
            self._done = set()
            found = question()
            if not self._changed:
                # All that they rest on was computed in this round too, and came out as it was before.
                self._final |= self._done
                return found

    def variable(self, key: object, compute: Callable[[], Kinds]) -> Kinds:
        """What is known of a variable, computed anew once in each round."""
        if key not in self._done and key not in self._final:
            self._done.add(key)
            known = self.known.get(key, NOTHING)
            self._depth += 1
            try:
                fresh = known | (compute() if self._depth <= _DEEPEST else ANYTHING)
            finally:
                self._depth -= 1
            if UNKNOWN in fresh or len(fresh) > _MOST:
                fresh = ANYTHING
            if fresh != known:
                self.known[key] = fresh
                self._changed = True
        return self.known.get(key, NOTHING)


def of_constant(value: object) -> Kind:
    """Kind of a number or text written in the source."""
    if value is None:
        return Kind("none")
    by_type = {bool: BOOL, int: INT, float: FLOAT, complex: Kind("complex"), str: Kind("str")}
    return by_type.get(type(value), UNKNOWN)
