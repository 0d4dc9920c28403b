"""What names, attributes and elements are for all elements of a loop at once."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.batched_values import Guard, NotAtOnce, Value, aligned, is_number, items_of, made
from pdeperf.sparse.batched_windows import WINDOW, Counter, ranges_of
from pdeperf.sparse.written import Additions

_CONSTANTS = frozenset(("numpy.pi", "math.pi", "numpy.e", "math.e"))


@dataclass(slots=True)
class Lookups:
    """Looks up what is read for all elements of a loop.

    Attributes
    ----------
    names
        What the names that the elements bind hold.
    at
        Where the other names were looked at when the script ran.
    count
        An expression for the number of elements.
    mask
        The condition under which the expression is reached, a name; empty if always.
    is_guarded
        It may be reached for some elements alone: those of the guard, or it is not known for which.
    guard
        The condition that a function is called on.
    stored
        Names of arrays that the loop stores into.
    stores_numbers
        The loop stores into arrays of numbers.
    own_elements
        Texts of elements that a turn reads before it stores into them, and no other turn knows.
    counters
        The counters of the nest, where there are several.
    own
        Names that the elements bind somewhere: none of them is one from outside.
    added
        What is added to the file beside.
    called, library, listed
        Write calls of the user's functions, of libraries, and list comprehensions.
    """

    meaning: Meaning
    module: Module
    numpy: str
    at: tuple[ast.stmt, ...]
    count: str
    stored: frozenset[str]
    own: frozenset[str]
    called: Callable[..., Value]
    library: Callable[..., Value]
    listed: Callable[..., Value]
    names: dict[str, Value] = field(default_factory=dict)
    own_elements: frozenset[str] = frozenset()
    counters: tuple[Counter, ...] = ()
    added: Additions | None = None
    mask: str = ""
    is_guarded: bool = False
    guard: Guard | None = None
    stores_numbers: bool = False

    def value(self, node: ast.expr) -> Value:
        """What an expression is for all elements."""
        raise NotImplementedError

    @property
    def is_partial(self) -> bool:
        """Is what is written now reached for some elements alone?"""
        return bool(self.mask) or self.is_guarded

    @property
    def is_unasked(self) -> bool:
        """Is what is written now reached for some elements alone, and is it not known for which?"""
        return self.is_guarded and self.guard is None

    @property
    def asked(self) -> str:
        """The condition under which what is written now is reached."""
        if self.is_unasked:
            raise NotAtOnce("something is asked on a condition that is not known here")
        if not self.is_guarded or self.guard is None:
            return self.mask
        self.guard.is_used = True
        return f"{self.guard.name} & {self.mask}" if self.mask else self.guard.name

    def number(self, node: ast.expr) -> Value:
        """An expression that is one number for each element."""
        found = self.value(node)
        if found.rank != 0 or found.is_list:
            raise NotAtOnce(f"`{ast.unparse(node)}` is more than one number")
        self._check_number(found)
        return found

    def _looked_up(self, node: ast.Name | ast.Attribute) -> Value:
        """A name that the loop leaves as it is, or an attribute."""
        if isinstance(node, ast.Attribute):
            if self.meaning.full(self.module, node) in _CONSTANTS:
                return Value(node, is_plain=True)
            if isinstance(node.value, ast.Name) and node.value.id in self.names:
                return self._attribute(node, self.names[node.value.id])
            if not isinstance(node.value, ast.Name):
                if (found := self.of_objects(node)) is not None:
                    return found
                if self._is_attribute_of_object(node):
                    return self.observed_as(node, ast.unparse(node))
                return self._attribute(node, self.value(node.value))
        text = ast.unparse(node)
        if text in self.stored:
            raise NotAtOnce(f"`{text}` is stored into in the loop, and read")
        if text.partition(".")[0] in self.own:
            raise NotAtOnce(f"`{text}` is read before it is bound")
        full = self.meaning.full(self.module, node)
        if full:
            if full in _CONSTANTS:
                return Value(node, is_plain=True)
            raise NotAtOnce(f"`{text}` is no value")
        return self.observed_as(node, text)

    def of_objects(self, node: ast.Attribute) -> Value | None:
        """``e.material.E`` as it was gathered of all elements."""
        root, _, path = ast.unparse(node).partition(".")
        objects = self.names[root].objects if root in self.names else None
        known = dict(objects.attributes) if objects is not None else {}
        return known.get(f".{path}")

    def _is_property(self, name: str) -> bool:
        """Is it the name of one function, which the user's class calls where it is read?"""
        found = self.meaning.functions.get(name, [])
        if len(found) != 1:
            return False
        module, function = found[0]
        named = function.decorator_list if isinstance(function, ast.FunctionDef) else []
        return len(named) == 1 and self.meaning.full(module, named[0]) == "builtins.property"

    def _is_attribute_of_object(self, node: ast.Attribute) -> bool:
        """Is it ``self.mesh.nodes``, of an object that the loop leaves as it is?"""
        text = ast.unparse(node)
        if text.count(".") < 2 or not all(part.isidentifier() for part in text.split(".")):
            return False
        root = text.partition(".")[0]
        paths = [text.rsplit(".", count)[0] for count in range(text.count("."))]
        is_own = root in self.names or root in self.own or any(one in self.stored for one in paths)
        kinds = self.seen(paths[1], "type")
        is_object = not any(kind.startswith(("numpy.", "list", "tuple", "dict")) for kind in kinds)
        return is_object and not is_own and bool(self.seen(text, "type"))

    def observed_as(self, node: ast.expr, text: str) -> Value:
        """An expression that held what was seen under some text."""
        kinds = self.seen(text, "type")
        if kinds == {"numpy.ndarray"}:
            ranks = self.seen(text, "ndim")
            if len(ranks) == 1:
                return Value(node, int(float(next(iter(ranks)))))
        elif kinds and all(is_number(kind) for kind in kinds):
            return Value(node, is_plain=True, is_truth="bool" in kinds)
        elif kinds and all(kind.startswith(("list", "tuple")) for kind in kinds):
            return self._list(node, text, 1)
        raise NotAtOnce(f"it is not known what `{text}` is")

    def _list(self, node: ast.expr, text: str, depth: int) -> Value:
        """A list of numbers, or of lists of numbers, as far as it was seen."""
        kinds = self.seen(text + "[]", "type")
        if kinds and all(is_number(kind) for kind in kinds):
            each = Value(node, is_plain=not all(kind.startswith("numpy.") for kind in kinds))
            each = replace(each, is_truth="bool" in kinds)
        elif kinds and all(kind.startswith(("list", "tuple")) for kind in kinds) and depth < 3:
            each = self._list(node, text + "[]", depth + 1)
        else:
            raise NotAtOnce(f"it is not known what `{text}` holds")
        return Value(node, None, each=each, is_plain=each.is_plain)

    def seen(self, text: str, metric: str) -> frozenset[str]:
        """What was seen of a name; where it was looked at most closely comes first."""
        for site in self.at:
            if found := self.meaning.values(self.module, site, text, metric):
                return found
        return frozenset()

    def _attribute(self, node: ast.Attribute, base: Value) -> Value:
        if base.objects is not None:
            if self._is_property(node.attr):
                return self.called(self, ast.Call(node, [], []))
            return base.objects.named(f".{node.attr}")
        match node.attr:
            case "T" if base.varies and base.rank == 2:
                return Value(
                    made(f"{self.numpy}.swapaxes(X, 1, 2)", X=base.node), 2, True, is_plain=base.is_plain
                )
            case "T" if base.rank is not None and not base.is_list and (not base.varies or base.rank < 2):
                return replace(
                    base,
                    node=ast.Attribute(base.node, "T", ast.Load()) if not base.varies else base.node,
                    is_fresh=False,
                )
            case "size" if base.varies and base.rank == 1:
                return Value(made("X.shape[1]", X=base.node), is_plain=True)
            case "shape" if not base.varies and base.rank:
                return Value(
                    ast.Attribute(base.node, "shape", ast.Load()), None, each=Value(node, is_plain=True)
                )
        raise NotAtOnce(f"`{ast.unparse(node)}` is asked of what differs between the elements")

    def _element(self, node: ast.Subscript, base: Value, index: ast.expr) -> Value:
        indices = index.elts if isinstance(index, ast.Tuple) else [index]
        if base.is_list:
            return self._item(node, base, indices)
        rank = self._rank(base)
        if any(map(self._is_new_axis, indices)):
            return self._with_axes(base, indices)
        found: list[Value | None] = []
        written: list[ast.expr] = []
        for one in indices:
            if isinstance(one, ast.Slice):
                for bound in (one.lower, one.upper, one.step):
                    if bound is not None and (self.number(bound).varies):
                        raise NotAtOnce("a slice differs between the elements")
                found.append(None)
                written.append(one)
            elif isinstance(one, ast.Constant) and one.value is Ellipsis:
                raise NotAtOnce("an axis is added by an index")
            else:
                value = self.value(one)
                if value.is_list:
                    value = self.library(
                        self, ast.Call(ast.Name("array", ast.Load()), [one], []), "numpy.array"
                    )
                found.append(value)
                written.append(value.node)
        if len(indices) > rank:
            raise NotAtOnce(f"`{ast.unparse(node)}` has more indices than axes")
        varying = [one for one in found if one is not None and one.varies]
        fancy = [one for one in found if one is not None and (one.rank or 0) > 0]
        if any(one is not None and one.rank is None for one in found):
            raise NotAtOnce(f"it is not known what an index of `{ast.unparse(node)}` is")
        if base.varies:
            return self._of_each(node, base, found, written, bool(varying), bool(fancy))
        if not varying:
            if fancy or self.is_partial:
                raise NotAtOnce(
                    "a value is looked up on a condition" if self.is_partial else "an index is an array"
                )
            kept = rank - sum(one is not None for one in found)
            return Value(ast.Subscript(base.node, _index(written), ast.Load()), kept)
        return self._taken(node, base, found, written)

    def _with_axes(self, base: Value, indices: Sequence[ast.expr]) -> Value:
        """``X[:, None, :]``, the same part of the array of each element with axes of length one."""
        rank, written = self._rank(base), list[ast.expr]()
        if sum(not self._is_new_axis(one) for one in indices) > rank:
            raise NotAtOnce("there are more indices than axes")
        for one in indices:
            if self._is_new_axis(one):
                rank += 1
                written.append(ast.Constant(None))
                continue
            bounds = (one.lower, one.upper, one.step) if isinstance(one, ast.Slice) else (one,)
            is_looked_up = self.is_partial and not isinstance(one, ast.Slice)
            if is_looked_up or any(bound is not None and self.number(bound).varies for bound in bounds):
                raise NotAtOnce("an axis is added by an index")
            rank -= not isinstance(one, ast.Slice)
            written.append(one if isinstance(one, ast.Slice) else self.number(one).node)
        first: list[ast.expr] = [ast.Slice()] if base.varies else []
        node = ast.Subscript(base.node, _index([*first, *written]), ast.Load())
        return replace(base, node=node, rank=rank, is_fresh=False, is_row=False)

    def _is_new_axis(self, index: ast.expr) -> bool:
        is_named = (
            isinstance(index, ast.Attribute) and self.meaning.full(self.module, index) == "numpy.newaxis"
        )
        return is_named or (isinstance(index, ast.Constant) and index.value is None)

    def _of_each(
        self,
        node: ast.Subscript,
        base: Value,
        found: Sequence[Value | None],
        written: list[ast.expr],
        has_varying: bool,
        has_fancy: bool,
    ) -> Value:
        rank = self._rank(base)
        kept = rank - sum(one is not None for one in found)
        first: ast.expr = ast.Slice()
        if has_varying:
            if any(one is None or one.rank for one in found) or self.is_partial:
                raise NotAtOnce("an index into an element's array differs between the elements")
            first = made(f"{self.numpy}.arange({self.count})")
        elif has_fancy:
            if len(found) > 1:
                raise NotAtOnce("an index is an array")
            kept = rank - 1 + (found[0].rank or 0 if found[0] is not None else 0)
        return Value(
            ast.Subscript(base.node, _index([first, *written]), ast.Load()),
            kept,
            True,
            is_plain=base.is_plain,
            is_row=base.is_row and kept > 0,
        )

    def _taken(
        self, node: ast.Subscript, base: Value, found: Sequence[Value | None], written: list[ast.expr]
    ) -> Value:
        """An element, a row or several of an array that is the same for all, at places that differ."""
        places = [place for place, one in enumerate(found) if one is not None]
        ranks = {one.rank for one in found if one is not None and one.varies}
        still = [one for one in found if one is not None and not one.varies and one.rank]
        is_one = len(places) == 1 and ranks == {0}
        are_crossed = ranks == {0} and {one.rank for one in still} == {1} and not self.is_partial
        if are_crossed and self._rank(base) == len(places):
            for place, one in enumerate(found):
                if one is not None and one.varies:
                    written[place] = made("X[:, None]", X=one.node)
            return Value(ast.Subscript(base.node, _index(written), ast.Load()), 1, True, is_fresh=True)
        if len(ranks) > 1 or still or (places[0] != 0 and not is_one):
            raise NotAtOnce(f"`{ast.unparse(node)}` takes places in several ways")
        (more,) = ranks
        is_whole = self._rank(base) == len(places) and not self.is_partial and self.added is not None
        if is_whole and all(self.names.get(one.name) is one.value for one in self.counters):
            indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if self.added is not None and (ranges := ranges_of(self.counters, indices, found)) is not None:
                function = ast.Name(self.added.definition(WINDOW), ast.Load())
                part = ast.Call(function, [base.node, *ranges], [])
                return Value(part, 0, True, is_plain=base.is_plain, is_fresh=True)
        for place, one in enumerate(found):
            if one is not None and one.varies and self.is_partial:
                which = aligned(Value(made(self.asked), 0, True), one.rank or 0)
                written[place] = made(f"{self.numpy}.where(W, X, 0)", W=which, X=one.node)
        kept = self._rank(base) - len(places) + (more or 0)
        if places[0] != 0:
            taken: ast.expr = ast.Subscript(base.node, _index(written), ast.Load())
            text = "X.T" if kept == 1 else f"{self.numpy}.moveaxis(X, {places[0]}, 0)"
            return Value(made(text, X=taken), kept, True, is_plain=base.is_plain)
        return Value(
            ast.Subscript(base.node, _index(written), ast.Load()),
            kept,
            True,
            is_plain=base.is_plain,
            is_fresh=bool(more),
        )

    def _item(self, node: ast.Subscript, base: Value, indices: Sequence[ast.expr]) -> Value:
        if len(indices) != 1:
            raise NotAtOnce("a list has one index")
        if isinstance(indices[0], ast.Slice):
            raise NotAtOnce("a part of a list is taken")
        place = self.number(indices[0])
        if not place.varies:
            here = ast.Subscript(base.node, place.node, ast.Load())
            match place.node:
                case ast.Constant(value=int(at)) if base.parts is not None and -len(base.parts) <= at < len(
                    base.parts
                ):
                    return replace(base.parts[at], node=here, is_fresh=False)
            return replace(items_of(base), node=here, is_fresh=False)
        if base.varies or base.each is None:
            raise NotAtOnce("an index into a list differs between the elements")
        rank, inner = 0, base
        while inner.each is not None:
            rank, inner = rank + 1, inner.each
        if inner.is_truth:
            raise NotAtOnce(f"`{base.text}` holds truth values")
        array = Value(made(f"{self.numpy}.array(X)", X=base.node), rank, is_plain=inner.is_plain)
        return self._element(node, array, indices[0])

    def _rank(self, value: Value) -> int:
        if value.rank is None or value.is_list:
            raise NotAtOnce(f"`{value.text}` is no array")
        return value.rank

    def _check_number(self, value: Value) -> None:
        if value.is_list:
            raise NotAtOnce(f"`{value.text}` is a list")
        if value.is_text:
            raise NotAtOnce(f"`{value.text}` is a text")


def _index(parts: Sequence[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.Tuple(list(parts), ast.Load())
