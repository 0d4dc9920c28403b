"""A baseline is read back whole or refused with a reason."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pdeperf.judge import Capture, Observable, verdict
from pdeperf.model import Outcome, Workload
from pdeperf.trial import (
    CorruptError,
    Effort,
    IncompatibleError,
    MissingError,
    drift,
    load_baseline,
    rerun,
    save_baseline,
    validate,
)
from pdeperf.trial.keeping import FORMAT, OWN_DIGEST, own_digest

WORKLOAD = Workload(script="solver.py", argv=("3",), environment=(("N", "4"),), timeout_s=9.0)


def capture() -> Capture:
    u = Observable(name="u", values=np.arange(6.0).reshape(2, 3), shape=(2, 3), typed=True)
    line = Observable(name="stdout 't #'[0]", values=np.array([0.5]), shape=(1,))
    return Capture(observables={"u": u, line.name: line}, calls={"step": 4})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "baselines" / "default"
    save_baseline(folder, WORKLOAD, {"solver.py": "u = 1\r\n", "lib/flux.py": "é = 2\n"}, [capture()])
    return folder


def edit(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({**manifest, OWN_DIGEST: own_digest(manifest)}))


def test_what_was_saved_is_read_back(folder: Path) -> None:
    found = load_baseline(folder)
    assert found.workload == WORKLOAD
    assert found.files == {"solver.py": "u = 1\r\n", "lib/flux.py": "é = 2\n"}
    assert np.array_equal(found.captures[0].observables["u"].values, np.arange(6.0).reshape(2, 3))
    assert found.captures[0].observables["stdout 't #'[0]"].values == 0.5
    assert found.captures[0].calls == {"step": 4}


def test_a_new_baseline_replaces_the_old_and_leaves_nothing_behind(folder: Path) -> None:
    save_baseline(folder, WORKLOAD, {"solver.py": "new\n"}, [capture()])
    assert load_baseline(folder).files == {"solver.py": "new\n"}
    assert [path.name for path in folder.parent.iterdir()] == ["default"]


def test_a_folder_without_a_baseline_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="pdeperf baseline"):
        load_baseline(tmp_path)


@pytest.mark.parametrize("name", ["sources/solver.py", "results.npz"])
def test_an_edited_file_is_corrupt(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + b"#")
    with pytest.raises(CorruptError, match=path.name):
        load_baseline(folder)


def test_a_lost_file_is_corrupt(folder: Path) -> None:
    (folder / "results.npz").unlink()
    with pytest.raises(CorruptError):
        load_baseline(folder)


def test_a_broken_manifest_is_corrupt(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1, ')
    with pytest.raises(CorruptError):
        load_baseline(folder)
    (folder / "manifest.json").write_text(f'{{"format": {FORMAT}}}')
    with pytest.raises(CorruptError):
        load_baseline(folder)


def test_another_format_is_incompatible(folder: Path) -> None:
    edit(folder, format=99)
    with pytest.raises(IncompatibleError, match="format 99"):
        load_baseline(folder)


def test_a_name_that_leads_out_is_refused(folder: Path) -> None:
    secret = folder.parent / "secret.py"
    secret.write_text("x = 1\n")
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    edit(folder, sources=["../../secret.py"], sha256={"sources/../../secret.py": digest})
    with pytest.raises(CorruptError, match="leads out"):
        load_baseline(folder)


def test_a_link_is_refused(folder: Path) -> None:
    path = folder / "sources" / "solver.py"
    elsewhere = folder.parent / "solver.py"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(CorruptError, match="leads out"):
        load_baseline(folder)


def test_arrays_of_objects_are_refused(folder: Path) -> None:
    np.savez(folder / "results.npz", a0=np.array([{"evil": 1}], dtype=object))
    found = json.loads((folder / "manifest.json").read_text())["sha256"]
    digest = hashlib.sha256((folder / "results.npz").read_bytes()).hexdigest()
    edit(folder, sha256={**found, "results.npz": digest})
    with pytest.raises(CorruptError):
        load_baseline(folder)


def test_a_version_is_held_to_the_baselines_source_and_results(bench: Callable, tmp_path: Path) -> None:
    source = "import numpy as np\nu = np.zeros(9)\nfor k in range(30):\n    u += k * 0.1\n"
    script = bench(source)
    save_baseline(tmp_path / "b", script.workload, script.files, script.original.captures)
    baseline = load_baseline(tmp_path / "b")
    original = rerun(baseline, script.place, script.setting)
    assert drift(baseline, original).agrees
    wrong = {"solver.py": source.replace("0.1", "0.2")}
    trial = validate(baseline, wrong, script.place, original, effort=Effort(timed=False))
    assert verdict(trial).outcome is Outcome.WRONG
    right = {"solver.py": source.replace("k * 0.1", "0.1 * k")}
    trial = validate(baseline, right, script.place, original, effort=Effort(timed=False))
    assert all(difference.within for difference in trial.differences)


def test_a_baseline_that_does_not_run_here_is_incompatible(bench: Callable, tmp_path: Path) -> None:
    script = bench("x = 1.5\n")
    save_baseline(tmp_path / "b", script.workload, {"solver.py": "import no_such_library\n"}, [capture()])
    with pytest.raises(IncompatibleError, match="no_such_library"):
        rerun(load_baseline(tmp_path / "b"), script.place, script.setting)
