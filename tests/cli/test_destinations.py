"""Files that a command is asked to write: refused before anything runs, and nothing of the user's lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pdeperf.cli.destination import destination, write
from pdeperf.cli.script import InputError
from pdeperf.store import StoreError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["", ".", "..", "nothere/a.txt", "heat.py/a.txt", "loop/a", "x" * 300])
def test_a_place_where_no_file_can_be_is_refused(here: Path, name: str) -> None:
    (here / "heat.py").write_text("u = 1")
    (here / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=r"not a place for a file|cannot"):
        destination(name, "-o")


def test_a_file_that_pdeperf_did_not_write_is_kept(here: Path) -> None:
    for name, text in (("heat.py", "import pdeperf"), ("README.md", "# heat"), ("data.json", "[1]")):
        (here / name).write_text(text)
        with pytest.raises(InputError, match="not written by pdeperf"):
            destination(name, "-o")


def test_a_link_leads_to_the_file_that_is_written(here: Path) -> None:
    (here / "real.md").write_text("pdeperf")
    (here / "link.md").symlink_to("real.md")
    write(destination("link.md", "-o"), "new")
    assert (here / "link.md").is_symlink()
    assert (here / "real.md").read_text() == "new"


def test_a_pipe_is_written_to_and_stays_one(here: Path) -> None:
    os.mkfifo(here / "pipe")
    reader = subprocess.Popen(
        [sys.executable, "-c", "print(open('pipe').read())"], stdout=subprocess.PIPE, text=True
    )
    write(destination("pipe", "-o"), "said")
    assert reader.communicate(timeout=20)[0] == "said\n"
    assert stat.S_ISFIFO((here / "pipe").stat().st_mode)


def test_a_full_device_is_told_and_stays_a_device() -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("no /dev/full here")
    with pytest.raises(StoreError, match="No space left"):
        write(destination("/dev/full", "-o"), "said")
    assert full.is_char_device()
