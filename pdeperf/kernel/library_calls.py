"""How calls of library functions are lowered that Numba knows in another form."""

import ast
from dataclasses import dataclass

from pdeperf.kernel.comparisons import Comparisons
from pdeperf.kernel.extremes import EXTREMES, is_free
from pdeperf.kernel.kinds import infer
from pdeperf.kernel.numbers_of_arrays import ends_as
from pdeperf.kernel.prints import parts_printed, written
from pdeperf.kernel.syntax import names_of, shallow, spoken
from pdeperf.kernel.vocabulary import FRESH, qualified
from pdeperf.source.edits import Edit, extent, replace, segment


@dataclass(slots=True)
class LibraryCalls(Comparisons):
    """The part of a lowering that writes calls of library functions anew."""

    def copied(self, node: ast.Call) -> ast.expr:
        """``copy.deepcopy(u)`` of an array as ``u.copy()``."""
        source = node.args[0]
        self.library.add("numpy.copy")
        (start, end), (first, last) = extent(self.module, node), extent(self.module, source)
        self.edits += [Edit(start, first, ""), Edit(last, end, ".copy()")]
        func = ast.Attribute(value=self.expression(source), attr="copy", ctx=ast.Load())
        made = ast.Call(func=ast.copy_location(func, node), args=[], keywords=[])
        return ast.copy_location(made, node)

    def dotted(self, node: ast.Call) -> ast.expr | None:
        """``B.T.dot(D)`` of arrays, which stays as it is and counts as ``B.T @ D``; None of all else."""
        match node:
            case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right], keywords=[]) if (
                not isinstance(right, ast.Starred) and self._is_matrix(left)
            ):
                product = ast.BinOp(self.expression(left), ast.MatMult(), self.expression(right))
                return ast.copy_location(product, node)
        return None

    def is_flattened(self, node: ast.Call) -> bool:
        """``np.array(rows).ravel()``, of which nobody knows the array that it is a view of?"""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call() as made, attr="ravel"), args=[], keywords=[]):
                return qualified(made.func, self.module, self.scope) in FRESH
        return False

    def _is_matrix(self, node: ast.expr) -> bool:
        """Is it an array, or a product of some?"""
        match node:
            case ast.Attribute(value=inner, attr="T") | ast.Call(func=ast.Attribute(value=inner, attr="dot")):
                return self._is_matrix(inner)
        return self.is_array(node)

    def numbers_of(self, node: ast.Call, source: ast.expr) -> ast.expr:
        """``row.tolist()`` that a loop walks: the row itself, of which each element is Python's number."""
        (start, end), (first, last) = extent(self.module, node), extent(self.module, source)
        ending = ends_as(node, source, self)  # type: ignore[arg-type]
        self.edits += [
            edit for edit in (Edit(start, first, ""), Edit(last, end, ending)) if edit.start < edit.end
        ]
        func = ast.Attribute(value=self.expression(source), attr="tolist", ctx=ast.Load())
        made = ast.Call(func=ast.copy_location(func, node), args=[], keywords=[])
        return ast.copy_location(made, node)

    def rounded(self, node: ast.Call) -> ast.expr:
        """``np.round(x)`` of floats, which is ``np.rint(x)``."""
        fresh = shallow(node)
        fresh.args = [self.expression(node.args[0])]
        kind = infer(fresh.args[0], self.kinds, self.call_kind)
        home = node.func.value if isinstance(node.func, ast.Attribute) else None
        if home is None or kind.base in ("int", "npint", "bool") or kind.dtype in ("int64", "int32", "bool"):
            self.problem(node, "`round` of what may be integers")
            return node
        self.note_library(node.func, "numpy.rint")
        func = ast.copy_location(ast.Attribute(value=home, attr="rint", ctx=ast.Load()), node.func)
        self.edits.append(replace(self.module, node.func, ast.unparse(func)))
        fresh.func = func
        return fresh

    def clipped(self, node: ast.Call) -> ast.expr:
        """``np.clip(x, low, high)`` of one number as ``np.minimum(np.maximum(x, low), high)``."""
        home = node.func.value if isinstance(node.func, ast.Attribute) else None
        if home is None or node.keywords or len(node.args) != 3:
            self.problem(node, "`clip` with options", "give it three numbers: `np.clip(x, low, high)`")
            return node
        bounds = [
            (name, bound, self.lowered_text(bound))
            for name, bound in zip(("maximum", "minimum"), node.args[1:], strict=True)
            if not (isinstance(bound, ast.Constant) and bound.value is None)
        ]
        text, count = self.lowered_text(node.args[0]), len(self.edits)
        made = self.expression(node.args[0])
        for name, bound, written_there in bounds:
            func = ast.copy_location(ast.Attribute(value=home, attr=name, ctx=ast.Load()), node.func)
            text = f"{ast.unparse(func)}({text}, {written_there})"
            args = [made, self.expression(bound)]
            made = ast.copy_location(ast.Call(func=func, args=args, keywords=[]), node)
            self.note_library(func, f"numpy.{name}")
        self.edits[count:] = [replace(self.module, node, text)]
        return made

    def printing(self, node: ast.Call) -> ast.expr:
        """``print`` of text and numbers; f-strings in parts."""
        fresh = shallow(node)
        fresh.args = []
        for argument in node.args:
            parts = parts_printed(argument)
            if parts is None or not isinstance(self.module.parents.get(node), ast.Expr):
                self.problem(node, "it prints")
                return node
            if isinstance(argument, ast.JoinedStr):
                self.edits.append(replace(self.module, argument, written(parts)))
                count = len(self.edits)
                fresh.args += [self.expression(ast.copy_location(shallow(part), argument)) for part in parts]
                del self.edits[count:]
            else:
                fresh.args.append(self.expression(argument))
        return fresh

    def element_type(self, call: ast.Call, node: ast.expr) -> ast.expr:
        """``dtype=int`` in a form that Numba knows: ``dtype=np.int64``."""
        full = qualified(node, self.module, self.scope)
        written = node.value if isinstance(node, ast.Constant) else full.removeprefix("builtins.")
        fixed = {"int": "int64", "float": "float64", "bool": "bool_", "complex": "complex128"}
        name = fixed.get(str(written), str(written))
        known = isinstance(node, ast.Constant) or name != written
        if not (known and isinstance(call.func, ast.Attribute)):
            return node
        home = segment(self.module, call.func.value)
        self.edits.append(replace(self.module, node, f"{home}.{name}"))
        made = ast.Attribute(value=call.func.value, attr=name, ctx=ast.Load())
        return ast.copy_location(made, node)

    def made_list(self, argument: ast.GeneratorExp) -> ast.expr:
        """A call's sole generator as a list."""
        start, end = extent(self.module, argument)
        # Its extent includes the call's parentheses.
        self.edits.extend((Edit(start + 1, start + 1, "["), Edit(end - 1, end - 1, "]")))
        made = ast.ListComp(elt=argument.elt, generators=argument.generators)
        return self.list_of(ast.copy_location(made, argument))

    def list_of(self, node: ast.ListComp) -> ast.expr:
        """A list of numbers made in the kernel."""
        outer, fresh = self.own, shallow(node)
        if any(part.is_async or not names_of(part.target) for part in node.generators):
            self.problem(node, f"{spoken(node)} cannot be compiled")
            return node
        fresh.generators = []
        for part in node.generators:
            source = self.walked(part)
            self.own = self.own | set(names_of(part.target))
            tests = [self.expression(test) for test in part.ifs]
            made = ast.comprehension(target=part.target, iter=source, ifs=tests, is_async=0)
            fresh.generators.append(made)
        fresh.elt = self.expression(node.elt)
        self.own = outer
        return fresh

    def asked_of_all(self, node: ast.Call, full: str) -> ast.expr:
        """``any(v < 0 for v in u)`` as ``(sum([1 if v < 0 else 0 for v in u]) > 0)``."""
        argument = node.args[0]
        assert isinstance(argument, ast.GeneratorExp)
        found, unless = ("1", "0") if full == "builtins.any" else ("0", "1")
        (start, end), (first, last) = extent(self.module, node), extent(self.module, argument)
        within = self.module.text[first : extent(self.module, argument.generators[0].target)[0]]
        ends = first + within.rindex("for")
        sign = ">" if full == "builtins.any" else "=="
        above = self.module.parents.get(node)
        is_alone = isinstance(above, ast.If | ast.While | ast.Assign | ast.Return)
        begin, close = ("", "") if is_alone else ("(", ")")
        self.edits += [
            Edit(start, extent(self.module, node.func)[1], f"{begin}sum"),
            Edit(first + 1, first + 1, f"[{found} if "),
            Edit(ends, ends, f"else {unless} "),
            Edit(last - 1, end, f"]) {sign} 0{close}"),
        ]
        fresh = shallow(node)
        fresh.func = ast.copy_location(ast.Name(id="sum", ctx=ast.Load()), node.func)
        list_of = self.list_of(
            ast.copy_location(ast.ListComp(elt=argument.elt, generators=argument.generators), argument)
        )
        if isinstance(list_of, ast.ListComp):
            numbers = [ast.copy_location(ast.Constant(int(text)), node) for text in (found, unless)]
            list_of.elt = ast.copy_location(ast.IfExp(list_of.elt, *numbers), list_of.elt)
        fresh.args = [list_of]
        compared = ast.Compare(
            left=fresh,
            ops=[ast.Gt() if sign == ">" else ast.Eq()],
            comparators=[ast.copy_location(ast.Constant(0), node)],
        )
        return ast.copy_location(compared, node)

    def extreme(self, node: ast.Call, full: str) -> ast.expr:
        """``max(abs(v) for v in u)``, which Numba lacks."""
        name, argument = EXTREMES[full], node.args[0]
        if node.keywords or not is_free(name, self.scope):
            what = "has options" if node.keywords else f"would be called `{name}`, a name that is taken"
            self.problem(node, f"`{ast.unparse(node)[:40]}` {what}")
            return node
        self.edits.append(replace(self.module, node.func, name))
        self.extremes.add(name)
        fresh = shallow(node)
        if isinstance(argument, ast.GeneratorExp):
            fresh.args = [self.made_list(argument)]
        else:
            fresh.args = [self.expression(argument)]
        return fresh

    def folded(self, full: str, argument: ast.expr) -> list[ast.expr]:
        """What ``sum(... for ...)`` and ``max([a, b])`` are given, in the form that Numba knows."""
        start, end = extent(self.module, argument)
        if full == "builtins.sum" and isinstance(argument, ast.GeneratorExp):
            return [self.made_list(argument)]
        if full != "builtins.sum" and isinstance(argument, ast.List | ast.Tuple) and len(argument.elts) > 1:
            first, last = extent(self.module, argument.elts[0]), extent(self.module, argument.elts[-1])
            self.edits.extend((Edit(start, first[0], ""), Edit(last[1], end, "")))
            return [self.expression(element) for element in argument.elts]
        return [self.expression(argument)]
