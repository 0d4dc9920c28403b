"""Which kinds library calls and operators return for certain, whatever the input of the script.

Sets of kinds: one entry for each kind that a value may have. What is not known to be true of every
run is ``ANYTHING``.
"""

import ast
from collections.abc import Callable, Mapping, Sequence

from pdeperf.kernel.kinds import BOOL, F32, FLOAT, INT, NPFLOAT, SMALL, UNKNOWN, Kind, element
from pdeperf.kernel.operator_kinds import ANYTHING, NO_NDIM, NOTHING, REAL, Kinds, array_kind, union

GENERATORS = {
    "numpy.random.Generator": Kind("generator"),
    "numpy.random.default_rng": Kind("generator"),
    "numpy.random.RandomState": Kind("object", "RandomState"),
    "random.Random": Kind("object", "Random"),
}
_NAMED = {
    "float": "float64",
    "float64": "float64",
    "double": "float64",
    "int": "int64",
    "int64": "int64",
    "bool": "bool",
    "bool_": "bool",
    "float32": "float32",
    "single": "float32",
    "int32": "int32",
    "complex": "complex128",
    "complex128": "complex128",
    **{dtype: dtype for dtype in SMALL},
}
_OF_SCALAR = {
    "float": "float64",
    "npfloat": "float64",
    "int": "int64",
    "npint": "int64",
    "f32": "float32",
    "bool": "bool",
    "complex": "complex128",
}
_MADE = frozenset(("zeros", "ones", "empty"))
_KEPT = frozenset(
    (
        "copy ascontiguousarray asfortranarray roll flip fliplr flipud sort abs absolute ravel squeeze clip "
        "transpose tile repeat reshape negative conj real_if_close pad diff swapaxes rot90 "
    ).split()
)
"""Functions whose result has the element type of their first argument."""

_SAME_SHAPE = frozenset(
    ("copy", "ascontiguousarray", "roll", "flip", "abs", "absolute", "clip", "negative", "sort")
)
_FLOATING = frozenset(
    (
        "sqrt exp expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh "
        "arccosh arctanh cbrt exp2 deg2rad rad2deg radians degrees "
    ).split()
)
_PAIRED = frozenset(
    ("maximum", "minimum", "fmax", "fmin", "power", "arctan2", "hypot", "add", "multiply", "subtract")
)
_RANDOM = frozenset("rand randn random random_sample uniform normal standard_normal ranf sample".split())
_FOLDED = frozenset(("sum", "max", "min", "amax", "amin", "mean", "std", "var", "dot", "trapz", "trapezoid"))
_ROUNDED = frozenset(("floor", "ceil", "trunc", "round", "rint", "fabs", "square"))


def subscripted(value: Kind, ndim_dropped: int, *, slices: bool) -> Kinds:
    """Kinds of an array's part, given how many dimensions its indices use up."""
    if value.ndim == NO_NDIM:
        part = Kind("array", value.dtype, NO_NDIM)
        return frozenset((part,)) if slices else union(((part,), (element(value),)))  # type: ignore[arg-type]
    left = value.ndim - ndim_dropped
    return frozenset((Kind("array", value.dtype, left) if left > 0 else element(value),))


Evaluate = Callable[[ast.expr], Kinds]


def call_kinds(name: str, node: ast.Call, evaluate: Evaluate, elements: Evaluate) -> Kinds:
    """Kinds of what a library call returns.

    Parameters
    ----------
    name
        Its qualified name.
    evaluate, elements
        Kinds of an expression; of the elements of a list written on the spot.
    """
    if any(isinstance(argument, ast.Starred) for argument in node.args) or any(
        keyword.arg is None or keyword.arg == "out" for keyword in node.keywords
    ):
        return ANYTHING
    home, _, last = name.rpartition(".")
    if home == "math":
        return frozenset((_of_math(last),))
    if home == "random":
        return _of_random(last, node, evaluate, elements)
    if home == "builtins":
        return _of_builtin(last, node, evaluate)
    if name.startswith("numpy.random.") and last in _RANDOM:
        return drawn(node)
    if name in GENERATORS:
        return frozenset((GENERATORS[name],))
    if home == "numpy":
        return _of_numpy(last, node, evaluate, elements)
    return ANYTHING


def _of_random(name: str, node: ast.Call, evaluate: Evaluate, elements: Evaluate) -> Kinds:
    """Kinds of what Python's own generator draws."""
    if name in ("randint", "randrange") or (name == "random" and not node.args):
        return frozenset((FLOAT if name == "random" else INT,))
    if name == "choice" and len(node.args) == 1:
        return elements(node.args[0])
    given = [evaluate(each) for each in (*node.args, *(word.value for word in node.keywords))]
    is_plain = all(kinds and kinds <= {INT, FLOAT} for kinds in given)
    return frozenset((FLOAT,)) if name in ("uniform", "gauss", "normalvariate") and is_plain else ANYTHING


def drawn(node: ast.Call) -> Kinds:
    """Kinds of random numbers: one, or an array of them."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    given = {word.arg: word.value for word in node.keywords}
    if "dtype" in given or None in given or any(isinstance(part, ast.Starred) for part in node.args):
        return ANYTHING
    if not (node.args or given):
        return frozenset((FLOAT,))
    if name in ("rand", "randn"):
        return frozenset((Kind("array", "float64", len(node.args)),))
    at = 2 if name in ("uniform", "normal") else 0
    size = given.get("size", node.args[at] if len(node.args) > at else None)
    if isinstance(size, ast.Tuple):
        return frozenset((Kind("array", "float64", len(size.elts)),))
    return frozenset((FLOAT, NPFLOAT, Kind("array", "float64", NO_NDIM)))


def _of_math(last: str) -> Kind:
    if last in ("floor", "ceil", "trunc", "gcd", "factorial", "isqrt", "comb"):
        return INT
    return BOOL if last.startswith("is") else FLOAT


def _of_builtin(last: str, node: ast.Call, evaluate: Evaluate) -> Kinds:
    fixed = {"int": INT, "float": FLOAT, "bool": BOOL, "len": INT, "str": Kind("str"), "input": Kind("str")}
    if last in fixed:
        return frozenset((fixed[last],))
    if last == "abs" and len(node.args) == 1:
        kinds = evaluate(node.args[0])
        return frozenset(FLOAT if kind.base == "complex" else kind for kind in kinds)
    if last in ("max", "min") and len(node.args) > 1 and not node.keywords:
        return union(evaluate(argument) for argument in node.args)
    if last == "round" and node.args:
        kinds = evaluate(node.args[0])
        whole = len(node.args) == 1 and not node.keywords
        return frozenset((INT,)) if whole and {kind.base for kind in kinds} <= {"int", "float"} else kinds
    return ANYTHING


def _of_numpy(last: str, node: ast.Call, evaluate: Evaluate, elements: Evaluate) -> Kinds:
    words = {keyword.arg: keyword.value for keyword in node.keywords}
    position = {"zeros": 1, "ones": 1, "empty": 1, "full": 2, "array": 1, "asarray": 1}.get(last, 99)
    written = words.get("dtype", node.args[position] if len(node.args) > position else None)
    dtype = "" if written is None else named_type(written)
    if (written is not None and not dtype) or (not node.args and last not in ("zeros", "ones", "empty")):
        return ANYTHING
    if last in _NAMED and not node.keywords and len(node.args) == 1:
        kinds = evaluate(node.args[0])
        cast = element(Kind("array", _NAMED[last]))
        return union(
            _converted(kind, _NAMED[last]) if kind.is_array else frozenset((cast,)) for kind in kinds
        )
    if last in _MADE:
        shape = node.args[0] if node.args else words.get("shape")
        return frozenset((Kind("array", dtype or "float64", _ndim_of(shape, evaluate)),))
    if last in ("eye", "identity"):
        return frozenset((Kind("array", dtype or "float64", 2),))
    if last == "full" and len(node.args) > 1:
        filled = frozenset((dtype,)) if dtype else _types(evaluate(node.args[1]))
        ndim = _ndim_of(node.args[0], evaluate)
        return union(frozenset((Kind("array", one, ndim) if one else UNKNOWN,)) for one in filled)
    if last.endswith("_like"):
        return union(
            frozenset((Kind("array", dtype or kind.dtype, kind.ndim) if kind.is_array else UNKNOWN,))
            for kind in evaluate(node.args[0])
        )
    if last in ("linspace", "logspace", "geomspace"):
        kinds = union(evaluate(argument) for argument in node.args[:2])
        real = {kind.base for kind in kinds} <= REAL and len(node.args) > 1
        return frozenset((Kind("array", dtype or "float64", 1),)) if real or dtype else ANYTHING
    if last == "arange":
        if dtype:
            return frozenset((Kind("array", dtype, 1),))
        return union(_counted(kinds) for kinds in _each([evaluate(argument) for argument in node.args]))
    if last in ("array", "asarray"):
        return _from_sequence(node.args[0], dtype, evaluate, elements)
    if last in ("loadtxt",) and not words.keys() & {"dtype", "unpack"}:
        return frozenset((Kind("array", "float64", NO_NDIM),))
    given = [evaluate(argument) for argument in node.args]
    return union(_elementwise(last, combination, node) for combination in _each(given))


def _each(kinds: Sequence[Kinds]) -> list[tuple[Kind, ...]]:
    found: list[tuple[Kind, ...]] = [()]
    for one in kinds:
        found = [(*before, kind) for before in found for kind in one]
        if len(found) > 64:
            return [(UNKNOWN,) * len(kinds)]
    return found


def _counted(kinds: Sequence[Kind]) -> Kinds:
    bases = {kind.base for kind in kinds}
    if bases <= {"int", "npint", "bool"}:
        return frozenset((Kind("array", "int64", 1),))
    return frozenset((Kind("array", "float64", 1),)) if bases <= REAL else ANYTHING


def _elementwise(last: str, kinds: Sequence[Kind], node: ast.Call) -> Kinds:
    first = kinds[0] if kinds else UNKNOWN
    if UNKNOWN in kinds:
        return ANYTHING
    if last in ("abs", "absolute") and first.dtype == "complex128":
        return frozenset((Kind("array", "float64", first.ndim),))
    if last in _KEPT and first.is_array:
        return frozenset((Kind("array", first.dtype, first.ndim if last in _SAME_SHAPE else NO_NDIM),))
    if last in ("abs", "absolute", *_FLOATING, *_ROUNDED) and len(kinds) == 1:
        return frozenset((_floating(first),))
    if last in _PAIRED and len(kinds) == 2:
        return _pair(kinds[0], kinds[1])
    if last == "where" and len(kinds) == 3 and first.is_array:
        joint = _pair(kinds[1], kinds[2])
        return union(
            frozenset((Kind("array", _OF_SCALAR.get(kind.base, ""), first.ndim),))
            if kind.is_scalar
            else frozenset((kind,))
            for kind in joint
        )
    if last in ("cumsum", "cumprod") and first.dtype in ("float64", "float32", "int64"):
        return frozenset((Kind("array", first.dtype, NO_NDIM),))
    if last == "outer" and len(kinds) == 2:
        product = array_kind(first, kinds[1])
        return frozenset((Kind("array", product.dtype, 2) if product.is_array else UNKNOWN,))
    if last in _FOLDED and first.is_array and first.dtype in ("float64", "float32", "complex128"):
        whole = len(node.args) == 1 and not node.keywords
        folded = element(first)
        return frozenset((folded,)) if whole else frozenset((folded, Kind("array", first.dtype, NO_NDIM)))
    if last in ("max", "min", "amax", "amin") and first.dtype == "int64" and len(node.args) == 1:
        return frozenset((Kind("npint"),)) if not node.keywords else ANYTHING
    return ANYTHING


def _pair(one: Kind, other: Kind) -> Kinds:
    if one.is_array or other.is_array:
        return frozenset((array_kind(one, other),))
    if {one.base, other.base} <= {"float", "npfloat"}:
        return frozenset((NPFLOAT,))
    return ANYTHING


def _floating(kind: Kind) -> Kind:
    if kind.is_array:
        return kind if kind.dtype in ("float64", "float32", "complex128") else UNKNOWN
    if kind.base in ("float", "npfloat"):
        return NPFLOAT
    return F32 if kind.base == "f32" else UNKNOWN


def _from_sequence(node: ast.expr, dtype: str, evaluate: Evaluate, elements: Evaluate) -> Kinds:
    kinds = evaluate(node)
    if kinds and all(kind.is_array for kind in kinds):
        return union(_converted(kind, dtype or kind.dtype) for kind in kinds)
    if dtype:
        return frozenset((Kind("array", dtype, NO_NDIM),))
    bases = {kind.base for kind in elements(node)}
    if not bases:
        return NOTHING
    if bases <= {"float", "npfloat", "int", "bool", "npint"} and bases & {"float", "npfloat"}:
        # A list of both kinds is an array of floats; one of floats or of integers may be either.
        certain = bases <= {"float", "npfloat"} or _has_float(node)
        return frozenset((Kind("array", "float64", NO_NDIM),)) if certain else ANYTHING
    return frozenset((Kind("array", "int64", NO_NDIM),)) if bases <= {"int"} else ANYTHING


def _has_float(node: ast.expr) -> bool:
    """Is one element a float that is written there?"""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in parts) or any(
        isinstance(part, ast.List | ast.Tuple) and _has_float(part) for part in parts
    )


def _converted(kind: Kind, dtype: str) -> Kinds:
    return frozenset((Kind("array", dtype, kind.ndim),))


def _types(kinds: Kinds) -> frozenset[str]:
    return frozenset(kind.dtype if kind.is_array else _OF_SCALAR.get(kind.base, "") for kind in kinds)


def named_type(node: ast.expr) -> str:
    """The element type that ``float``, ``np.float32`` or ``"float64"`` names; empty when not known."""
    match node:
        case ast.Constant(value=str(text)):
            return _NAMED.get(text, "")
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _NAMED.get(name, "")
        case _:
            return ""


def _ndim_of(shape: ast.expr | None, evaluate: Evaluate) -> int:
    if isinstance(shape, ast.Tuple | ast.List):
        return len(shape.elts) if not any(isinstance(part, ast.Starred) for part in shape.elts) else NO_NDIM
    if shape is not None and {kind.base for kind in evaluate(shape)} <= {"int", "npint"}:
        return 1
    return NO_NDIM


_METHODS: Mapping[str, str] = {"flatten": "ravel", "conjugate": "conj"}


def method_kinds(receiver: Kinds, name: str, node: ast.Call) -> Kinds:
    """Kinds of what a method of an array or a NumPy number returns."""
    if receiver and receiver <= set(GENERATORS.values()):
        return drawn(node) if name in _RANDOM else ANYTHING
    if name == "astype" and node.args:
        dtype = named_type(node.args[0])
        ndims = {kind.ndim if kind.is_array else NO_NDIM for kind in receiver}
        return frozenset(Kind("array", dtype, ndim) if dtype else UNKNOWN for ndim in ndims)
    if name in ("item", "tolist") or any(keyword.arg == "dtype" for keyword in node.keywords):
        return ANYTHING
    last = _METHODS.get(name, name)
    plain = ast.Call(func=node.func, args=[node.func, *node.args], keywords=node.keywords)
    return union(_elementwise(last, (kind,), plain) if kind.is_array else ANYTHING for kind in receiver)
