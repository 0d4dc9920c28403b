"""What the frames below a user's line are called: numpy, OpenBLAS, file I/O, import of matplotlib."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

_INSTALLED = re.compile(r".*/(?:site|dist)-packages/")
_STANDARD = re.compile(r".*/lib(?:64)?/python3\.\d+/(?:lib-dynload/)?")
_INTERPRETER = re.compile(r"^(?:libpython3|python3?(?:\.\d+)?$|ld-linux|ld-musl)")
_SYSTEM = re.compile(r"^(?:libc|libm|libpthread|libstdc\+\+|libgcc_s|libdl|libc\.musl|linux-vdso|\[vdso\])\b")
_INPUT_OUTPUT = re.compile(
    r"_io_|fileio|textiowrapper|buffered(?:reader|writer)|^_?_?(?:write|read|open)(?:64)?$", re.I
)
_NAMED = {
    "fipy": "FiPy",
    "mpl_toolkits": "matplotlib",
    "pde": "py-pde",
    "PIL": "Pillow",
    "dolfin": "FEniCS",
    "skfem": "scikit-fem",
}
_TASKS = {
    "FiPy": (("solvers", "solve"), ("meshes", "mesh"), ("matrices", "assembly"), ("terms", "assembly")),
    "scikit-fem": (
        ("solve()", "solve"),
        ("condense()", "assembly"),
        ("enforce()", "assembly"),
        ("penalize()", "assembly"),
        ("assembly", "assembly"),
        ("mesh", "mesh"),
        ("element", "assembly"),
    ),
    "py-pde": (("solvers", "solve"), ("pdes", "assembly"), ("grids", "mesh")),
}
"""What a framework's time goes to, by its subpackages and its functions, the most telling first."""
_SUBPACKAGES = {"scipy": 3, "numpy": 2, "cupy": 2}
_PUBLIC_NUMPY = frozenset({"linalg", "fft", "random", "ma", "polynomial", "matlib"})
_NATIVE = (
    ("openblas", "OpenBLAS"),
    ("superlu", "SuperLU"),
    ("mkl", "MKL"),
    ("umfpack", "UMFPACK"),
    ("cholmod", "CHOLMOD"),
    ("libblis", "BLIS"),
    ("accelerate", "Accelerate"),
    ("pocketfft", "pocketfft"),
    ("libfftw", "FFTW"),
    ("arpack", "ARPACK"),
    ("flapack", "LAPACK"),
    ("fblas", "BLAS"),
    ("odepack", "ODEPACK"),
    ("_lsoda", "LSODA"),
    ("libpetsc", "PETSc"),
    ("amg_core", "PyAMG"),
    ("libhdf5", "HDF5"),
    ("libnetcdf", "NetCDF"),
    ("qhull", "Qhull"),
    ("libgomp", "OpenMP"),
    ("libcuda", "CUDA"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a sampled stack; ``line`` is 0 where it is not known."""

    name: str
    file: str
    line: int

    @property
    def python(self) -> bool:
        """Is it a frame of Python code?"""
        return self.file.endswith(".py") or self.file.startswith("<")

    @property
    def interpreter(self) -> bool:
        """Is it the interpreter's own machinery?"""
        return not self.python and bool(_INTERPRETER.match(PurePath(self.file).name))


def package(file: str) -> str:
    """The public name of the package that a file belongs to; empty for none."""
    if found := _INSTALLED.match(file):
        return _public_name(PurePath(file[found.end() :]).with_suffix("").parts)
    if found := _STANDARD.match(file):
        module = PurePath(file[found.end() :]).parts[0].partition(".")[0].lstrip("_")
        return f"Python's {module}"
    return ""


def _public_name(parts: Sequence[str]) -> str:
    top = parts[0].partition(".")[0]  # numpy.libs holds numpy's libraries
    if top in _NAMED:
        return _NAMED[top]
    names = [top]
    for part in parts[1:-1][: _SUBPACKAGES.get(top, 1) - 1]:
        if part.startswith("_") or (top == "numpy" and part not in _PUBLIC_NUMPY):
            break
        names.append(part)
    return ".".join(names)


def library(frames: Sequence[Frame]) -> str:
    """Which library a user's line spends its time in, given the frames below it; empty for Python itself."""
    if name := _import(frames):
        return name
    if any("npyio" in frame.file or frame.file.endswith("numpy/lib/format.py") for frame in frames):
        return "file I/O"
    names = [name for frame in frames if frame.python and (name := package(frame.file))]
    if names:
        found = next((name for name in names if not name.startswith("Python's")), names[0])
        return f"{found} ({task})" if (task := _task(found, frames)) else found
    natives = [frame for frame in frames if not frame.python]
    if name := next((name for frame in natives if (name := package(frame.file))), ""):
        return name
    return "file I/O" if any(_INPUT_OUTPUT.search(frame.name) for frame in natives) else ""


def _task(name: str, frames: Sequence[Frame]) -> str:
    """Which of a framework's tasks its frames stand for: mesh, assembly or solve."""
    parts = {
        part
        for frame in frames
        if (found := _INSTALLED.match(frame.file)) and package(frame.file) == name
        for part in (*PurePath(frame.file[found.end() :]).parts[1:2], f"{frame.name}()")
    }
    return next((task for part, task in _TASKS.get(name, ()) if part in parts), "")


def _import(frames: Sequence[Frame]) -> str:
    if not frames or not frames[0].file.startswith("<frozen importlib"):
        return ""
    names = (package(frame.file) for frame in frames if not frame.file.startswith("<frozen"))
    return f"import of {next(filter(None, names), 'modules')}"


def native_library(frames: Sequence[Frame]) -> str:
    """The compiled library that a stack ends in: OpenBLAS, SuperLU; empty for none or Python's own."""
    for frame in reversed(frames):
        if frame.python or frame.interpreter:
            return ""
        lowered = frame.file.lower()
        if name := next((name for mark, name in _NATIVE if mark in lowered), ""):
            return name
        if not _SYSTEM.match(PurePath(frame.file).name):
            return package(frame.file)
    return ""
