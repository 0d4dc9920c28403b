"""In single precision half the bytes move, and the host's arrays stay double."""

import textwrap

import numpy as np
import pytest

from pdeperf.gpu.offload import Offload
from tests.arrays.in_process import run
from tests.gpu import nvrtc, strict_cupy
from tests.gpu.offloaded import moved
from tests.gpu.test_algebra import HEAD as MATRICES
from tests.gpu.test_algebra import ON_DEVICE
from tests.gpu.test_nvrtc import sources
from tests.gpu.test_several_steps import HEAD, TOGETHER

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")
RESIDUAL = """
t = 0.0
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - 1.5e-1 * un[:-2, 1:-1])
    err = np.abs(u - un).max()
    if it % 4 == 0:
        v[:] = np.sqrt(np.abs(u)) * 2
        t += err
"""
REAL = [name for name in TOGETHER if name not in ("complex waves", "numbers of each step")]


@pytest.mark.parametrize("name", [*REAL, "a residual"])
def test_results_differ_by_single_precision_only(name, tmp_path):
    text = textwrap.dedent(HEAD + TOGETHER.get(name, RESIDUAL))
    found = moved(text, tmp_path, is_single=True)
    assert isinstance(found, Offload), found
    assert not found.exact
    before = run(text, (), tmp_path)
    double = moved(text, tmp_path)
    with strict_cupy.installed():
        run(double.text, (), tmp_path)
        bytes_count = strict_cupy.moved_bytes["to device"]
    with strict_cupy.installed():
        after = run(found.text, (), tmp_path)
        assert not after.raised, f"{after.raised}: {after.message}\n{found.text}"
        assert strict_cupy.moved_bytes["to device"] < 0.9 * bytes_count or name == "single precision"
    for each, value in before.values.items():
        if each in found.forgets or not isinstance(value, np.ndarray) or value.dtype == bool:
            continue
        other = after.values[each]
        assert other.dtype == value.dtype
        assert np.max(np.abs(other - value)) <= 2e-5 * max(np.max(np.abs(value)), 1), found.text


@pytest.mark.parametrize("name", ["a stencil from a copy", "a mask and a coefficient", "a residual"])
def test_kernels_in_single_precision_compile_without_double_numbers(name, tmp_path):
    found = moved(textwrap.dedent(HEAD + TOGETHER.get(name, RESIDUAL)), tmp_path, is_single=True)
    for source in sources(found.text):
        assert "double " not in source
        if nvrtc.library() is not None:
            assert not (said := nvrtc.problems(source)), said


def test_what_cupys_libraries_do_is_refused(tmp_path):
    assert not isinstance(moved(MATRICES + ON_DEVICE["a dense operator"], tmp_path, is_single=True), Offload)
    assert not isinstance(moved(HEAD + TOGETHER["complex waves"], tmp_path, is_single=True), Offload)
