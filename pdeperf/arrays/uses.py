"""How some code uses names: worked out once for each tree, however many names are asked for."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pdeperf.source.flow import reads
from pdeperf.source.walking import nodes_in


@dataclass(frozen=True, slots=True)
class _Uses:
    """How one tree uses names: how often it binds and reads each, and where it reads them."""

    tree: ast.AST
    bound: Counter[str]
    read: Counter[str]
    places: Counter[str]
    weights: Counter[str]


class Uses:
    """How the trees of a region use names; none of them changes while it is asked about.

    Parameters
    ----------
    called
        Full name of what an expression calls.
    """

    def __init__(self, called: Callable[[ast.expr], str]) -> None:
        self._called = called
        self._known: dict[int, _Uses] = {}
        self._reads: dict[int, tuple[ast.AST, frozenset[str]]] = {}

    def is_read(self, name: str, trees: Iterable[ast.AST]) -> bool:
        """May evaluating one of some trees read a name?"""
        return any(name in self._reads_of(tree) for tree in trees)

    def times_bound(self, name: str, trees: Iterable[ast.AST]) -> int:
        """How often some code binds a name."""
        return sum(self._of(tree).bound[name] for tree in trees)

    def only_indexes(self, name: str, trees: Iterable[ast.AST]) -> bool:
        """Does some code read a name only inside of subscripts, or to take places from an array?"""
        known = [self._of(tree) for tree in trees]
        times = sum(each.read[name] for each in known)
        return times > 0 and times == sum(each.places[name] for each in known)

    def only_weighs(self, name: str, trees: Iterable[ast.AST]) -> bool:
        """Does some code read a name only to give it to a function of SciPy's?"""
        known = [self._of(tree) for tree in trees]
        times = sum(each.read[name] for each in known)
        return times > 0 and times == sum(each.weights[name] for each in known)

    def _reads_of(self, tree: ast.AST) -> frozenset[str]:
        if id(tree) not in self._reads:
            self._reads[id(tree)] = tree, reads(tree)
        return self._reads[id(tree)][1]

    def _of(self, tree: ast.AST) -> _Uses:
        if id(tree) not in self._known:
            self._known[id(tree)] = self._found(tree)
        return self._known[id(tree)]

    def _found(self, tree: ast.AST) -> _Uses:
        names: list[ast.Name] = []
        places: set[int] = set()
        weights: set[int] = set()
        for node in nodes_in(tree):
            match node:
                case ast.Name():
                    names.append(node)
                case ast.Subscript(slice=index, ctx=ast.Load()):
                    places |= {id(each) for each in nodes_in(index)}
                case ast.Call(func=func, args=args, keywords=keywords):
                    name = self._called(func)
                    if name == "numpy.take" and len(args) > 1:
                        places |= {id(each) for each in nodes_in(args[1])}
                    elif name.startswith("scipy."):
                        weights |= {id(each) for each in (*args[1:], *(key.value for key in keywords))}
        loads = [name for name in names if isinstance(name.ctx, ast.Load)]
        return _Uses(
            tree,
            Counter(name.id for name in names if not isinstance(name.ctx, ast.Load)),
            Counter(name.id for name in loads),
            Counter(name.id for name in loads if id(name) in places),
            Counter(name.id for name in loads if id(name) in weights),
        )
