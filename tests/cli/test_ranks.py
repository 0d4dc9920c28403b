"""Many ranks and many threads: what each takes, where it waits, what more of them gain."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from pdeperf.model import Rank, RanksProfile, ScalePoint, Scaling, Wait
from pdeperf.pipeline import scaling
from pdeperf.renderers import _ranks

HEAT = """
import time
import numpy as np
from mpi4py import MPI

comm = MPI.COMM_WORLD.Dup()
rank, size = comm.Get_rank(), comm.Get_size()
u = np.full(100, float(rank))
if rank == 0:
    time.sleep(0.4)
comm.Barrier()
for step in range(5):
    request = comm.Irecv(u[:1], source=(rank - 1) % size)
    comm.Send(u[-2:-1], dest=(rank + 1) % size)
    request.Wait()
total = comm.allreduce(u.sum())
print(rank, total)
"""


@pytest.fixture
def mpi():
    """Skip where there is no MPI."""
    pytest.importorskip("mpi4py")
    beside = Path(sys.executable).parent / "mpiexec"
    if not (os.access(beside, os.X_OK) or shutil.which("mpiexec")):
        pytest.skip("no mpiexec")


def test_ranks_are_merged_with_what_each_waits_for(mpi, pdeperf, folder):
    (folder / "heat.py").write_text(HEAT)
    said = pdeperf("profile", "-q", "--mpi", "2", "heat.py", "--json")
    assert said.code == 0, said.both
    first, second = json.loads(said.out)["ranks"]
    assert (first["rank"], second["rank"]) == (0, 1)
    waits = {(one["operation"], one["where"]): one for one in second["waits"]}
    assert {name for name, _ in waits} == {"Barrier", "Send", "Wait", "allreduce"}
    barrier = waits["Barrier", "heat.py:11"]
    assert barrier["calls_count"] == 1
    assert barrier["spent_s"] > 0.1  # it waits for the rank that sleeps
    assert waits["Wait", "heat.py:15"]["calls_count"] == 5
    shown = pdeperf("profile", "-q", "--mpi", "2", "heat.py").out
    assert "rank 0 works longest" in " ".join(shown.split())
    assert sorted(path.name for path in folder.iterdir()) == ["heat.py"]


def test_a_rank_that_fails_is_one_line(mpi, pdeperf, folder):
    (folder / "a.py").write_text("from mpi4py import MPI\nif MPI.COMM_WORLD.rank == 1:\n    1 / 0\n")
    said = pdeperf("profile", "-q", "--mpi", "2", "a.py")
    assert said.code == 6
    assert "ZeroDivisionError" in said.err
    assert len(said.err.splitlines()) == 1


def test_without_mpi_it_says_what_to_install(pdeperf, folder, monkeypatch):
    (folder / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(scaling.os, "access", lambda *a: False)
    monkeypatch.setattr(scaling.shutil, "which", lambda name: None)
    with pytest.raises(scaling.PipelineError, match="pip install mpi4py"):
        scaling.mpiexec("/nowhere/python")


def test_threads_are_tried_in_turns_and_the_plot_is_drawn(pdeperf, folder):
    seen = folder / "seen.txt"
    text = "import os\nn = 4\nassert n == 8 * int(os.environ['OMP_NUM_THREADS'])\n"
    (folder / "a.py").write_text(f"{text}open({str(seen)!r}, 'w').write('1')\n")
    options = ("--threads", "1,2", "--weak", "--grow", "n=8", "--plot", "s.svg")
    said = pdeperf("scale", "-q", "a.py", *options)
    assert said.code == 0, said.both
    assert "weak scaling over threads" in said.out
    assert (folder / "s.svg").read_text().count("<circle") == 2
    assert (folder / "a.py").read_text().startswith(text)
    assert not seen.exists()


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--threads", "1", "--ranks", "1"),
        ("--threads", "0"),
        ("--threads", "x"),
        ("--threads", "1", "--grow", "n=4"),
        ("--threads", "1", "--weak", "--grow", "n"),
        ("--threads", "1", "--plot", "s.png"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(pdeperf, folder, options):
    (folder / "a.py").write_text("x = 1\n")
    said = pdeperf("scale", "a.py", *options)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1


def test_imbalance_is_of_own_work_and_not_of_waiting():
    waiting = (Wait(operation="Barrier", where="a.py:1", spent_s=3.0, calls_count=1),)
    one = Rank(rank=0, elapsed_s=4.0, cpu_s=4.0, peak_bytes=1, waits=waiting)
    two = Rank(rank=1, elapsed_s=4.0, cpu_s=4.0, peak_bytes=1)
    found = RanksProfile(script="a.py", argv=(), ranks=(one, two))
    assert found.imbalance == pytest.approx(4.0 / 2.5 - 1)


def test_efficiency_is_drawn_as_text_that_nobody_can_inject_into():
    found = Scaling(
        script="<b>\x1b.py", argv=(), of="ranks", weak=False, cores_count=2,
        points=(ScalePoint(count=1, elapsed_s=1.0, speedup=1.0, efficiency=1.0),),
    )  # fmt: skip
    assert "<b>" not in _ranks.svg(found)
    assert "\x1b" not in _ranks.svg(found)
