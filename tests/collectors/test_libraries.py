"""What the frames below a user's line are called."""

import pytest

from pdeperf.collectors.libraries import Frame, library, native_library, package

SITE = "/opt/env/lib/python3.12/site-packages/"
UMATH = Frame("array_add", SITE + "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so", 0)
LIBC = Frame("memmove", "/usr/lib/libc.so.6", 0)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("numpy/_core/fromnumeric.py", "numpy"),
        ("numpy/linalg/_linalg.py", "numpy.linalg"),
        ("numpy.libs/libscipy_openblas64_-32a4b2a6.so", "numpy"),
        ("scipy/sparse/linalg/_dsolve/linsolve.py", "scipy.sparse.linalg"),
        ("scipy/integrate/_ivp/ivp.py", "scipy.integrate"),
        ("matplotlib/backends/backend_agg.py", "matplotlib"),
        ("mpl_toolkits/mplot3d/axes3d.py", "matplotlib"),
        ("fipy/terms/term.py", "FiPy"),
        ("scipy/linalg/cython_lapack.cpython-312-x86_64-linux-gnu.so", "scipy.linalg"),
        ("six.py", "six"),
    ],
)
def test_a_package_is_named_as_users_know_it(file, name):
    assert package(SITE + file) == name


def test_the_standard_library_is_not_taken_for_a_package():
    assert package("/usr/lib/python3.12/json/encoder.py") == "Python's json"


def test_the_library_that_the_user_called_is_named_not_what_it_uses_in_turn():
    frames = [Frame("savefig", SITE + "matplotlib/pyplot.py", 9), Frame("save", SITE + "PIL/Image.py", 3)]
    assert library(frames) == "matplotlib"


def test_imports_and_files_are_named_as_such():
    boot = Frame("_find_and_load", "<frozen importlib._bootstrap>", 1)
    assert library([boot, Frame("<module>", SITE + "scipy/optimize/__init__.py", 1)]) == (
        "import of scipy.optimize"
    )
    assert library([Frame("savetxt", SITE + "numpy/lib/_npyio_impl.py", 9)]) == "file I/O"
    assert library([Frame("_io_TextIOWrapper_write", "/usr/lib/libpython3.12.so.1.0", 0)]) == "file I/O"


def test_the_compiled_library_at_the_end_of_a_stack_is_named():
    superlu = Frame("dgstrf", SITE + "scipy/sparse/linalg/_dsolve/_superlu.cpython-312.so", 0)
    blas = Frame("dgemm", SITE + "numpy.libs/libscipy_openblas64_-32a4b2a6.so", 0)
    assert native_library([superlu]) == "SuperLU"
    assert native_library([superlu, blas]) == "OpenBLAS"
    assert native_library([UMATH, LIBC]) == "numpy"


def test_the_interpreter_is_no_library():
    interpreter = Frame("unicode_dealloc", "/usr/lib/libpython3.12.so.1.0", 0)
    assert native_library([interpreter]) == ""
    assert library([interpreter]) == ""
    assert native_library([LIBC]) == ""
    assert native_library([]) == ""


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["fipy/terms/term.py", "fipy/solvers/scipy/linearLUSolver.py"], "FiPy (solve)"),
        (["fipy/terms/term.py", "fipy/terms/diffusionTerm.py"], "FiPy (assembly)"),
        (["fipy/terms/term.py", "fipy/meshes/mesh2D.py", "numpy/linalg/linalg.py"], "FiPy (mesh)"),
        (["fipy/variables/variable.py"], "FiPy"),
        (["skfem/assembly/form/bilinear_form.py"], "scikit-fem (assembly)"),
        (["pde/pdes/base.py", "pde/solvers/controller.py"], "py-pde (solve)"),
        (["pde/grids/cartesian.py"], "py-pde (mesh)"),
    ],
)
def test_a_frameworks_time_is_told_by_its_task(files, name):
    frames = [Frame("call", f"/usr/lib/python3.11/site-packages/{file}", 1) for file in files]
    assert library(frames) == name


@pytest.mark.parametrize(("function", "task"), [("solve", "solve"), ("condense", "assembly")])
def test_a_frameworks_function_tells_its_task_where_its_file_does_not(function, task):
    packages = "/usr/lib/python3.11/site-packages"
    called = Frame(function, f"{packages}/skfem/utils.py", 1)
    below = Frame("spsolve", f"{packages}/scipy/sparse/linalg/_dsolve/linsolve.py", 1)
    assert library([called, below]) == f"scikit-fem ({task})"
