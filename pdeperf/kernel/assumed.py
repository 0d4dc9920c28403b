"""What the source proves of types, if the elements of lists that become arrays are numbers of one kind."""

import ast
import copy
from collections.abc import Callable

from pdeperf.kernel.fixed_point import FixedPoint, Place
from pdeperf.kernel.kinds import UNKNOWN, Kind
from pdeperf.kernel.operator_kinds import Kinds
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.vocabulary import qualified

_EXTREMES = frozenset(("builtins.max", "builtins.min"))


class Assumed(Provable):
    """Proofs that rest on lists being followed.

    Parameters
    ----------
    provable
        What is known without them.
    kind
        Kind of their elements.
    is_element
        Is it an element of such a list?
    """

    def __init__(self, provable: Provable, kind: Kind, is_element: Callable[[ast.expr], bool]) -> None:
        self.__dict__.update(copy.copy(provable).__dict__)
        self._facts = FixedPoint()
        self._answers = {}
        self._kind = kind
        self._is_element = is_element

    def _of(self, node: ast.expr, place: Place) -> Kinds:
        match node:
            case ast.Call(
                func=ast.Name(id="max" | "min"),
                args=[ast.GeneratorExp(elt=element) | ast.ListComp(elt=element)],
                keywords=[],
            ) if qualified(node.func, place.module, place.scope) in _EXTREMES:
                return self._of(element, place)  # one of them
        known = super()._of(node, place)
        if UNKNOWN in known and isinstance(node, ast.Subscript | ast.Name) and self._is_element(node):
            return frozenset((self._kind,))
        return known
