"""How draws of random numbers are lowered: from NumPy's generators and streams, Python's ``random``."""

import ast
from dataclasses import dataclass

from pdeperf.kernel.draws import (
    GLOBAL,
    OF_PYTHON,
    OF_STATE,
    PAIRS,
    SPARE_OF_NUMPY,
    SPARE_OF_PYTHON,
    legacy_draw,
    normal_arguments,
    obstacle,
    python_draw,
)
from pdeperf.kernel.extremes import is_free
from pdeperf.kernel.kinds import FLOAT, INT, Kind, infer
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import CalleeUse, root_name
from pdeperf.kernel.row_lists import RowLists
from pdeperf.kernel.syntax import number, plus_one, shallow
from pdeperf.source.edits import Edit, extent, replace


@dataclass(slots=True)
class Drawing(RowLists):
    """The part of a lowering that draws random numbers."""

    def call_kind(self, node: ast.Call, arguments: list[Kind]) -> Kind:
        """Kind of what a lowered call returns."""
        raise NotImplementedError

    def draws(self, node: ast.Call, full: str) -> bool:
        """Is it a draw that a kernel can make?"""
        return bool(self._stream(node, full)[0] or self._pair(node, full)) or (
            not full and isinstance(node.func, ast.Attribute) and self.is_generator(node.func.value)
        )

    def draw(self, node: ast.Call, full: str) -> ast.expr:
        """The draw in the kernel's terms."""
        if pair := self._pair(node, full):
            return self._normal(node, *pair)
        text, method = self._stream(node, full)
        if not text:
            assert isinstance(node.func, ast.Attribute)
            return self._of_generator(node, node.func)
        if method in ("randint", "integer_between", "choice"):
            return self._integer(node, text, method)
        if method == "uniform" and node.args:
            return self._uniform(node, text)
        method = "random" if method == "uniform" else method
        name = self.name_of(text, Seen(Kind("generator")))
        fresh = shallow(node)
        fresh.args = [self.expression(argument) for argument in node.args]
        generator = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)
        self.edits.append(replace(self.module, node.func, f"{name}.{method}"))
        fresh.func = ast.copy_location(ast.Attribute(value=generator, attr=method, ctx=ast.Load()), node)
        return fresh

    def _pair(self, node: ast.Call, full: str) -> tuple[str, str, str, list[ast.expr]] | None:
        """Stream, number kept, function and arguments of a draw that makes normal numbers in pairs."""
        home, _, name = full.rpartition(".")
        if home == "numpy.random":
            stream, spare, family = GLOBAL, SPARE_OF_NUMPY.format("np.random"), "numpy"
        elif home == "random":
            by_module = isinstance(node.func, ast.Attribute)
            source = ast.unparse(node.func.value if isinstance(node.func, ast.Attribute) else node.func)
            source += "" if by_module else ".__self__"
            stream, spare, family = OF_PYTHON.format(source), SPARE_OF_PYTHON.format(source), "python"
        elif not full and isinstance(node.func, ast.Attribute):
            owner, name = node.func.value, node.func.attr
            seen = None if root_name(owner) in self.assigned else self.look(ast.unparse(owner))
            kind = "" if seen is None or seen.kind.base != "object" else seen.kind.dtype
            if kind not in ("RandomState", "Random"):
                return None
            of_numpy, text = kind == "RandomState", ast.unparse(owner)
            stream = (OF_STATE if of_numpy else OF_PYTHON).format(text)
            spare = (SPARE_OF_NUMPY if of_numpy else SPARE_OF_PYTHON).format(text)
            family = "numpy" if of_numpy else "python"
        else:
            return None
        called, names = PAIRS.get((family, name), ("", ()))
        arguments = normal_arguments(node, names) if called else None
        return (stream, spare, called, arguments) if arguments is not None else None

    def _normal(
        self, node: ast.Call, stream: str, spare: str, called: str, arguments: list[ast.expr]
    ) -> ast.expr:
        """``np.random.normal(m, s)`` as a call of the kernel's own function."""
        if not is_free(called, self.scope):
            self.problem(node, f"`{ast.unparse(node.func)}` would be called `{called}`, a name that is taken")
            return node
        generator = self.name_of(stream, Seen(Kind("generator")))
        kept = self.name_of(spare, Seen(Kind("generator")), "spare")
        self.extremes.add(called)
        texts = [
            self.lowered_text(part) if hasattr(part, "lineno") else ast.unparse(part) for part in arguments
        ]
        count = len(self.edits)
        args = [self.expression(part) if hasattr(part, "lineno") else part for part in arguments]
        text = f"{called}({', '.join((generator, kept, *texts))})"
        self.edits[count:] = [replace(self.module, node, text)]
        names = [ast.copy_location(ast.Name(id=one, ctx=ast.Load()), node) for one in (generator, kept)]
        args = [ast.copy_location(part, node) if not hasattr(part, "lineno") else part for part in args]
        func = ast.copy_location(ast.Name(id=called, ctx=ast.Load()), node)
        fresh = ast.copy_location(ast.Call(func=func, args=[*names, *args], keywords=[]), node)
        self.uses[id(fresh)] = CalleeUse(called, result=FLOAT)
        return fresh

    def _stream(self, node: ast.Call, full: str) -> tuple[str, str]:
        """The generator that stands for a draw's stream, and what draws from it; empty for other calls."""
        home, _, name = full.rpartition(".")
        if home == "numpy.random":
            method = legacy_draw(name, node)
            return (GLOBAL, method) if method else ("", "")
        if home == "random":
            method = python_draw(name, node)
            by_module = isinstance(node.func, ast.Attribute)
            source = ast.unparse(node.func.value if isinstance(node.func, ast.Attribute) else node.func)
            source += "" if by_module else ".__self__"
            return (OF_PYTHON.format(source), method) if method else ("", "")
        if full or not isinstance(node.func, ast.Attribute):
            return "", ""
        return self._of_object(node, node.func)

    def _of_object(self, node: ast.Call, func: ast.Attribute) -> tuple[str, str]:
        """The stream of a ``RandomState`` or a ``random.Random`` of the user's."""
        seen = None if root_name(func.value) in self.assigned else self.look(ast.unparse(func.value))
        kind = "" if seen is None or seen.kind.base != "object" else seen.kind.dtype
        form, draw = {
            "RandomState": (OF_STATE, legacy_draw),
            "Random": (OF_PYTHON, python_draw),
        }.get(kind, ("", legacy_draw))
        method = draw(func.attr, node) if form else ""
        return (form.format(ast.unparse(func.value)), method) if method else ("", "")

    def _integer(self, node: ast.Call, text: str, method: str) -> ast.expr:
        """``randint`` of NumPy or Python, ``randrange``, ``choice``: functions that the kernel calls."""
        called = "random_integer" if method == "randint" else "integer_between"
        if not is_free(called, self.scope):
            self.problem(node, f"`{ast.unparse(node.func)}` would be called `{called}`, a name that is taken")
            return node
        name = self.name_of(text, Seen(Kind("generator")))
        self.extremes.add(called)
        count = len(self.edits)
        args = [self.expression(argument) for argument in node.args]
        del self.edits[count:]
        texts = [self.lowered_text(argument) for argument in node.args]
        if method == "choice":
            kind = infer(args[0], self.kinds, self.call_kind)
            if not _is_row(args[0]) and not (kind.ndim == 1 and (kind.is_array or kind.base == "list")):
                self.problem(node, "it chooses from what is not a list of numbers")
                return node
            size = str(len(args[0].elts)) if isinstance(args[0], ast.List | ast.Tuple) else f"len({texts[0]})"
            bounds, given = f"0, {size}", list[ast.expr]()
        else:
            low = texts[0] if len(texts) > 1 else "0"
            inclusive = method != "randint" and ast.unparse(node.func).endswith("randint")
            bounds, given = f"{low}, {plus_one(texts[-1]) if inclusive else texts[-1]}", args
        drawn = f"{called}({name}, {bounds})"
        self.edits.append(replace(self.module, node, f"{texts[0]}[{drawn}]" if method == "choice" else drawn))
        parts = [ast.Name(id=name, ctx=ast.Load()), ast.Constant(0), ast.Name(id=called, ctx=ast.Load())]
        generator, zero, func = (ast.copy_location(part, node) for part in parts)
        args_of = [generator, *([] if len(given) > 1 else [zero]), *given]
        call = ast.copy_location(ast.Call(func=func, args=args_of, keywords=[]), node)
        self.uses[id(call)] = CalleeUse(called, result=INT)
        if method != "choice":
            return call
        return ast.copy_location(ast.Subscript(value=args[0], slice=call, ctx=ast.Load()), node)

    def _uniform(self, node: ast.Call, text: str) -> ast.expr:
        """``random.uniform(a, b)``, which a generator draws only where ``b`` is the larger."""
        called = "uniform_between"
        if not is_free(called, self.scope):
            self.problem(node, f"`{ast.unparse(node.func)}` would be called `{called}`, a name that is taken")
            return node
        name = self.name_of(text, Seen(Kind("generator")))
        self.extremes.add(called)
        args = [self.expression(argument) for argument in node.args]
        self.edits.append(replace(self.module, node.func, called))
        at = self.module.text.index("(", extent(self.module, node.func)[1]) + 1
        self.edits.append(Edit(at, at, f"{name}, "))
        if len(args) == 1:
            end = extent(self.module, node.args[0])[1]
            self.edits.append(Edit(end, end, ", 1.0"))
            args.append(ast.copy_location(ast.Constant(1.0), node))
        generator = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)
        func = ast.copy_location(ast.Name(id=called, ctx=ast.Load()), node)
        fresh = ast.copy_location(ast.Call(func=func, args=[generator, *args], keywords=[]), node)
        self.uses[id(fresh)] = CalleeUse(called, result=FLOAT)
        return fresh

    def _of_generator(self, node: ast.Call, func: ast.Attribute) -> ast.expr:
        """A random number: ``rng.normal(0.0, 1.0)``."""
        why = obstacle(node, func.attr)
        if why:
            self.problem(node, why)
            return node
        fresh = shallow(node)
        receiver = shallow(func)
        receiver.value = self.expression(func.value)
        fresh.func = receiver
        fresh.args = [self.expression(argument) for argument in node.args]
        if func.attr == "integers" and len(node.args) == 1:
            at = extent(self.module, node.args[0])[0]
            self.edits.append(Edit(at, at, "0, "))
        return fresh


def _is_row(node: ast.expr) -> bool:
    """Is it a list of numbers of one kind, written in place?"""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    numbers = [number(part) if isinstance(part, ast.UnaryOp) else _value(part) for part in parts]
    kinds = {type(one) for one in numbers}
    return len(kinds) == 1 and kinds <= {int, float}


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
