import errno
import json
import math
import os
import stat
from dataclasses import replace

import pytest

from pdeperf.store import FORMAT, Store, StoreError, write_whole


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / ".pdeperf")


def test_a_report_comes_back_as_it_went_in(store, report):
    saved = replace(report, session=store.new_session())
    store.save(saved)
    assert store.load(saved.session) == saved
    assert math.isinf(store.load().steps[0].trial.differences[0].l2)


def test_numbers_without_bound_are_stored_as_standard_json(store, report):
    path = store.save(replace(report, session=store.new_session()))
    text = path.read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert '{"nonfinite":"inf"}' in text


def test_text_that_is_not_unicode_is_stored(store, report):
    odd = replace(report, session=store.new_session(), workload=replace(report.workload, argv=("\udcff",)))
    store.save(odd)
    assert store.load().workload.argv == ("\\udcff",)


def test_the_folder_ignores_itself_and_names_its_format(store):
    store.new_session()
    assert (store.folder / ".gitignore").read_text() == "*\n"
    assert (store.folder / "format").read_text() == f"{FORMAT}\n"


def test_two_runs_at_once_get_sessions_of_their_own(store):
    ids = [store.new_session() for _ in range(20)]
    assert len(set(ids)) == 20
    assert ids == sorted(ids)


def test_the_latest_readable_session_is_loaded(store, report):
    first = replace(report, session=store.new_session())
    store.save(first)
    damaged = store.new_session()
    (store.folder / "sessions" / damaged / "session.json").write_text('{"format":1,"work')
    store.new_session()  # interrupted before anything was saved
    assert store.load().session == first.session


def test_a_damaged_session_is_one_clear_line(store, report):
    path = store.save(replace(report, session=store.new_session()))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StoreError, match="damaged") as caught:
        store.load(path.parent.name)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tree: tree.update(format=FORMAT + 1), "newer pdeperf"),
        (lambda tree: tree.pop("format"), "no format number"),
        (lambda tree: tree.pop("workload"), "workload"),
        (lambda tree: tree["evidence"].update(elapsed_s="fast"), "elapsed_s"),
        (lambda tree: tree["steps"][0]["verdict"].update(outcome="splendid"), "splendid"),
    ],
)
def test_a_session_that_does_not_fit_says_where(store, report, change, says):
    path = store.save(replace(report, session=store.new_session()))
    tree = json.loads(path.read_text())
    change(tree)
    path.write_text(json.dumps(tree))
    with pytest.raises(StoreError, match=says):
        store.load(path.parent.name)


def test_a_folder_of_a_newer_format_is_not_written(store):
    store.new_session()
    (store.folder / "format").write_text("99\n")
    with pytest.raises(StoreError, match="newer pdeperf"):
        store.new_session()


@pytest.mark.parametrize("name", ["../other", "/etc", "a/b", "", ".", "..", "a\0b", "-x", "x" * 200])
def test_no_name_leads_out_of_the_folder(store, name):
    with pytest.raises(StoreError, match="cannot name"):
        store.baseline_folder(name)
    with pytest.raises(StoreError, match="cannot name"):
        store.load(name)
    with pytest.raises(StoreError, match="cannot name"):
        store.artifacts_folder(name)


def test_an_artifact_outside_its_folder_is_not_given_out(store, report, tmp_path):
    session = store.new_session()
    (tmp_path / "secret").write_text("x")
    (store.artifacts_folder(session) / "profile.pstats").write_bytes(b"x")
    listed = replace(
        report,
        session=session,
        artifacts=(("flame", "../../../../secret"), ("pstats", "profile.pstats"), ("gone", "gone.txt")),
    )
    assert store.artifact(listed, "flame") is None
    assert store.artifact(listed, "gone") is None
    assert store.artifact(listed, "pstats") == store.artifacts_folder(session) / "profile.pstats"


def test_a_full_disk_keeps_the_session_that_was_there(store, report, monkeypatch):
    saved = replace(report, session=store.new_session())
    path = store.save(saved)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        store.save(replace(saved, outputs=("new.py",)))
    monkeypatch.undo()
    assert store.load() == saved
    assert [entry.name for entry in path.parent.iterdir() if entry.name.endswith(".tmp")] == []


def test_a_folder_that_cannot_be_made_says_so(tmp_path, report):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--store"):
        Store(tmp_path / "file" / ".pdeperf").new_session()


def test_no_session_says_what_to_do(store):
    with pytest.raises(StoreError, match="pdeperf profile"):
        store.load()
    with pytest.raises(StoreError, match="no session"):
        store.load("20200101T000000-001")


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "a.py"
    target.write_text("old")

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(target, b"new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_written_files_have_the_users_permissions(tmp_path):
    mask = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", b"")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_session_can_be_removed(store, report):
    saved = replace(report, session=store.new_session())
    store.save(saved)
    store.remove_session(saved.session)
    assert store.sessions() == ()
    with pytest.raises(StoreError):
        store.remove_session(saved.session)
