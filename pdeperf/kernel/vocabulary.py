"""Which library functions may stand in a kernel, and what they return.

Names are qualified (``numpy.sqrt``), resolved through imports, never the text ``np.sqrt``.
"""

import ast
from collections.abc import Mapping

from pdeperf.kernel.kinds import (
    BOOL,
    CONSTANT_NAMES,
    F32,
    FLOAT,
    INT,
    NPFLOAT,
    SMALL,
    UNKNOWN,
    Kind,
    arithmetic,
    element,
    join_all,
    product,
)
from pdeperf.source import Module
from pdeperf.source.scopes import Scope, is_builtin, star_imports
from pdeperf.source.walking import nodes_in

EXACT_SCALAR = frozenset(("sqrt fabs floor ceil trunc copysign isnan isinf isfinite ").split())
ROUNDED_SCALAR = frozenset(
    (
        "exp expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh "
        "atanh hypot pow fmod erf erfc gamma lgamma degrees radians cbrt exp2 "
    ).split()
)
MATH = frozenset(f"math.{name}" for name in EXACT_SCALAR | ROUNDED_SCALAR - {"cbrt", "exp2"})
CONSTANTS = frozenset(f"{home}.{name}" for home in ("math", "numpy") for name in sorted(CONSTANT_NAMES))

_UFUNCS = frozenset(
    (
        "abs absolute fabs sqrt exp expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan "
        "arctan2 sinh cosh tanh arcsinh arccosh arctanh hypot power maximum minimum fmax fmin floor "
        "ceil trunc rint sign square add subtract multiply divide mod fmod isnan isinf isfinite copysign "
        "deg2rad rad2deg negative logical_and logical_or logical_not exp2 cbrt reciprocal "
        "isclose nan_to_num "
    ).split()
)
_EXACT_UFUNCS = frozenset(
    (
        "abs absolute fabs sqrt maximum minimum fmax fmin floor ceil trunc rint sign square add subtract "
        "multiply divide isnan isinf isfinite copysign negative logical_and logical_or logical_not "
        "isclose nan_to_num "
    ).split()
)
_WHOLE = frozenset(("abs absolute maximum minimum sign square add subtract multiply negative mod ").split())
"""Of integers, integers."""
_SQUARE = frozenset(("eye", "identity"))
_FRESH = _SQUARE | frozenset(
    "zeros empty ones full zeros_like empty_like ones_like full_like copy array".split()
)
_ARRAY = frozenset(
    (
        "where sum max min amax amin mean any all argmax argmin count_nonzero arange linspace ndindex "
        "allclose interp searchsorted prod std var "
    ).split()
)
_CASTS = frozenset(("float64 float32 int64 int32 bool_ int_ float_ complex128 ").split())
_PRODUCTS = frozenset("dot matmul cross outer".split())
_LINEAR = frozenset("norm det inv solve".split())
"""Of one small matrix or vector at a time, by whichever LAPACK Numba finds: rounded differently, perhaps."""
NUMPY = frozenset(f"numpy.{name}" for name in _UFUNCS | _FRESH | _ARRAY | _CASTS | _PRODUCTS)
NUMPY |= frozenset(f"numpy.linalg.{name}" for name in _LINEAR)
MATRICES = frozenset(f"numpy.linalg.{name}" for name in _LINEAR)
MATRICES |= frozenset(f"numpy.{name}" for name in _PRODUCTS)
ROUND = frozenset(("numpy.round", "numpy.around"))
"""With one argument, what ``numpy.rint`` is for floats."""
BUILTINS = frozenset(
    f"builtins.{name}"
    for name in ("abs min max int float bool complex range len round pow enumerate zip divmod sum ").split()
)
LIBRARY = MATH | NUMPY | BUILTINS

COPIES = frozenset(("copy.copy", "copy.deepcopy"))
"""Functions that do to arrays what their method ``copy`` does."""
ARRAY_METHODS = frozenset(("copy sum max min mean any all fill argmax argmin flatten ").split())
REASSOCIATED = frozenset(f"numpy.{name}" for name in ("sum mean dot interp prod std var").split())
"""Computed in another order by Numba than by NumPy."""

FRESH = frozenset(f"numpy.{name}" for name in _FRESH) | {"numpy.arange", "numpy.linspace"}


def qualified(node: ast.expr, module: Module, scope: Scope, observed_function: str = "") -> str:
    """Full dotted name of what an expression refers to, ``numpy.sqrt``; empty when it is not a library's.

    ``observed_function`` (``numpy.sin``) settles names that come by star import.
    """
    match node:
        case ast.Attribute(value=value, attr=attr):
            home = qualified(value, module, scope)
            return f"{home}.{attr}" if home else ""
        case ast.Name(id=name):
            found = scope.resolve(name)
            if found is not None:
                full = module.once(_imports_in, found.node).get(name, "")
                return "" if _is_local(full, module.local_modules) else full
            if observed_function and ":" not in observed_function:
                return observed_function
            return _from_star(name, module)
        case _:
            return ""


def _is_local(full: str, local: frozenset[str]) -> bool:
    parts = full.split(".")
    return any(".".join(parts[: count + 1]) in local for count in range(len(parts)))


_BINDING = (ast.Name, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def _imports_in(scope: ast.AST) -> dict[str, str]:
    """The names that only an import binds, with what they mean."""
    found: dict[str, set[str]] = {}
    for node in nodes_in(scope):
        if not isinstance(node, _BINDING):
            continue
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    first = alias.name.split(".")[0]
                    found.setdefault(alias.asname or first, set()).add(alias.name if alias.asname else first)
            case ast.ImportFrom(module=str(home), names=aliases, level=0):
                for alias in aliases:
                    found.setdefault(alias.asname or alias.name, set()).add(f"{home}.{alias.name}")
            case ast.Name(id=bound, ctx=ast.Store()) | ast.FunctionDef(name=bound) | ast.ClassDef(name=bound):
                found.setdefault(bound, set()).add("")
    return {name: min(meant) for name, meant in found.items() if len(meant) == 1}


def _from_star(name: str, module: Module) -> str:
    for home in reversed(star_imports(module)):
        if home == "math" and f"math.{name}" in MATH | CONSTANTS:
            return f"math.{name}"
        if home in ("numpy", "pylab", "matplotlib.pylab") and f"numpy.{name}" in NUMPY | CONSTANTS:
            if is_builtin(name):
                return ""  # whether NumPy's star import shadows a builtin depends on its version
            return f"numpy.{name}"
        if home not in ("math", "numpy"):
            return f"builtins.{name}" if is_builtin(name) and f"builtins.{name}" in BUILTINS else ""
    return f"builtins.{name}" if is_builtin(name) else ""


def is_exact(name: str) -> bool:
    """Does Numba's version return the same bits as Python's or NumPy's?"""
    if name in CONSTANTS:
        return True
    home, _, last = name.rpartition(".")
    if name in MATRICES:
        return False
    if home == "math":
        return last in EXACT_SCALAR
    if home == "numpy":
        return (
            last in _EXACT_UFUNCS
            or last in _FRESH
            or last in _CASTS
            or (last in _ARRAY and name not in REASSOCIATED)
        )
    return name != "builtins.sum"  # Python 3.12 and later sum floats with a correction


_CAST_KINDS: Mapping[str, Kind] = {
    "builtins.int": INT,
    "builtins.float": FLOAT,
    "builtins.bool": BOOL,
    "builtins.len": INT,
    "builtins.complex": Kind("complex"),
    "numpy.float64": NPFLOAT,
    "numpy.float32": F32,
    "numpy.int64": Kind("npint"),
    "numpy.int32": Kind("npint"),
}


def result_kind(name: str, node: ast.Call, arguments: list[Kind]) -> Kind:
    """Kind of what a library call returns."""
    if name in _CAST_KINDS:
        return _CAST_KINDS[name]
    home, _, last = name.rpartition(".")
    if home == "math":
        if last in ("floor", "ceil", "trunc"):
            return INT
        return BOOL if last.startswith("is") else FLOAT
    if home == "builtins":
        if last in ("min", "max"):
            if len(arguments) == 1:
                is_whole = arguments[0].is_array or arguments[0].base == "list"
                return element(arguments[0]) if is_whole and arguments[0].ndim == 1 else UNKNOWN
            return join_all(arguments)
        if last == "sum" and len(arguments) == 1 and arguments[0].base == "list":
            return INT if element(arguments[0]) == INT else UNKNOWN
        if last == "abs" and arguments:
            return FLOAT if arguments[0].base == "complex" else arguments[0]
        return INT if last == "round" and len(arguments) == 1 else UNKNOWN
    return _numpy_result(last, node, arguments)


def _numpy_result(last: str, node: ast.Call, arguments: list[Kind]) -> Kind:
    if last == "ndindex":
        shape = node.args[0].elts if node.args and isinstance(node.args[0], ast.Tuple) else node.args
        plain = all(kind.base in ("int", "npint") for kind in arguments) or len(shape) > len(arguments)
        return Kind("tuple", "int", len(shape)) if plain else UNKNOWN
    if last in _FRESH:
        return _fresh(last, node, arguments)
    if last in ("sum", "max", "min", "amax", "amin", "mean") and len(node.args) == 1 and not node.keywords:
        dtype = arguments[0].dtype
        return {"float64": NPFLOAT, "float32": F32, "int64": Kind("npint")}.get(dtype, UNKNOWN)
    if last == "count_nonzero":
        return INT if len(node.args) == 1 and not node.keywords else UNKNOWN
    if last in ("prod", "std", "var", "interp", "searchsorted", "allclose"):
        return _of_whole_array(last, arguments)
    if last in _LINEAR | _PRODUCTS:
        return _of_matrices(last, arguments)
    if last == "where" and len(arguments) == 3:
        joined = arithmetic(arguments[1], arguments[2])
        if joined.is_array or not arguments[0].is_array:
            return joined
        return Kind("array", "float64", arguments[0].ndim) if joined.base == "float" else UNKNOWN
    if last not in _UFUNCS or not arguments:
        return UNKNOWN
    kind = arguments[0] if len(arguments) == 1 else arithmetic(arguments[0], arguments[1])
    if last.startswith(("is", "logical")):
        return Kind("array", "bool", kind.ndim) if kind.is_array else BOOL
    if kind.is_array:
        return kind if kind.dtype in ("float64", "float32") else UNKNOWN
    if kind.base in ("int", "npint") and last in _WHOLE:
        return Kind("npint")
    return NPFLOAT if kind.base in ("float", "npfloat", "number", "int", "npint") else kind


def _of_whole_array(last: str, arguments: list[Kind]) -> Kind:
    """Kind of one number that is made of arrays of float64."""
    if last == "allclose":
        return BOOL
    sample, table = (arguments[0], arguments[-1]) if last == "interp" else (arguments[-1], arguments[0])
    if table.dtype != "float64" or (last in ("interp", "searchsorted") and not sample.is_scalar):
        return UNKNOWN
    return Kind("npint") if last == "searchsorted" else NPFLOAT


def _of_matrices(last: str, arguments: list[Kind]) -> Kind:
    """Kind of what linear algebra with arrays of float64 returns."""
    if not arguments or not all(kind.is_array and kind.dtype == "float64" for kind in arguments):
        return UNKNOWN
    if len(arguments) != (1 if last in ("norm", "det", "inv") else 2):
        return UNKNOWN
    if last in ("norm", "det"):
        return NPFLOAT
    if last in ("dot", "matmul"):
        return product(arguments[0], arguments[-1])
    return Kind("array", "float64", 2) if last == "outer" else arguments[-1]


def _fresh(last: str, node: ast.Call, arguments: list[Kind]) -> Kind:
    dtype = "float64"
    for keyword in node.keywords:
        if keyword.arg == "dtype":
            text = ast.unparse(keyword.value).rpartition(".")[2]
            named = {
                "float": "float64",
                "float64": "float64",
                "int": "int64",
                "int64": "int64",
                "bool": "bool",
            }
            same = {one: one for one in ("float32", "int32", *SMALL)}
            dtype = {**named, **same}.get(text, "")
    if not dtype or not arguments:
        return UNKNOWN
    if last in _SQUARE:
        is_count = len(node.args) == 1 and not node.keywords and arguments[0].base in ("int", "npint")
        return Kind("array", "float64", 2) if is_count else UNKNOWN
    if last.endswith("_like") or last == "copy":
        like = arguments[0]
        has_dtype = any(keyword.arg == "dtype" for keyword in node.keywords)
        return Kind("array", dtype if has_dtype else like.dtype, like.ndim) if like.is_array else UNKNOWN
    if last == "array" and arguments[0].base == "list" and not node.keywords and len(node.args) == 1:
        made = {"npfloat": "float64"}.get(arguments[0].dtype, arguments[0].dtype)
        return Kind("array", made, arguments[0].ndim) if made else UNKNOWN
    if last == "full" or last == "array" or len(node.args) > 1:
        return UNKNOWN
    shape = node.args[0]
    if isinstance(shape, ast.Tuple):
        return Kind("array", dtype, len(shape.elts))
    return Kind("array", dtype, 1) if arguments[0].base in ("int", "npint") else UNKNOWN
