"""Which library functions compute from their arguments alone, which hand out views, which change them."""

ELEMENTWISE = frozenset(
    (
        "abs absolute fabs sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan "
        "arctan2 sinh cosh tanh arcsinh arccosh arctanh hypot power float_power maximum minimum fmax fmin "
        "floor ceil trunc rint sign square add subtract multiply divide true_divide floor_divide mod fmod "
        "remainder isnan isinf isfinite copysign deg2rad rad2deg degrees radians negative reciprocal "
        "logical_and logical_or logical_not logical_xor greater less equal greater_equal less_equal "
        "not_equal conj conjugate heaviside sinc angle clip where i0"
    ).split()
)
_BINARY = frozenset(
    (
        "arctan2 hypot power float_power maximum minimum fmax fmin add subtract multiply divide true_divide "
        "floor_divide mod fmod remainder copysign logical_and logical_or logical_xor greater less equal "
        "greater_equal less_equal not_equal heaviside"
    ).split()
)
OPERANDS_COUNT = {
    **{f"numpy.{name}": 1 for name in ELEMENTWISE - _BINARY - {"clip", "where", "angle", "i0", "sinc"}},
    **{f"numpy.{name}": 2 for name in _BINARY},
    "numpy.clip": 3,
    "numpy.round": 2,
    "numpy.around": 2,
    "numpy.dot": 2,
    "numpy.concatenate": 2,
}
"""Operands of universal functions: a further positional argument is where the result goes."""

_REDUCTIONS = frozenset(
    (
        "sum prod mean std var median average max min amax amin ptp any all argmax argmin nanmax nanmin "
        "nansum nanmean count_nonzero dot vdot inner trapz trapezoid percentile quantile allclose "
        "array_equal ndim size shape"
    ).split()
)
_MAKERS = frozenset(
    (
        "zeros ones full zeros_like ones_like full_like empty empty_like array copy arange linspace logspace "
        "geomspace eye identity tri tril triu outer kron tile repeat roll gradient diff cumsum cumprod "
        "concatenate vstack hstack dstack stack column_stack append insert delete pad block cross matmul "
        "tensordot einsum convolve correlate interp polyfit polyval poly1d unique sort argsort nonzero "
        "searchsorted bincount histogram digitize isclose nan_to_num fromfunction indices round around "
        "vander float64 float32 complex128 complex64 int64 int32 int16 int8 uint8 bool_ finfo"
    ).split()
)
_LINALG = frozenset(
    (
        "inv pinv solve det norm eig eigh eigvals eigvalsh svd qr cholesky lstsq cond matrix_power expm "
        "lu_factor cho_factor"
    ).split()
)
_FFT = frozenset(
    f"{inverse}{kind}{rank}"
    for inverse in ("", "i")
    for kind in ("fft", "rfft", "hfft")
    for rank in ("", "2", "n")
) | frozenset("fftfreq rfftfreq fftshift ifftshift dct idct dst idst dctn idctn dstn idstn".split())
_SPARSE_LINALG = ("spsolve", "spsolve_triangular", "splu", "spilu", "factorized")
_SPARSE = frozenset("diags diags_array eye eye_array kron kronsum identity spdiags block_diag".split())

SPARSE_MAKERS = frozenset(f"scipy.sparse.{name}" for name in _SPARSE)
"""They make sparse matrices from numbers, arrays and other matrices."""

CONVERSIONS = frozenset("tocsr tocsc tocoo todia tobsr tolil todok toarray todense asformat".split())
"""Methods of sparse matrices that give the same matrix in another format, or itself."""

SOLVERS = tuple(
    "FactorisedWhileSame FactorisedOnce KeptFactors BandFactors solver_of_band SolvesInKeptOrder".split()
)
"""What rewrites add to a file to solve with the factors of a matrix."""

TRANSFORMS = frozenset(
    f"numpy.fft.{inverse}{kind}{rank}"
    for inverse in ("", "i")
    for kind in ("fft", "rfft")
    for rank in ("", "2", "n")
)
"""What scipy.fft has under the same names."""

PURE = (
    frozenset(f"numpy.{name}" for name in ELEMENTWISE | _REDUCTIONS | _MAKERS)
    | frozenset(f"{home}.linalg.{name}" for home in ("numpy", "scipy") for name in _LINALG)
    | frozenset(f"{home}.{name}" for home in ("numpy.fft", "scipy.fft", "scipy.fftpack") for name in _FFT)
    | frozenset(f"scipy.sparse.{name}" for name in _SPARSE)
    | frozenset(f"scipy.sparse.linalg.{name}" for name in _SPARSE_LINALG)
    | frozenset(
        f"scipy.special.{name}" for name in ("erf", "erfc", "gamma", "jv", "j0", "j1", "eval_hermite")
    )
)
"""They read their arguments, change none, and return new arrays: the same for the same arguments."""

TABLES = frozenset(
    f"{home}.{name}"
    for home in ("numpy.fft", "scipy.fft", "scipy.fftpack")
    for name in ("fftfreq", "rfftfreq")
) | frozenset(
    f"numpy.{name}"
    for name in ("meshgrid", "linspace", "arange", "eye", "identity", "outer", "kron", "logspace", "indices")
)
"""They compute tables from sizes: whoever calls them again makes the same table again."""

MESHGRID = "numpy.meshgrid"

PURE_PYTHON = frozenset(
    f"builtins.{name}" for name in ("abs min max int float bool complex len round pow sum".split())
)

VIEWS = frozenset(
    f"numpy.{name}"
    for name in (
        "asarray asanyarray ascontiguousarray asfortranarray ravel reshape transpose squeeze atleast_1d "
        "atleast_2d atleast_3d broadcast_to expand_dims swapaxes moveaxis rollaxis diagonal real imag flip "
        "fliplr flipud rot90 split array_split hsplit vsplit broadcast_arrays require real_if_close"
    ).split()
)
"""What they return may share memory with their first argument."""

VIEW_ATTRIBUTES = frozenset(("T", "real", "imag", "flat", "base"))
SIZE_ATTRIBUTES = frozenset(("shape", "size", "ndim", "dtype", "nbytes", "itemsize", "strides"))

READING_METHODS = frozenset(
    (
        "copy sum prod max min mean std var any all argmax argmin dot cumsum tolist astype item round conj "
        "conjugate trace nonzero tobytes repeat ptp cumprod argsort searchsorted clip keys count index "
        "startswith endswith format join split strip lower upper write flush is_integer toarray todense "
        "tocsr tocsc tocoo tolil todok todia tobsr asformat multiply power getnnz getrow getcol"
    ).split()
)
"""Methods that neither change what they are called on nor return a view of it."""

VIEW_METHODS = frozenset("ravel reshape transpose squeeze view swapaxes diagonal get items values".split())

CHANGING_METHODS = frozenset(
    (
        "fill sort append extend insert pop popitem remove clear update put resize itemset setfield "
        "partition byteswap setdefault add discard reverse setflags setdiag appendleft popleft"
    ).split()
)

CHANGING = frozenset(
    f"numpy.{name}" for name in "copyto put place putmask fill_diagonal put_along_axis random.shuffle".split()
) | {"random.shuffle", "builtins.next", "builtins.setattr", "builtins.delattr"}
"""They change their first argument."""

WILD = frozenset(f"builtins.{name}" for name in ("exec", "eval", "globals", "locals", "vars", "setattr"))
"""Whoever calls these may change any name."""

HARMLESS_HOMES = (
    "numpy.", "scipy.", "math.", "cmath.", "matplotlib.", "time.", "os.", "sys.", "warnings.",
    "builtins.", "tqdm.", "pylab.", "cupy.",
)  # fmt: skip
"""Libraries whose functions leave their arguments as they were, but for the ones named above."""

IMMUTABLE = frozenset(
    ("int", "float", "complex", "bool", "str", "NoneType", "slice", "range", "function", "type", "module")
)
NUMBERS = frozenset(("int", "float", "complex", "bool"))


def is_number(kind: str) -> bool:
    """Is a type's name that of a number, Python's or NumPy's?"""
    home, _, last = kind.rpartition(".")
    return kind in NUMBERS or (
        home == "numpy" and last.startswith(("float", "int", "uint", "complex", "bool", "longdouble"))
    )


def is_immutable(kind: str) -> bool:
    """Can a value of this type not be changed in place?"""
    return kind in IMMUTABLE or is_number(kind)


MESH_PROPERTIES = frozenset(
    (
        "faceAreas cellVolumes cellCenters faceCenters faceNormals cellDistances cellToCellDistances "
        "exteriorFaces interiorFaces cellFaceIDs faceCellIDs x y z numberOfCells numberOfFaces "
        "scaledFaceAreas"
    ).split()
)
"""Properties of FiPy's meshes: geometry, computed when it is asked for."""
