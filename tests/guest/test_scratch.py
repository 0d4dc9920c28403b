"""Runs never touch the user's files, and every run sees the same ones."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pdeperf.guest import scratch as rooms
from pdeperf.guest.launch import importable, pinned_environment
from pdeperf.guest.scratch import ChangedError, Place, locate, scratch, temporary_folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "solver.py").write_text("x = 1\n")
    (folder / "data" / "mesh.txt").write_text("1 2 3\n")
    (folder / ".git").mkdir()
    (folder / "env").mkdir()
    (folder / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "work" / "shared.txt").write_text("shared\n")
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(place: Place, code: str) -> None:
    """Run a few lines in the copy as a guest would."""
    with importable() as path:
        environment = pinned_environment(path, cache_dir=place.base / "cache", place=place)
        guarded = f"from pdeperf.guest import overlay; overlay.install()\n{code}"
        subprocess.run([sys.executable, "-c", guarded], cwd=place.cwd, env=environment, check=True)


def test_the_root_is_the_working_folder_or_else_the_scripts() -> None:
    assert locate("a/solver.py", Path("/home/u")) == (Path("/home/u"), "a/solver.py")
    assert locate("../src/solver.py", Path("/home/u")) == (Path("/home/src"), "solver.py")
    assert locate("/elsewhere/solver.py", Path("/home/u")) == (Path("/elsewhere"), "solver.py")


def test_the_copy_has_the_files_but_not_what_no_solver_reads(project: Path) -> None:
    with scratch("solver.py", project) as place:
        assert (place.cwd / "data" / "mesh.txt").read_text() == "1 2 3\n"
        assert not (place.cwd / ".git").exists()
        assert not (place.cwd / "env").exists()
        base = place.base
    assert not base.exists()


def test_what_stands_beside_the_folder_can_be_read(project: Path) -> None:
    with scratch("solver.py", project) as place:
        assert (place.cwd / ".." / "shared.txt").read_text() == "shared\n"


def test_a_script_elsewhere_runs_in_the_working_folder(project: Path) -> None:
    (project.parent / "run").mkdir()
    with scratch("../project/solver.py", project.parent / "run") as place:
        assert (place.root / "solver.py").is_file()
        assert place.cwd.name == "run"
        assert (place.cwd / ".." / "project").samefile(place.root)


def test_writes_stay_in_the_copy_wherever_they_are_aimed(project: Path) -> None:
    before = snapshot(project.parent)
    absolute = str(project)
    with scratch("solver.py", project) as place:
        run(
            place,
            f"""
import os, shutil
open("new.txt", "w").write("1")
open("../shared.txt", "a").write("2")
open("../beside.txt", "w").write("3")
open({absolute!r} + "/solver.py", "a").write("y = 2")
os.makedirs({absolute!r} + "/made/deep")
os.remove({absolute!r} + "/data/mesh.txt")
assert not os.path.exists({absolute!r} + "/data/mesh.txt")
os.chdir("..")
os.rename("shared.txt", "renamed.txt")
shutil.copy("renamed.txt", "copied.txt")
shutil.rmtree({absolute!r} + "/made")
""",
        )
        assert (place.cwd / "new.txt").exists()
        assert (place.cwd / ".." / "renamed.txt").read_text() == "shared\n2"
    assert snapshot(project.parent) == before


def test_a_large_tree_is_linked_and_still_safe(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "SMALL_TREE_BYTES", 1000)
    monkeypatch.setattr(rooms, "SMALL_FOLDER_BYTES", 100)
    monkeypatch.setattr(rooms, "SMALL_FILE_BYTES", 100)
    (project / "big.dat").write_text("b" * 2000)
    (project / "runs" / "deep").mkdir(parents=True)
    (project / "runs" / "deep" / "old.dat").write_text("o" * 2000)
    before = snapshot(project)
    with scratch("solver.py", project) as place:
        assert (place.cwd / "big.dat").is_symlink()
        assert (place.cwd / "runs").is_symlink()
        assert not (place.cwd / "solver.py").is_symlink()
        run(
            place,
            """
import os
open("big.dat", "r+").write("changed")
open("runs/deep/old.dat", "a").write("more")
open("runs/new.dat", "w").write("new")
os.chdir("runs")
open("beside.dat", "w").write("new")
""",
        )
        assert (place.cwd / "big.dat").read_text().startswith("changedb")
        assert (place.cwd / "runs" / "deep" / "old.dat").read_text().endswith("omore")
        assert (place.cwd / "runs" / "beside.dat").exists()
        place.fresh()
        assert (place.cwd / "runs").is_symlink()
        assert (place.cwd / "big.dat").is_symlink()
    assert snapshot(project) == before


def test_every_run_starts_from_the_same_files(project: Path) -> None:
    with scratch("solver.py", project) as place:
        (place.cwd / "data" / "mesh.txt").write_text("changed")
        (place.cwd / "out" / "deep").mkdir(parents=True)
        (place.cwd / "out" / "deep" / "u.txt").write_text("1")
        (place.cwd / "solver.py").unlink()
        assert {path.name for path in place.changed()} == {"mesh.txt", "u.txt"}
        place.fresh()
        assert snapshot(place.cwd).keys() == {str(place.cwd / "data/mesh.txt"), str(place.cwd / "solver.py")}
        assert (place.cwd / "data" / "mesh.txt").read_text() == "1 2 3\n"
        assert not (place.cwd / "out").exists()
        assert place.changed() == ()


def test_a_copy_of_the_copy_is_made_fresh_as_it_is(project: Path) -> None:
    before = snapshot(project)
    with scratch("solver.py", project) as place:
        place.write({"solver.py": "x = 2\n"})
        with place.twin() as other:
            run(other, "open('data/mesh.txt', 'w').write('9'); open('new.txt', 'w').write('z')")
            assert (place.cwd / "data" / "mesh.txt").read_text() == "1 2 3\n"
            assert not (place.cwd / "new.txt").exists()
            other.fresh()
            texts = [
                (other.cwd / name).read_text() for name in ("solver.py", "data/mesh.txt", "../shared.txt")
            ]
            assert texts == ["x = 2\n", "1 2 3\n", "shared\n"] and not (other.cwd / "new.txt").exists()
            other.write({})
            other.fresh()
            assert (other.cwd / "solver.py").read_text() == "x = 1\n"
        assert not other.base.exists()
    assert snapshot(project) == before


def test_compiled_code_survives(project: Path) -> None:
    with scratch("solver.py", project) as place:
        (place.cwd / "__pycache__").mkdir()
        (place.cwd / "__pycache__" / "solver.pyc").write_text("")
        place.fresh()
        assert (place.cwd / "__pycache__" / "solver.pyc").exists()


def test_a_file_that_the_user_changes_meanwhile_is_told(project: Path) -> None:
    with scratch("solver.py", project) as place:
        (place.cwd / "data" / "mesh.txt").write_text("by the run")
        (project / "data" / "mesh.txt").write_text("by the user")
        with pytest.raises(ChangedError, match=r"mesh\.txt"):
            place.fresh()


def test_equal_texts_have_equal_times_and_others_have_not(project: Path) -> None:
    with scratch("solver.py", project) as place:

        def stamp(text: str) -> int:
            place.write({"solver.py": text})
            place.fresh()
            assert (place.root / "solver.py").read_text() == text
            return (place.root / "solver.py").stat().st_mtime_ns

        assert stamp("a = 1\n") == stamp("a = 1\n") != stamp("a = 2\n")


def test_a_file_of_an_earlier_version_is_taken_away(project: Path) -> None:
    with scratch("solver.py", project) as place:
        place.write({"solver.py": "import kernels\n", "kernels.py": "k = 1\n"})
        place.fresh()
        place.write({"solver.py": "x = 2\n"})
        place.fresh()
        assert not (place.root / "kernels.py").exists()
        place.write({})
        place.fresh()
        assert (place.root / "solver.py").read_text() == "x = 1\n"


def test_a_script_that_deletes_itself_is_there_again(tmp_path: Path) -> None:
    (tmp_path / "solver.py").write_text("x = 1\n")
    with scratch("solver.py", tmp_path) as place:
        (place.cwd / "solver.py").unlink()
        place.fresh()
        assert (place.cwd / "solver.py").read_text() == "x = 1\n"
        place.write({"solver.py": "x = 2\n"})
        (place.cwd / "solver.py").unlink()
        place.fresh()
        assert (place.cwd / "solver.py").read_text() == "x = 2\n"


def test_a_name_outside_is_refused(project: Path) -> None:
    with scratch("solver.py", project) as place, pytest.raises(ValueError, match="outside"):
        place.write({"../evil.py": "x = 1\n"})


def test_a_text_is_stored_in_the_coding_that_its_coding_line_names(project: Path) -> None:
    text = "# coding: latin-1\nvalue = 'W\u00e4rme'\n"
    plain = "value = 'W\u00e4rme'\n"
    with scratch("solver.py", project) as place:
        place.write({"solver.py": text, "plain.py": plain})
        place.fresh()
        assert (place.root / "solver.py").read_bytes() == text.encode("latin-1")
        assert (place.root / "plain.py").read_bytes() == plain.encode()
        run(place, "from solver import value; assert value == 'W\\u00e4rme'")


def test_an_interruption_while_a_folder_is_removed_waits_until_it_has_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    real, calls = shutil.rmtree, []

    def interrupted(folder, **options):
        calls.append(folder)
        if len(calls) == 1:
            raise KeyboardInterrupt
        real(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), temporary_folder("pdeperf-runs-") as folder:
        (folder / "cache").mkdir()
    assert list(tmp_path.iterdir()) == []
