"""A stand-in for CuPy without a GPU: NumPy underneath, and an error at every implicit mix of host and device.

Kernels are compiled with the machine's C++ compiler and run thread by thread. ``counts`` tells how often
something was moved, launched or waited for, and ``moved_bytes`` how much.
"""

import collections
import contextlib
import ctypes
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

COMPILER = shutil.which("g++") or ""
counts: collections.Counter[str] = collections.Counter()
moved_bytes: collections.Counter[str] = collections.Counter()

_HEAD = """
#include <cmath>
#include <complex>
#include <cstdlib>
using namespace std;
struct three { long long x, y, z; };
static three threadIdx, blockIdx, blockDim, gridDim;
#define __global__
#define __device__
#define __shared__ static
#define __syncthreads()
"""
_SIGNATURE = re.compile(r"__global__ void (\w+)\(([^)]*)\)")
_PYTHON_TYPES = {bool: ctypes.c_bool, int: ctypes.c_longlong, float: ctypes.c_double}
_folder = Path(tempfile.mkdtemp(prefix="pdeperf-strict-cupy-"))


class MixedError(TypeError):
    """Host and device were mixed without saying so."""


class ndarray:
    """An array on the device."""

    __module__ = "cupy"
    __array_priority__ = 1000

    def __init__(self, values):
        self._values = values

    shape = property(lambda self: self._values.shape)
    dtype = property(lambda self: self._values.dtype)
    ndim = property(lambda self: self._values.ndim)
    size = property(lambda self: self._values.size)
    nbytes = property(lambda self: self._values.nbytes)
    real = property(lambda self: ndarray(self._values.real))
    imag = property(lambda self: ndarray(self._values.imag))
    flags = property(lambda self: self._values.flags)
    T = property(lambda self: ndarray(self._values.T))

    def get(self):
        counts["to host"] += 1
        moved_bytes["to host"] += self.nbytes
        return self._values.copy()

    def set(self, values):
        if not isinstance(values, np.ndarray) or values.shape != self.shape or values.dtype != self.dtype:
            raise MixedError(f"set from {type(values).__name__}")
        counts["to device"] += 1
        moved_bytes["to device"] += values.nbytes
        self._values[...] = values

    def item(self):
        counts["to host"] += 1
        moved_bytes["to host"] += self.nbytes
        return self._values.item()

    def __str__(self):
        return str(self.get())

    def __repr__(self):
        return repr(self.get())

    def __format__(self, wish):
        return format(self.get()[()] if not self.ndim else self.get(), wish)

    def tolist(self):
        return self.get().tolist()

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __complex__(self):
        return complex(self.item())

    def __bool__(self):
        return bool(self.item())

    def __array__(self, *args, **kwargs):
        raise MixedError("implicit conversion to a NumPy array is not allowed")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        raise MixedError(f"numpy.{ufunc.__name__} of an array on the device")

    def __array_function__(self, function, types, args, kwargs):
        raise MixedError(f"numpy.{function.__name__} of an array on the device")

    def __getitem__(self, index):
        return ndarray(self._values[_inner(index)])

    def __setitem__(self, index, value):
        if isinstance(value, np.ndarray) and isinstance(index, slice) and index == slice(None):
            self.set(value)  # the one mix that CuPy allows
            return
        counts["launches"] += 1
        self._values[_inner(index)] = _inner(value)

    def copy(self):
        counts["launches"] += 1
        return ndarray(self._values.copy())

    def __len__(self):
        return len(self._values)


def _device(value):
    if not isinstance(value, ndarray):
        raise MixedError("what is not on the device")
    return value._values


def _inner(value):
    if isinstance(value, ndarray):
        return value._values
    if isinstance(value, np.ndarray) and value.ndim:
        raise MixedError("a NumPy array where one on the device is needed")
    if isinstance(value, tuple):
        return tuple(_inner(part) for part in value)
    return value


def _operator(name):
    def apply(self, *others, **how):
        counts["launches"] += 1
        found = getattr(self._values, name)(*(_inner(other) for other in others), **how)
        return found if found is NotImplemented else ndarray(np.asarray(found))

    return apply


for _name in (
    "add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow neg lt le gt ge eq ne and or invert "
    "iadd isub imul itruediv matmul abs"
).split():
    setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__"))
_METHODS = "dot sum max min mean std var prod conj conjugate ravel reshape transpose any all astype"
for _name in _METHODS.split():
    setattr(ndarray, _name, _operator(_name))


def _on_device(function):
    def call(*args, **kwargs):
        if not any(isinstance(each, ndarray) for each in args):
            raise MixedError(f"cupy.{function.__name__} of what is not on the device")
        counts["launches"] += 1
        found = function(*(_inner(each) for each in args), **kwargs)
        return ndarray(np.asarray(found))

    return call


def asarray(values, dtype=None, order=None):
    if isinstance(values, ndarray):
        return values if dtype is None or values.dtype == dtype else ndarray(values._values.astype(dtype))
    counts["to device"] += 1
    values = np.array(values, dtype=dtype, order=order or "K")  # CuPy converts on the host, too
    moved_bytes["to device"] += values.nbytes
    return ndarray(values)


def array(values, dtype=None, order=None):
    return asarray(values, dtype, order) if not isinstance(values, ndarray) else values.copy()


def asnumpy(values):
    return values.get() if isinstance(values, ndarray) else np.asarray(values)


def ascontiguousarray(values):
    if not isinstance(values, ndarray):
        raise MixedError("ascontiguousarray of what is not on the device")
    return ndarray(np.ascontiguousarray(values._values))


def _made(function):
    def make(*args, **kwargs):
        counts["allocations"] += 1
        made = function(*(_inner(each) for each in args), **kwargs)
        if function in (np.empty, np.empty_like):  # what is left there is nobody's
            made.fill(np.nan if made.dtype.kind in "fc" else True if made.dtype.kind == "b" else -(2**31) + 7)
        return ndarray(made)

    return make


class RawModule:
    """CUDA source, compiled as C++ when a function of it is asked for."""

    def __init__(self, code, options=()):
        if "--fmad=false" not in options:
            raise ValueError("sums and products would be fused")
        self._code = re.sub(r"#include <cupy/complex.cuh>", "", code)
        self._library = None

    def get_function(self, name):
        if self._library is None:
            self._library = ctypes.CDLL(str(_compiled(self._code)))
        parameters = dict(_SIGNATURE.findall(self._code))[name]
        shared = "__shared__" in self._code.split(f"void {name}(")[1].split("__global__")[0]
        return _Function(getattr(self._library, f"run_{name}"), parameters.count(",") + 1, shared=shared)


class _Function:
    def __init__(self, run, count, *, shared):
        self._run, self._count, self._shared = run, count, shared

    def __call__(self, grid, block, arguments):
        counts["launches"] += 1
        assert len(arguments) == self._count, "a kernel with other parameters"
        threads = int(np.prod(block))
        assert 0 < threads <= 1024
        assert all(count > 0 for count in grid)
        assert all(count <= 65535 for count in grid[1:])
        block = (1,) if self._shared else block  # no thread waits for another: they run in turn
        held = [_held(each) for each in arguments]
        pointers = (ctypes.c_void_p * len(held))(*(ctypes.addressof(each) for each in held))
        places = (ctypes.c_longlong * 6)(*_three(grid), *_three(block))
        self._run(places, pointers)


def _three(size):
    return (*size, 1, 1)[:3]


def _held(value):
    if isinstance(value, ndarray):
        if not value._values.flags.c_contiguous:
            raise MixedError("a kernel is given an array that is not contiguous")
        return ctypes.c_void_p(value._values.ctypes.data)
    if isinstance(value, complex):
        return (ctypes.c_double * 2)(value.real, value.imag)
    if isinstance(value, np.float32):
        return ctypes.c_float(value)
    if type(value) not in _PYTHON_TYPES:
        raise MixedError(f"a kernel is given a {type(value).__name__}")
    return _PYTHON_TYPES[type(value)](value)


def _compiled(code):
    path = _folder / f"{hashlib.sha256(code.encode()).hexdigest()[:20]}.so"
    if path.exists():
        return path
    runs = []
    for name, parameters in _SIGNATURE.findall(code):
        arguments = []
        for position, parameter in enumerate(parameters.split(",")):
            kind = re.sub(r"\w+\s*$", "", parameter.replace("__restrict__", "").replace("const ", "").strip())
            arguments.append(f"*({kind.strip()} *)arguments[{position}]")
        runs.append(
            f'extern "C" void run_{name}(const long long *places, void **arguments) {{\n'
            "gridDim = {places[0], places[1], places[2]}; blockDim = {places[3], places[4], places[5]};\n"
            + "".join(
                f"for ({at}.{axis} = 0; {at}.{axis} < {size}.{axis}; {at}.{axis}++)\n"
                for at, size in (("blockIdx", "gridDim"), ("threadIdx", "blockDim"))
                for axis in "zyx"
            )
            + f"{name}({', '.join(arguments)});\n}}\n"
        )
    source = path.with_suffix(".cpp")
    source.write_text(_HEAD + code + "\n" + "\n".join(runs))
    done = subprocess.run(
        [
            COMPILER,
            "-O1",
            "-shared",
            "-fPIC",
            "-ffp-contract=off",
            "-fcx-limited-range",
            "-w",
            "-DTHREADS=1",
            "-o",
            path,
            source,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the kernels do not compile: {done.stderr[:2000]}\n{code}")
    return path


class csr_matrix:
    """A sparse matrix on the device."""

    def __init__(self, values):
        if values.format != "csr":
            raise MixedError(f"a matrix in the format {values.format}")
        counts["to device"] += 1
        moved_bytes["to device"] += values.data.nbytes
        self._values = values.copy()

    shape = property(lambda self: self._values.shape)

    def __matmul__(self, other):
        counts["launches"] += 1
        return ndarray(self._values @ _device(other))

    dot = __matmul__


def _solver(name):
    def solve(matrix, right, x0=None, **how):
        import scipy.sparse.linalg

        first = None if x0 is None else _device(x0)
        found, info = getattr(scipy.sparse.linalg, name)(matrix._values, _device(right), x0=first, **how)
        return ndarray(found), info

    return solve


def _beside():
    """``cupyx``, as far as it is used."""
    names = ("cupyx", "cupyx.scipy", "cupyx.scipy.sparse", "cupyx.scipy.sparse.linalg")
    modules = {name: ModuleType(name) for name in names}
    for name in names[1:]:
        outer, _, last = name.rpartition(".")
        setattr(modules[outer], last, modules[name])
    modules["cupyx.scipy.sparse"].csr_matrix = csr_matrix
    for solver in ("cg", "bicgstab", "gmres"):
        setattr(modules["cupyx.scipy.sparse.linalg"], solver, _solver(solver))
    return modules


def _module():
    cupy = ModuleType("cupy")
    for name in ("ndarray", "asarray", "array", "asnumpy", "ascontiguousarray", "RawModule"):
        setattr(cupy, name, globals()[name])
    for name in "empty zeros ones full empty_like zeros_like ones_like full_like arange linspace".split():
        setattr(cupy, name, _made(getattr(np, name)))
    for name in (
        "real imag conj conjugate copy ravel reshape transpose where exp sqrt sin cos tan log abs absolute "
        "square maximum minimum sinh cosh tanh hypot arctan2 power sum mean max min prod std var dot matmul "
        "outer vdot inner roll any all isnan amax amin count_nonzero"
    ).split():
        setattr(cupy, name, _on_device(getattr(np, name)))
    names = "fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn fftshift ifftshift".split()
    cupy.stack = lambda parts, axis=0: ndarray(np.stack([_device(part) for part in parts], axis))
    cupy.meshgrid = lambda *parts, **how: tuple(
        ndarray(part) for part in np.meshgrid(*map(_device, parts), **how)
    )
    cupy.fft = SimpleNamespace(**{name: _on_device(getattr(np.fft, name)) for name in names})
    algebra = "norm solve inv cholesky eigvalsh".split()
    cupy.linalg = SimpleNamespace(**{name: _on_device(getattr(np.linalg, name)) for name in algebra})
    cupy.may_share_memory = lambda one, other: np.may_share_memory(one._values, other._values)
    cupy.pi, cupy.newaxis = np.pi, None
    cupy.float64, cupy.float32, cupy.int64, cupy.bool_ = np.float64, np.float32, np.int64, np.bool_
    cupy.complex128, cupy.int32 = np.complex128, np.int32
    pool = SimpleNamespace(free_all_blocks=lambda: None)
    cupy.get_default_memory_pool = lambda: pool
    runtime = SimpleNamespace(
        memGetInfo=lambda: (2**33, 2**34), CUDARuntimeError=type("CUDARuntimeError", (RuntimeError,), {})
    )
    cupy.cuda = SimpleNamespace(
        runtime=runtime,
        Device=lambda *_: SimpleNamespace(synchronize=lambda: counts.update(["waits"])),
        Stream=SimpleNamespace(null=SimpleNamespace(synchronize=lambda: counts.update(["waits"]))),
    )
    return cupy


@contextlib.contextmanager
def installed():
    """While ``import cupy`` finds the stand-in; counters start at zero."""
    put = {"cupy": _module(), **_beside()}
    before = {name: sys.modules.get(name) for name in put}
    sys.modules.update(put)
    counts.clear()
    moved_bytes.clear()
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


__all__ = ["COMPILER", "MixedError", "counts", "installed", "moved_bytes"]
