"""Baselines that are damaged, edited or attacked: a clear line, nothing run, nothing lost."""

import errno
import json
import math
import os
import signal
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from pdeperf.trial import run as runs
from pdeperf.trial.keeping import OWN_DIGEST, BaselineError, digest_of, own_digest
from pdeperf.trial.reading import load_baseline

HEAT = """
import numpy as np
u = np.zeros(3000)
u[10:20] = 1.0
for step in range(20):
    u[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
print(u.sum())
"""
NAME = "baselines/heat"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a script and its baseline, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "heat.py").write_text(HEAT)
    command = [sys.executable, "-m", "pdeperf", "baseline", "heat.py", "-q", "--name", NAME]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def kept(made, folder):
    """The working folder, with the script and its baseline."""
    import shutil

    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / NAME


@pytest.fixture
def nothing_runs(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("something was run")

    monkeypatch.setattr(runs, "launch_beside", refuse)


def one_line(said, code=4):
    assert said.code == code, said.both
    assert len(said.err.strip().splitlines()) == 1, said.err
    assert "\x1b" not in said.both
    return said.err


@pytest.mark.parametrize("name", ["manifest.json", "results.npz", "sources/heat.py"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_told_and_nothing_runs(pdeperf, kept, nothing_runs, name, share):
    data = (kept / name).read_bytes()
    (kept / name).write_bytes(data[: int(share * len(data))])
    assert name.rpartition("/")[2] in one_line(pdeperf("validate", "heat.py", "-q", "--baseline", NAME))


EDITS = {
    "a wider tolerance": lambda m: m["noise"]["spreads"].update(u=[1e9, 1e9, 1e9]),
    "another script": lambda m: m.update(script="../../evil.py"),
    "a source outside": lambda m: m["sources"].append("../../../etc/passwd"),
    "an absolute source": lambda m: m["sources"].append("/etc/passwd"),
    "a preloaded library": lambda m: m["environment"].append(["LD_PRELOAD", "/tmp/x.so"]),
    "no noise": lambda m: m.pop("noise"),
    "numbers where names are": lambda m: m.update(results=5),
    "a tolerance that is no number": lambda m: m.update(tolerances=[{"observable": "u", "rtol": "x"}]),
    "deep nesting": lambda m: m.update(argv=eval("[" * 60 + "]" * 60)),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("signed", [False, True])
def test_an_edited_manifest_is_told_and_nothing_leads_out(pdeperf, kept, monkeypatch, edit, signed):
    """Also where the editor renewed the digests."""
    from pdeperf.trial import keeping

    monkeypatch.setattr(runs, "launch_beside", lambda *a, **o: pytest.fail("something was run"))
    manifest = json.loads((kept / "manifest.json").read_text())
    EDITS[edit](manifest)
    if signed:
        if edit in ("a wider tolerance", "deep nesting"):
            return  # whoever can sign can write another baseline: it is source that will be run
        manifest[keeping.OWN_DIGEST] = keeping.own_digest(manifest)
    (kept / "manifest.json").write_text(json.dumps(manifest))
    one_line(pdeperf("validate", "heat.py", "-q", "--baseline", NAME))


def test_flipped_bytes_never_pass_unnoticed(pdeperf, kept, nothing_runs):
    for name in ("manifest.json", "results.npz", "sources/heat.py"):
        data = (kept / name).read_bytes()
        for number in range(12):
            place = (number * 7919 + 13) % len(data)
            if data[place : place + 1].isspace():
                continue
            (kept / name).write_bytes(data[:place] + bytes([data[place] ^ 0x15]) + data[place + 1 :])
            one_line(pdeperf("validate", "heat.py", "-q", "--baseline", NAME))
        (kept / name).write_bytes(data)


@pytest.mark.parametrize("where", ["baselines/heat", "ABSOLUTE"])
def test_a_script_that_overwrites_its_own_baseline_does_not_reach_it(pdeperf, kept, folder, where):
    before = {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    path = kept if where == "ABSOLUTE" else where
    attack = (
        f"import pathlib, shutil\np = pathlib.Path({str(path)!r})\n"
        "for f in ('manifest.json', 'results.npz', 'sources/heat.py'):\n"
        "    try:\n        (p / f).write_text('mine')\n    except OSError:\n        pass\n"
        "shutil.rmtree(p, ignore_errors=True)\n"
    )
    (folder / "heat.py").write_text(HEAT + attack)
    said = pdeperf("validate", "heat.py", "-q", "--no-timing", "--baseline", NAME)
    assert said.code == 0, said.both
    if where == "ABSOLUTE" and not kept.exists():
        pytest.xfail("a script may remove what the user may remove, by its absolute path")
    assert {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()} == before


def test_a_full_disk_keeps_the_old_baseline_and_says_so(pdeperf, kept, monkeypatch):
    from pdeperf.trial import keeping

    before = (kept / "manifest.json").read_bytes()

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keeping.np.lib.format, "write_array", full)
    said = pdeperf("baseline", "heat.py", "-q", "--name", NAME, "--update")
    assert "No space left" in one_line(said, 2)
    assert (kept / "manifest.json").read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == ["heat"]


def test_a_limit_on_file_sizes_is_a_clear_line_too(kept, folder):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000));"
        "from pdeperf.cli.group import run; sys.exit(run(sys.argv[1:]))"
    )
    arguments = ["baseline", "heat.py", "-q", "--name", NAME, "--update"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode not in (0, 70), done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert load_baseline(kept).captures


def test_two_runs_at_once_both_succeed(kept, folder):
    command = [sys.executable, "-m", "pdeperf", "baseline", "heat.py", "-q", "--name", NAME, "--update"]
    both = [subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        _, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
    assert load_baseline(kept).captures
    assert [path.name for path in kept.parent.iterdir()] == ["heat"]


def test_kill_9_in_the_middle_loses_nothing(pdeperf, kept, folder):
    command = [sys.executable, "-m", "pdeperf", "baseline", "heat.py", "--name", NAME, "--update"]
    scratch = folder.parent / f"{folder.name}-scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(scratch)}
    )
    assert any("noise" in line for line in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert load_baseline(kept).captures
    end = time.monotonic() + 10.0
    while (left := _naming(str(scratch))) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []
    assert pdeperf("baseline", "heat.py", "-q", "--name", NAME, "--update").code == 0
    assert [path.name for path in kept.parent.iterdir()] == ["heat"]


def _naming(words):
    """The processes whose command lines hold these words."""
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if words.encode() in _read(path)]


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_names_with_control_codes_and_markup_are_shown_as_text(pdeperf, folder):
    name = "\x1b[31m<b>x.py"
    (folder / name).write_text(HEAT.replace("3000", "30"))
    assert "\x1b" not in pdeperf("baseline", name, "-q", "--name", NAME).both
    suffixes = (".json", ".xml", ".md", ".sarif", ".txt")
    reports = [word for suffix in suffixes for word in ("--report", f"a{suffix}")]
    held = ["validate", name, "-q", "--no-timing", "--baseline", NAME]
    for more in (["--format", "github", *reports], []):
        said = pdeperf(*held, *more)
        assert said.code == 0, said.both
        assert "\x1b" not in said.both
    written = {path.suffix: path.read_text() for path in folder.glob("a.*")}
    assert set(written) == set(suffixes)
    assert not any("\x1b" in text for text in written.values())
    assert not any("<b>" in written[suffix] for suffix in (".xml", ".md"))


def npy(shape, body=b""):
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (64 - (len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def signed(kept, edit=lambda manifest: None):
    """Make the manifest fit what the files hold now, as one who edits on purpose would."""
    manifest = json.loads((kept / "manifest.json").read_text())
    edit(manifest)
    for name in manifest["sha256"]:
        manifest["sha256"][name] = digest_of(kept / name)
    manifest[OWN_DIGEST] = own_digest(manifest)
    (kept / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "array",
    [
        npy("(1000000000000,)"),
        npy("(12500000000,)", b"x"),
        npy("(99999999999999999999999,)"),
        npy("(-5,)"),
        npy("(100000000,)", bytes(800)),
        b"hello",
    ],
)
def test_arrays_that_claim_to_be_vast_take_no_memory(pdeperf, kept, nothing_runs, array):
    count = len(json.loads((kept / "manifest.json").read_text())["results"])
    with zipfile.ZipFile(kept / "results.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"a{number}.npy", array)
    signed(kept)
    assert "make the baseline again" in one_line(pdeperf("validate", "heat.py", "-q", "--baseline", NAME))


@pytest.mark.parametrize("said", ["damaged", "encrypted", "packed otherwise"])
def test_archives_that_cannot_be_unpacked_are_told(kept, said):
    data = bytearray((kept / "results.npz").read_bytes())
    entry = data.index(b"PK\x01\x02")
    if said == "damaged":
        data[60:72] = b"\xff" * 12
    elif said == "encrypted":
        data[entry + 8] |= 1
        data[6] |= 1
    else:
        data[entry + 10] = 77
    (kept / "results.npz").write_bytes(data)
    signed(kept)
    with pytest.raises(BaselineError, match="make the baseline again"):
        load_baseline(kept)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("timeout_s", 10**400), ("timeout_s", -5), ("timeout_s", math.nan), ("argv", ["a\0b"]),
        ("argv", "xyz"), ("calls", {"f": math.inf}), ("inputs", [[{}]]),
        ("tolerances", [{"observable": "u", "rtol": math.inf, "atol": 0}]),
        ("format", 1), ("format", 2), ("format", 9), ("format", None),
    ],
)  # fmt: skip
def test_entries_of_a_wrong_kind_are_told(pdeperf, kept, nothing_runs, entry, value):
    signed(kept, lambda manifest: manifest.__setitem__(entry, value))
    assert "make the baseline again" in one_line(pdeperf("validate", "heat.py", "-q", "--baseline", NAME))


def test_a_disk_that_is_really_full_loses_nothing(folder):
    (folder / "disk").mkdir()
    (folder / "heat.py").write_text(HEAT)
    commands = f"""
        mount -t tmpfs -o size=400k tmpfs disk || exit 99
        cd disk && cp ../heat.py .
        pdeperf() {{ '{sys.executable}' -m pdeperf "$@"; }}
        pdeperf baseline heat.py -q --name {NAME} || exit 98
        dd if=/dev/zero of=filler bs=1k 2>/dev/null
        pdeperf baseline heat.py -q --name {NAME} --update; echo "update $?"
        pdeperf validate heat.py -q --no-timing --baseline {NAME} --report a.xml; echo "validate $?"
        ls -A .
    """
    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", commands], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode in (1, 99, 127) and "update" not in done.stdout:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()[-80:]}")
    assert "update 2" in done.stdout
    assert "No space left on device; what was there is as it was" in done.stderr
    assert "PASS" in done.stdout
    assert "validate 2" in done.stdout
    assert "a.xml" in done.stderr
    assert "a.xml" not in done.stdout.split("validate 2")[1]
    assert "Traceback" not in done.stderr


def test_a_script_without_numbers_gets_no_baseline(pdeperf, folder):
    (folder / "words.py").write_text("print('nothing to count')\n")
    said = pdeperf("baseline", "words.py", "-q", "--name", NAME)
    assert said.code == 5
    assert "no numeric results to compare: print one" in said.err
    assert not (folder / NAME).exists()
