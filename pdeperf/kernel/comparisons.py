"""Comparisons of text and of objects, which a kernel is told the result of."""

import ast
import re
from dataclasses import dataclass

from pdeperf.kernel.drawing import Drawing
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import is_path, root_name
from pdeperf.kernel.syntax import is_text
from pdeperf.source.edits import replace
from pdeperf.source.short_loops import in_terms_of

_PLAIN_BASES = frozenset(("Enum", "IntEnum", "StrEnum", "str", "object"))


def known_comparison(node: ast.expr) -> bool | None:
    """What comparing two texts comes to, ``"u" == "v"`` where a loop over names is written out."""
    match node:
        case ast.Compare(left=ast.Constant(value=left), ops=[op], comparators=[ast.Constant(value=right)]):
            return {ast.Eq: left == right, ast.NotEq: left != right}.get(type(op))
    return None


@dataclass(slots=True)
class Comparisons(Drawing):
    """The part of a lowering that decides comparisons before the loop."""

    def compared(self, node: ast.Compare) -> ast.expr:
        """``scheme == "upwind"`` as ``scheme_is_upwind``; comparisons of numbers stay."""
        sides = (node.left, *node.comparators)
        if not any(is_text(side) for side in sides):
            if not self._is_presence(node) and not (
                len(sides) == 2 and all(map(self._is_fixed, sides)) and self._is_pure(node)
            ):
                return self.children(node)
            last = re.findall(r"\w+", ast.unparse(node.comparators[0]))[-1:]
            return self._decided(node, node.left, last)
        if (known := known_comparison(node)) is not None:
            self.edits.append(replace(self.module, node, str(known)))
            return ast.copy_location(ast.Constant(known), node)
        variables = [side for side in sides if isinstance(side, ast.Name | ast.Attribute | ast.Subscript)]
        if len([side for side in sides if not is_text(side)]) != 1 or len(variables) != 1 or len(sides) != 2:
            self.problem(node, "text is compared in a way that cannot be decided before the loop")
            return node
        root = root_name(variables[0])
        if root in self.own:
            return self.children(node)  # a parameter of a compiled function: Numba compares text
        if not root or root in self.assigned:
            self.problem(node, f"`{ast.unparse(variables[0])}` is text that changes inside the loop")
            return node
        return self._decided(node, variables[0], re.findall(r"\w+", ast.unparse(node.comparators[0])))

    def _is_presence(self, node: ast.Compare) -> bool:
        """Does it ask whether an attribute holds a function or nothing, ``self.source is not None``?"""
        match node:
            case ast.Compare(
                left=ast.Attribute() as path,
                ops=[ast.Is() | ast.IsNot()],
                comparators=[ast.Constant(value=None)],
            ):
                seen = self.look(ast.unparse(path)) if is_path(path) else None
                is_function = seen is not None and bool(seen.function)
                return (is_function or self._is_fixed(path)) and root_name(
                    path
                ) not in self.own | self.assigned
        return False

    def _is_fixed(self, node: ast.expr) -> bool:
        """Is it an access path to text or to an object, which the statements leave alone?"""
        if not is_path(node) or root_name(node) in self.own | self.assigned:
            return False
        seen = self.look(ast.unparse(node))
        return seen is not None and not seen.is_property and seen.kind.base in ("str", "object", "none")

    def _is_pure(self, node: ast.Compare) -> bool:
        """Does comparing run no code of the user's?"""
        if isinstance(node.ops[0], ast.Is | ast.IsNot):
            return True
        if not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return False
        for side in (node.left, *node.comparators):
            seen, home = self.look(ast.unparse(side)), self.class_of(side)
            if seen is not None and seen.kind.base == "str":
                continue
            for _, part in self.observed.provable.program.classes.get(home.rpartition(":")[2], []):
                bases = {ast.unparse(base).rpartition(".")[2] for base in part.bases}
                defined = {one.name for one in part.body if isinstance(one, ast.FunctionDef)}
                if bases <= _PLAIN_BASES and not defined & {"__eq__", "__ne__"}:
                    break
            else:
                return False
        return True

    def _decided(self, node: ast.Compare, variable: ast.expr, words: list[str]) -> ast.expr:
        joint = {ast.Eq: "is", ast.Is: "is", ast.In: "in"}.get(type(node.ops[0]), "not")
        stem = re.findall(r"[A-Za-z_]\w*", self.canonical(ast.unparse(variable)))[-1]
        flag = re.sub(r"\W", "_", "_".join([stem, joint, *words]))
        text = in_terms_of(ast.unparse(node), self.renamed)
        while flag in self.taken or self.sources.get(flag, text) != text:
            flag += "_"
        self.sources[flag] = text
        self.kinds[flag] = Kind("bool")
        self.seen[flag] = Seen(Kind("bool"))
        self.edits.append(replace(self.module, node, flag))
        return ast.copy_location(ast.Name(id=flag, ctx=ast.Load()), node)
