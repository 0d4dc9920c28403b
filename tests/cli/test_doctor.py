import json
import sys

import pytest

from pdeperf.guest import accelerator
from pdeperf.pipeline.checkup import advice, rows

WHOLE = {
    "python": "3.12.3",
    "interpreter": "/opt/python3",
    "platform": "Linux 6.1 x86_64",
    "cpu": "A processor",
    "cores_count": 8,
    "threads_count": 16,
    "memory_bytes": 64 * 2**30,
    "versions": {"numpy": "2.2.0", "scipy": "1.15.0", "numba": "0.61.0"},
    "variables": {},
    "rates": {"memory_bandwidth_bytes_per_s": 1e10, "all_threads_bytes_per_s": 8e10},
    "blas": {"name": "openblas", "version": "0.3", "threads_count": 16},
    "numba": {"layer": "omp", "threads_count": 16},
    "gpu": {"driver": {}, "packages": {}},
}
RATES = {
    "copy_bytes_per_s": 4.2e12,
    "to_device_bytes_per_s": 1e10,
    "to_host_bytes_per_s": 4e9,
    "launch_s": 4e-6,
    "scalar_read_s": 1.3e-5,
    "compile_s": 0.2,
    "host_bytes_per_s": 1e11,
}


def with_gpu(cuda=12040, packages=None, **more):
    gpu = {"driver": {"cuda": cuda, "devices": ["A100"]}, "packages": packages or {}, **more}
    return {**WHOLE, "gpu": gpu}


def mends(found):
    return [each.mend for each in advice(found)]


def test_nothing_is_missing_where_all_is_there_but_a_gpu():
    assert mends(WHOLE) == []
    assert ("GPU", "none") in list(rows(WHOLE))


@pytest.mark.parametrize(("cuda", "extra"), [(12040, "gpu"), (12090, "gpu"), (13000, "gpu-cuda13")])
def test_a_gpu_without_cupy_gets_the_extra_for_its_driver(cuda, extra):
    assert mends(with_gpu(cuda)) == [f"pip install 'pdeperf[{extra}]'"]


def test_an_old_driver_is_named_as_such():
    (told,) = advice(with_gpu(11080))
    assert "CUDA 11.8" in told.matter
    assert not told.mend


def test_two_cupys_are_one_too_many():
    (line,) = mends(with_gpu(packages={"cupy-cuda11x": "13.0", "cupy-cuda12x": "13.4"}))
    assert line.startswith("pip uninstall -y cupy-cuda11x cupy-cuda12x && pip install")


def test_a_cupy_too_new_for_the_driver_is_replaced():
    (line,) = mends(
        with_gpu(12040, {"cupy-cuda13x": "13.6"}, problem="CUDARuntimeError: insufficient driver")
    )
    assert line == "pip uninstall -y cupy-cuda13x && pip install 'pdeperf[gpu]'"


def test_a_missing_compiler_library_is_named():
    (line,) = mends(with_gpu(12040, {"cupy-cuda12x": "13.6"}, problem="RuntimeError: libnvrtc.so not found"))
    assert line == "pip install 'cupy-cuda12x[ctk]'"


def test_missing_packages_and_broken_numba_are_mended():
    found = {
        **WHOLE,
        "versions": {"numpy": "1.26"},
        "numba": {"problem": "ImportError: needs NumPy 2.2 or less"},
    }
    assert mends(found)[:2] == ["pip install scipy", "pip install numba"]
    assert "NumPy 2.2 or less" in [each.matter for each in advice(found)][2]


def test_more_blas_threads_than_processors_are_advised_against():
    (line,) = mends({**WHOLE, "blas": {"threads_count": 64}})
    assert line == "export OPENBLAS_NUM_THREADS=16 MKL_NUM_THREADS=16"


def test_the_rates_of_a_gpu_are_shown():
    found = with_gpu(
        packages={"cupy-cuda12x": "13.6"},
        runtime=12040,
        memory_bytes=2**36,
        free_bytes=2**35,
        device="A100",
        rates=RATES,
    )
    shown = dict(rows(found))
    assert shown["device copy"] == "4200 GB/s"
    assert shown["transfers"] == "10.0 GB/s to the device, 4.0 GB/s back"
    assert mends(found) == []


def test_kept_rates_are_those_that_were_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert accelerator.kept() is None
    accelerator.keep(RATES)
    kept = accelerator.kept()
    assert kept is not None
    assert kept.scalar_read_s == 1.3e-5


def test_a_few_steps_do_not_pay_for_the_transfers():
    rates = accelerator.Rates(**RATES)
    moved = (1e9, 1e9)
    assert rates.on_gpu_s(2, 1, 2e9, moved) > rates.on_host_s(2, 2e9)
    assert rates.on_gpu_s(500, 1, 2e9, moved) < rates.on_host_s(500, 2e9)


def test_a_damaged_file_of_rates_counts_as_none(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    accelerator.keep({"copy_bytes_per_s": 1.0})
    assert accelerator.kept() is None


def test_doctor_reports_this_machine(pdeperf, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = pdeperf("doctor", "--json")
    assert said.code == 0
    found = json.loads(said.out)
    assert found["interpreter"] == sys.executable
    assert found["rates"]["all_threads_bytes_per_s"] > 0
    assert "driver" in found["gpu"]
    assert found["numba"]["layer"] in ("omp", "tbb", "workqueue")


def test_an_interpreter_that_cannot_tell_is_an_error_in_one_line(pdeperf):
    said = pdeperf("doctor", "--python", "false")
    assert said.code == 2
    assert said.err.count("\n") == 1
