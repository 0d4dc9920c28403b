"""The kernels that are written compile with CUDA's own compiler, where its wheel is installed."""

import ast
import textwrap
import warnings

import pytest

from pdeperf.gpu.offload import Offload
from tests.arrays.programs import program
from tests.gpu import nvrtc
from tests.gpu.offloaded import moved
from tests.gpu.test_several_steps import HEAD, TOGETHER

pytestmark = pytest.mark.skipif(
    nvrtc.library() is None, reason="no NVRTC: pip install nvidia-cuda-nvrtc-cu12"
)


def sources(text):
    """The CUDA sources in a script."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "__global__" in node.value:
            yield node.value


def test_what_does_not_compile_is_told():
    assert "undefined" in nvrtc.problems('extern "C" __global__ void f(double *a) { a[0] = b; }')


@pytest.mark.parametrize("name", TOGETHER)
def test_kernels_for_several_steps_compile(name, tmp_path):
    found = moved(textwrap.dedent(HEAD + TOGETHER[name]), tmp_path)
    assert isinstance(found, Offload)
    kernels = list(sources(found.text))
    assert kernels
    for kernel in kernels:
        assert not (said := nvrtc.problems(kernel)), f"{said}\n{kernel}"


@pytest.mark.parametrize("seed", range(12))
def test_kernels_of_random_programs_compile(seed, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = moved(program(seed), tmp_path)
    for kernel in sources(getattr(found, "text", "")):
        assert not (said := nvrtc.problems(kernel)), f"{said}\n{kernel}"
