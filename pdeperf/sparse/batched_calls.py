"""Calls of NumPy's functions and methods, written for all elements at once."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from pdeperf.kernel.domain_checks import is_not_negative
from pdeperf.sparse.batched_expressions import FROM_ZERO, Expressions
from pdeperf.sparse.batched_joints import axis_of, grid, put_together, repeated, stacked
from pdeperf.sparse.batched_ragged import length_of
from pdeperf.sparse.batched_ranges import range_of_each
from pdeperf.sparse.batched_reductions import LARGER, SMALLER
from pdeperf.sparse.batched_solves import is_by_factors, where_asked, with_one_matrix
from pdeperf.sparse.batched_tables import table_of
from pdeperf.sparse.batched_values import NotAtOnce, Value, items_of, made

_UFUNCS = (
    "sin cos tan exp log sqrt sinh cosh tanh arctan arctan2 arcsin arccos hypot abs absolute fabs square "
    "log10 log2 log1p expm1 cbrt arcsinh arctanh sign minimum maximum floor ceil add subtract multiply power "
    "divide clip"
).split()
_REFUSING = frozenset(("sqrt", "log", "log10"))
ABOVE_ZERO = '''
def above_zero(numbers):
    """Numbers to take a logarithm of, as Python does it: not of zero, nor of negative ones."""
    if {numpy}.any(numbers <= 0):
        raise ValueError("math domain error")
    return numbers
'''
_OF_MATH = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "fabs": "fabs"} | {
    name: name for name in "sin cos tan exp log sqrt sinh cosh tanh hypot log10".split()
}
_MAKERS = ("zeros", "ones", "empty", "eye", "identity", "full")
_REDUCTIONS = ("sum", "mean", "prod", "max", "min")
_STACKS = ("vstack", "hstack", "concatenate", "column_stack", "stack", "block")
_SAME = ("asarray", "array", "ascontiguousarray", "atleast_1d", "float64", "asfarray")


def library(write: Expressions, node: ast.Call, name: str) -> Value:
    """A call to a library, or of a method if the name is empty."""
    if not name:
        return _method(write, node)
    home, _, last = name.rpartition(".")
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    if name == "numpy.einsum":
        return _einsum(write, node, options)
    if home == "numpy" and last in _MAKERS:
        return _new(write, node, last)
    if home == "numpy" and last in _SAME and len(node.args) == 1 and set(options) <= {"dtype"}:
        found = _array(write, node.args[0], options)
        return found if last == "array" else replace(found, is_fresh=False)
    if home == "numpy" and last in _STACKS and len(node.args) == 1 and set(options) <= {"axis"}:
        return put_together(write, node, last, options)
    if home == "numpy" and last in _REDUCTIONS and node.args:
        return _reduced(write, write.value(node.args[0]), last, [*node.args[1:]], options)
    if name == "scipy.linalg.solve_banded" and len(node.args) == 3 and not options:
        bands, matrix, right = (write.value(argument) for argument in node.args)
        if bands.varies or matrix.varies or right.rank != 1:
            raise NotAtOnce("bands differ between the elements")
        if right.varies:
            called = made("F(L, A, B.T).T", F=node.func, L=bands.node, A=matrix.node, B=right.node)
            return Value(called, 1, True)
        return Value(node, 1, is_fresh=True)
    if name.startswith("scipy.sparse.linalg") and last == "spsolve" and len(node.args) == 2 and not options:
        return with_one_matrix(write, node, node.func, *node.args)
    if home == "numpy.linalg" or home == "scipy.linalg":
        return _linear(write, node, last, options)
    if home == "numpy" and last in ("arange", "linspace"):
        if any(write.number(argument).varies for argument in (*node.args, *options.values())):
            if last == "arange":
                return range_of_each(write, node)
            raise NotAtOnce(f"`{ast.unparse(node)}` differs between the elements")
        return Value(node, 1, is_fresh=True)
    if name == "builtins.list" and len(node.args) == 1 and (counted := _range_in(write, node.args[0])):
        if any(write.number(argument).varies for argument in counted.args):
            return replace(range_of_each(write, counted), is_row=True, is_plain=True)
        return Value(node, None, each=Value(node, is_plain=True), is_plain=True, is_fresh=True)
    if home == "numpy" and last == "meshgrid" and len(node.args) == 2 and set(options) <= {"indexing"}:
        return grid(write, node, options.get("indexing"))
    if name == "builtins.len" and len(node.args) == 1 and table_of(write, node.args[0]):
        return Value(node, is_plain=True)
    if options:
        raise NotAtOnce(f"`{ast.unparse(node.func)}` is given options")
    if (
        name == "builtins.sum"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.GeneratorExp | ast.ListComp)
    ):
        return _sum(write, node.func, node.args[0])
    if name == "numpy.where" and len(node.args) == 3:
        return _picked(write, node)
    given = [write.value(argument) for argument in node.args]
    if any(one.is_text for one in given):
        raise NotAtOnce(f"`{ast.unparse(node.func)}` is given a text")
    if home == "numpy" and last in ("repeat", "tile") and len(given) == 2:
        return repeated(write, node, last, *given)
    if home == "numpy" and last in _UFUNCS:
        return replace(
            write.paired(lambda *parts: ast.Call(node.func, list(parts), []), *given), is_plain=False
        )
    if home == "math" and last in _OF_MATH:
        if not any(one.varies for one in given):
            return Value(ast.Call(node.func, [one.node for one in given], []), is_plain=True)
        function = made(f"{write.numpy}.{_OF_MATH[last]}")
        if last in _REFUSING and not is_not_negative(node.args[0], ast.unparse):
            given[0] = write.taken(given[0], ABOVE_ZERO if last.startswith("log") else FROM_ZERO)
        found = write.paired(lambda *parts: ast.Call(function, list(parts), []), *given)
        return replace(found, is_plain=True)
    match home, last, given:
        case "numpy", "dot" | "matmul", [one, other]:
            if last == "dot" and 0 in (one.rank, other.rank):
                return write.paired(lambda a, b: ast.BinOp(a, ast.Mult(), b), one, other)
            return write.product(one, other)
        case "numpy", "outer", [one, other] if one.rank == other.rank == 1:
            if not (one.varies or other.varies):
                return Value(node, 2, is_fresh=True)
            a = made("A[:, :, None]" if one.varies else "A[:, None]", A=one.node)
            b = made("B[:, None, :]" if other.varies else "B", B=other.node)
            return Value(ast.BinOp(a, ast.Mult(), b), 2, True, is_fresh=True)
        case "numpy", "cross", [one, other] if one.rank == other.rank == 1:
            raise NotAtOnce("the cross product of vectors in a plane or in space is not told apart")
        case "numpy", "transpose", [one]:
            return write._attribute(ast.Attribute(node.args[0], "T", ast.Load()), one)
        case "builtins", "abs", [one]:
            return write.paired(lambda a: ast.Call(node.func, [a], []), one)
        case "builtins", "min" | "max", [_, _]:
            if not any(one.varies for one in given):
                return Value(node, is_plain=True)
            function = made(write.defined(LARGER if last == "max" else SMALLER))
            return write.paired(lambda *parts: ast.Call(function, list(parts), []), *given)
        case "builtins", "min" | "max", [_, _, *_]:
            both = ast.Call(node.func, [*node.args[:2]], [])
            return write.value(ast.Call(node.func, [both, *node.args[2:]], []))
        case "builtins", "divmod", [_, _]:
            quotient, rest = (ast.BinOp(node.args[0], op, node.args[1]) for op in (ast.FloorDiv(), ast.Mod()))
            return write.value(ast.Tuple([quotient, rest], ast.Load()))
        case "builtins", "int" | "float" as kind, [one] if one.rank == 0 and not one.is_list:
            if not one.varies:
                return Value(ast.Call(node.func, [one.node], []), is_plain=True)
            return Value(made(f"X.astype({kind})", X=one.node), 0, True, is_plain=True)
        case "builtins", "len", [one] if one.ragged is not None:
            return length_of(write, one)
        case "builtins", "len", [one]:
            if one.is_list or not one.varies:
                return Value(ast.Call(node.func, [one.node], []), is_plain=True)
            return Value(made("X.shape[1]", X=one.node), is_plain=True)
        case "builtins", "list" | "tuple", [one]:
            if not one.is_list and one.varies:
                return replace(one, is_row=bool(one.rank))
            return replace(one, is_fresh=True)
        case "builtins", "sum", [one] if (
            one.is_list and one.ragged is None and (each := items_of(one)).rank == 0
        ):
            return replace(each, node=ast.Call(node.func, [one.node], []), varies=one.varies, is_truth=False)
        case "builtins", "sum", [one] if one.varies and one.rank == 1:
            return Value(made("X.sum(axis=1)", X=one.node), 0, True, is_fresh=True)
    raise NotAtOnce(f"`{ast.unparse(node.func)}` is not known to work on all elements at once")


def _picked(write: Expressions, node: ast.Call) -> Value:
    """``np.where(x < 0, a, b)`` of numbers: both are computed, as they were."""
    test, *sides = node.args
    which = _joint_test(write, test)
    given = [write.value(one) for one in sides]
    if any(one.is_truth or one.is_list or one.is_text for one in given):
        raise NotAtOnce(f"`{ast.unparse(node)}` picks other than numbers")
    picked = write.paired(lambda *parts: ast.Call(node.func, list(parts), []), which, *given)
    return replace(picked, is_plain=False)


def _joint_test(write: Expressions, test: ast.expr) -> Value:
    """``(x < 0) & (y > 0)``: all parts are looked at."""
    match test:
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
            parts = [_joint_test(write, side) for side in (left, right)]
            varies = any(part.varies for part in parts)
            return Value(ast.BinOp(parts[0].node, op, parts[1].node), 0, varies, is_truth=True)
        case ast.Compare(ops=[_]):
            return write.condition(test)
    raise NotAtOnce(f"`{ast.unparse(test)}` is no comparison")


def _range_in(write: Expressions, node: ast.expr) -> ast.Call | None:
    """``range(a, b)``."""
    is_range = isinstance(node, ast.Call) and write.meaning.full(write.module, node.func) == "builtins.range"
    return node if is_range and isinstance(node, ast.Call) else None


def _sum(write: Expressions, function: ast.expr, items: ast.GeneratorExp | ast.ListComp) -> Value:
    """``sum(abs(b[k]) for k in range(3))``, with as many terms for each element."""
    found = write.value(ast.ListComp(items.elt, items.generators))
    each = items_of(found)
    if each.is_list or each.rank != 0 or not isinstance(found.node, ast.ListComp):
        raise NotAtOnce(f"`{ast.unparse(items)}` is no sum of numbers")
    terms = ast.GeneratorExp(found.node.elt, found.node.generators)
    called = ast.Call(function, [terms], [])
    return replace(each, node=called, varies=found.varies, is_fresh=True, is_truth=False)


def _new(write: Expressions, node: ast.Call, last: str) -> Value:
    """A new array of some shape: the same for all, until elements store into it."""
    if not node.args:
        raise NotAtOnce(f"`{ast.unparse(node)}` has no shape")
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        if any(
            isinstance(one, ast.Name) and one.id in write.names and write.names[one.id].varies
            for one in ast.walk(argument)
        ):
            raise NotAtOnce(f"the shape of `{ast.unparse(node)}` differs between the elements")
    if last in ("eye", "identity"):
        return Value(node, 2, is_fresh=True)
    shape = write.value(node.args[0])
    rank = 1
    if shape.is_list:
        if shape.parts is None:
            raise NotAtOnce(f"`{ast.unparse(node)}` has a shape that is not written out")
        rank = len(shape.parts)
    return Value(node, rank, is_fresh=True)


def _array(write: Expressions, argument: ast.expr, options: dict[str | None, ast.expr]) -> Value:
    value = write.value(argument)
    was_list = value.is_list
    value = stacked(write, value)
    if value.rank is None:
        raise NotAtOnce(f"it is not known what `{ast.unparse(argument)}` is")
    dtype = options.get("dtype")
    if dtype is not None:
        value = replace(value, node=made("X.astype(D)", X=value.node, D=dtype))
    elif not was_list:
        value = replace(value, node=made("X.copy()" if value.rank or value.varies else "X", X=value.node))
    return replace(value, is_fresh=True, is_plain=False, is_row=False)


def _reduced(
    write: Expressions,
    value: Value,
    last: str,
    arguments: Sequence[ast.expr],
    options: dict[str | None, ast.expr],
) -> Value:
    axis = axis_of(options, arguments)
    value = stacked(write, value)
    if value.rank is None:
        raise NotAtOnce("it is not known what is reduced")
    if not value.varies:
        more = "" if axis is None else f"axis={axis}"
        rank = 0 if axis is None else value.rank - 1
        return Value(
            made(f"{write.numpy}.{last}(X, {more})" if more else f"{write.numpy}.{last}(X)", X=value.node),
            rank,
        )
    if value.rank == 0:
        return value
    axes = tuple(range(1, value.rank + 1)) if axis is None else (axis + 1 if axis >= 0 else axis)
    text = axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes
    rank = 0 if axis is None else value.rank - 1
    return Value(made(f"X.{last}(axis={text})", X=value.node), rank, True, is_fresh=True)


def _linear(write: Expressions, node: ast.Call, last: str, options: dict[str | None, ast.expr]) -> Value:
    given = [write.value(argument) for argument in node.args]
    if not any(one.varies for one in given):
        ranks = {"det": 0, "inv": 2, "norm": 0, "solve": given[-1].rank}
        if last not in ranks or options or any(one.rank is None for one in given):
            raise NotAtOnce(f"`{ast.unparse(node.func)}` is not known")
        return Value(node, ranks[last], is_fresh=True)
    if write.is_partial and last in ("inv", "solve"):
        given[0] = where_asked(write, given[0])
    function = made(f"{write.numpy}.linalg.{last}")
    match last, given:
        case "det", [one] if one.rank == 2 and not options:
            return Value(ast.Call(function, [one.node], []), 0, True, is_fresh=True)
        case "inv", [one] if one.rank == 2 and not options:
            return Value(ast.Call(function, [one.node], []), 2, True, is_fresh=True)
        case "norm", [one] if one.rank == 1 and not options:
            return Value(made("F(X, axis=1)", F=function, X=one.node), 0, True, is_fresh=True)
        case "norm", [one] if one.rank == 2 and not options:
            return Value(made("F(X, axis=(1, 2))", F=function, X=one.node), 0, True, is_fresh=True)
        case "solve", [matrix, right] if matrix.rank == 2 and right.rank == 2 and not options:
            return Value(made("F(A, B)", F=function, A=matrix.node, B=right.node), 2, True, is_fresh=True)
        case "solve", [matrix, right] if matrix.rank == 2 and right.rank == 1 and not options:
            if not matrix.varies:
                called = made("F(A, B.T).T", F=function, A=matrix.node, B=right.node)
                return Value(called, 1, True)
            column = "B[:, :, None]" if right.varies else "B[:, None]"
            text = f"F(A, {column})[:, :, 0]"
            return Value(made(text, F=function, A=matrix.node, B=right.node), 1, True, is_fresh=True)
    raise NotAtOnce(f"`{ast.unparse(node.func)}` is not known to work on all elements at once")


def _einsum(write: Expressions, node: ast.Call, options: dict[str | None, ast.expr]) -> Value:
    match node.args:
        case [ast.Constant(value=str(text)), *operands] if "->" in text and "." not in text and not options:
            given = [write.value(one) for one in operands]
        case _:
            raise NotAtOnce("einsum is given other than subscripts")
    inputs, _, output = text.replace(" ", "").partition("->")
    terms = inputs.split(",")
    fresh = next(letter for letter in "nezqxyw" if letter not in text)
    if len(terms) != len(given) or any(
        one.is_list or one.rank != len(t) for one, t in zip(given, terms, strict=False)
    ):
        raise NotAtOnce("einsum is given other than arrays")
    varies = any(one.varies for one in given)
    terms = [fresh + term if one.varies else term for one, term in zip(given, terms, strict=True)]
    subscripts = ast.Constant(f"{','.join(terms)}->{fresh if varies else ''}{output}")
    call = ast.Call(node.func, [subscripts, *(one.node for one in given)], [])
    return Value(call, len(output), varies, is_fresh=True)


def _method(write: Expressions, node: ast.Call) -> Value:
    assert isinstance(node.func, ast.Attribute)
    method = node.func.attr
    if is_by_factors(write, node):
        return with_one_matrix(write, node, node.func, None, node.args[0])
    base = write.value(node.func.value)
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    if base.is_list:
        raise NotAtOnce(f"`{ast.unparse(node.func)}` of a list")
    if method in _REDUCTIONS:
        return _reduced(write, base, method, node.args, options)
    if options:
        raise NotAtOnce(f"`{ast.unparse(node.func)}` is given options")
    match method, node.args:
        case "dot", [other]:
            return write.product(base, write.value(other))
        case "copy", []:
            return replace(
                base, node=ast.Call(ast.Attribute(base.node, "copy", ast.Load()), [], []), is_fresh=True
            )
        case "transpose", []:
            return write._attribute(ast.Attribute(node.func.value, "T", ast.Load()), base)
        case "ravel" | "flatten", []:
            if not base.varies:
                return Value(made(f"X.{method}()", X=base.node), 1)
            return Value(made("X.reshape(N, -1)", X=base.node, N=made(write.count)), 1, True)
        case "reshape", sizes if sizes:
            parts = sizes[0].elts if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple) else sizes
            numbers = [write.number(part) for part in parts]
            if any(part.varies for part in numbers) or not base.varies:
                raise NotAtOnce("a shape differs between the elements")
            shape = [made(write.count), *(part.node for part in numbers)]
            call = ast.Call(ast.Attribute(base.node, "reshape", ast.Load()), shape, [])
            return Value(call, len(parts), True)
        case "tolist", [] if base.varies and base.rank == 1:
            return replace(base, is_row=True, is_plain=True)
    raise NotAtOnce(f"`{ast.unparse(node.func)}` is not known to work on all elements at once")
