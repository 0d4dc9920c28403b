"""The same on a real device: ``pytest -m gpu tests/gpu`` where there is one."""

import contextlib
import importlib.util
import warnings

import numpy as np
import pytest

from pdeperf.guest import accelerator
from tests.arrays.programs import inputs, program
from tests.gpu import test_algebra, test_several_steps
from tests.gpu.offloaded import finding

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module", autouse=True)
def gpu():
    if importlib.util.find_spec("cupy") is None or not accelerator.driver().get("devices"):
        pytest.skip("no GPU, or no CuPy")


@pytest.mark.parametrize("first", range(0, 200, 10))
def test_random_programs_compute_what_numpy_computes(first, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(first, first + 10):
            found = finding(program(seed), inputs(seed, 2), tmp_path, contextlib.nullcontext)
            assert found.word not in ("differs", "crashes"), f"{seed}: {found.details}\n{found.candidate}"


@pytest.mark.parametrize("name", test_several_steps.TOGETHER)
def test_steps_taken_together_are_the_same_steps_there(name, tmp_path):
    text = test_several_steps.HEAD + test_several_steps.TOGETHER[name]
    found = finding(text, test_several_steps.SIZES, tmp_path, contextlib.nullcontext)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"
    assert "in_tiles(" in found.candidate


@pytest.mark.parametrize("name", test_algebra.ON_DEVICE)
def test_linear_algebra_agrees_to_rounding(name, tmp_path):
    text = test_algebra.HEAD + test_algebra.ON_DEVICE[name]
    found = finding(text, (("3",), ("40",)), tmp_path, contextlib.nullcontext)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"


@pytest.mark.parametrize("name", ["heat_2d", "heat_3d", "gray_scott", "fdtd_2d", "shallow_water"])
def test_the_problems_are_equal_to_the_bit(name):
    from benchmarks.gpu import measure

    problem = measure.PROBLEMS[name]
    text = (measure.HERE / f"{name}.py").read_text()
    moved = measure.rewritten(text, problem.seen)
    _, plain, said = measure.run(text, (problem.seen, 7))
    _, other, also = measure.run(moved.text, (problem.seen, 7))
    assert said == also
    assert measure.largest_difference(plain, other) == 0.0


def test_transforms_agree_to_rounding():
    from benchmarks.gpu import measure

    text = (measure.HERE / "navier_stokes.py").read_text()
    moved = measure.rewritten(text, 320)
    _, plain, _ = measure.run(text, (320, 5))
    _, other, _ = measure.run(moved.text, (320, 5))
    assert measure.largest_difference(plain, other) < 1e-12


def test_doctor_measures_the_device():
    told = accelerator.measure()
    rates = accelerator.Rates(**told["rates"])
    assert "problem" not in told
    assert rates.copy_bytes_per_s > rates.to_device_bytes_per_s > 0
    assert np.isfinite(rates.scalar_read_s)


@pytest.mark.parametrize("name", ["heat_2d", "gray_scott", "fdtd_2d"])
def test_a_fused_cupy_script_is_equal_to_the_bit(name, tmp_path):
    import ast

    import cupy as cp

    from benchmarks.gpu import measure
    from pdeperf.gpu.cupy_script import Fused, fused
    from tests.arrays.in_process import project_of

    text = (measure.HERE / f"{name}.py").read_text().replace("import numpy as np", "import cupy as np")
    project = project_of(text, tmp_path)
    tree = project["script.py"].tree
    loop = next(n for n in ast.walk(tree) if isinstance(n, ast.For) and "steps" in ast.unparse(n.iter))
    found = fused(project, project["script.py"], [loop])
    assert isinstance(found, Fused), found
    _, plain, said = measure.run(text, (300, 7))
    _, other, also = measure.run(found.text, (300, 7))
    assert said == also
    for key, value in plain.items():
        if isinstance(value, cp.ndarray) and key not in found.forgets:
            assert bool((value == other[key]).all())
