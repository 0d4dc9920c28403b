import json
import marshal
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace

import pytest

from pdeperf.cli import rulebook
from pdeperf.model import Patch
from pdeperf.store import Store


@pytest.fixture
def kept(folder, report):
    """A stored session of a script that lies in the working folder."""
    store = Store(folder / ".pdeperf")
    session = store.new_session()
    artifacts = store.artifacts_folder(session)
    (artifacts / "flame.html").write_text("<html>pyinstrument</html>")
    (artifacts / "speedscope.json").write_text('{"$schema": "https://www.speedscope.app", "profiles": []}')
    (artifacts / "profile.pstats").write_bytes(marshal.dumps({("heat.py", 1, "f"): (1, 1, 0.1, 0.1, {})}))
    names = (("flame", "flame.html"), ("speedscope", "speedscope.json"), ("pstats", "profile.pstats"))
    (folder / "heat.py").write_text(report.sources[0].text)
    saved = replace(report, session=session, artifacts=names)
    store.save(saved)
    return saved


def test_suggest_shows_class_rule_gain_safety_diff_and_refusals(pdeperf, kept, stages):
    said = pdeperf("suggest")
    assert said.code == 0
    for words in (
        "1. compile lines 8-10 as one Numba kernel",
        "class loop, rule scalar-loop, by numba, at heat.py:8-10",
        "13.5x at most",
        "safety: exact",
        "+from numba import njit",
        "u may share memory with un",
        "swap the arrays outside the loop",
    ):
        assert words in said.out


def test_suggest_without_a_session_says_what_to_do(pdeperf, folder):
    said = pdeperf("suggest")
    assert said.code == 4
    assert "run `pdeperf profile SCRIPT` here first" in said.err


def test_a_damaged_session_is_exit_code_4(pdeperf, folder, kept):
    path = folder / ".pdeperf" / "sessions" / kept.session / "session.json"
    path.write_text("{")
    said = pdeperf("suggest")
    assert said.code == 4
    assert "damaged" in said.err


def test_a_session_name_that_leads_out_is_refused(pdeperf, kept):
    assert pdeperf("report", "--session", "../../x").code == 2


def test_apply_writes_one_suggestion(pdeperf, folder, kept):
    said = pdeperf("apply", "1")
    assert said.code == 0
    assert "sweep(u, un, n)" in (folder / "heat_optimized.py").read_text()
    assert "Not tried yet" in said.out
    assert (folder / "heat.py").read_text() == kept.sources[0].text


def test_apply_without_a_number_writes_what_was_accepted(pdeperf, folder, kept):
    assert pdeperf("apply", "--in-place").code == 0
    assert "sweep(u, un, n)" in (folder / "heat.py").read_text()


def test_what_is_made_of_an_older_version_is_told_as_such(pdeperf, folder, kept):
    assert "changed since" not in pdeperf("apply").out
    (folder / "heat.py").write_text("x = 1\n")
    said = pdeperf("apply")
    assert said.code == 0 and "heat.py changed since: this is made of what ran." in said.out
    assert pdeperf("apply", "--in-place").code == 2


def test_apply_of_an_unknown_number_says_how_many_there_are(pdeperf, kept):
    said = pdeperf("apply", "2")
    assert said.code == 2
    assert "the session holds 1 suggestion" in said.err


def test_apply_of_nothing_is_a_usage_error(pdeperf, folder, kept):
    store = Store(folder / ".pdeperf")
    store.save(replace(kept, steps=(), overall=None))
    assert pdeperf("apply").code == 2


def several(folder, kept, *texts):
    """Store a session with one suggestion for each text that the script could become."""
    before = kept.sources[0].text
    one = kept.suggestions[0]
    made = tuple(replace(one, patches=(Patch(file="heat.py", before=before, after=text),)) for text in texts)
    Store(folder / ".pdeperf").save(replace(kept, suggestions=made))


def test_apply_joins_suggestions_for_different_lines(pdeperf, folder, kept):
    before = kept.sources[0].text
    several(folder, kept, before.replace("n = 64", "n = 32"), before.replace("range(200)", "range(100)"))
    assert pdeperf("apply", "1", "2", "-o", "both.py").code == 0
    text = (folder / "both.py").read_text()
    assert "n = 32" in text
    assert "range(100)" in text


@pytest.mark.parametrize(
    "second",
    [
        lambda text: text.replace("n = 64", "n = 16"),
        lambda text: text.replace("n = 64\n", ""),
        lambda text: text.replace("n = 64", "n = 64\n\ndef new():\n    return 2\n"),
    ],
)
def test_apply_refuses_suggestions_that_contradict_each_other(pdeperf, folder, kept, second):
    before = kept.sources[0].text
    first = before.replace("n = 64", "n = 32") + "\ndef new():\n    return 1\n"
    several(folder, kept, first, second(before))
    said = pdeperf("apply", "1", "2")
    assert said.code == 2
    assert "take one at a time" in said.err
    assert not (folder / "heat_optimized.py").exists()


def test_report_prints_on_the_terminal_by_default(pdeperf, kept):
    assert "12.4x faster" in pdeperf("report").out


def test_report_writes_a_page_and_writes_it_again(pdeperf, folder, kept):
    assert pdeperf("report", "--html").out == "Written: heat_report.html\n"
    assert pdeperf("report", "--html").code == 0
    assert pdeperf("report", "-o", "other.html").code == 0
    assert (folder / "other.html").read_text() == (folder / "heat_report.html").read_text()


def test_report_does_not_overwrite_what_is_no_report(pdeperf, folder, kept):
    (folder / "notes.html").write_text("<p>mine")
    said = pdeperf("report", "-o", "notes.html")
    assert said.code == 2
    assert (folder / "notes.html").read_text() == "<p>mine"
    assert pdeperf("report", "--html", "-o", "heat.py").code == 2
    assert (folder / "heat.py").read_text() == kept.sources[0].text


def test_report_knows_its_formats(pdeperf, kept):
    assert json.loads(pdeperf("report", "--json").out)["session"] == kept.session
    assert pdeperf("report", "--markdown").out.startswith("<!-- pdeperf")
    said = pdeperf("report", "--format", "pdf")
    assert said.code == 2
    assert "known: github, html, json, junit, markdown, sarif, terminal" in said.err


def test_sessions_are_listed_and_removed(pdeperf, kept):
    said = pdeperf("sessions")
    assert kept.session in said.out
    assert "heat.py --n 64  optimised, 12.4x" in said.out
    assert pdeperf("sessions", "--remove", kept.session).out == ""


def test_a_session_that_was_interrupted_is_told_as_such(pdeperf, folder, kept):
    Store(folder / ".pdeperf").save(replace(kept, overall=None))
    assert "heat.py --n 64  not finished, 1 rewrite kept" in pdeperf("sessions").out


def test_a_folder_without_sessions_is_told_as_such(pdeperf, folder):
    said = pdeperf("sessions")
    assert said.code == 0 and said.out == "No session here: `pdeperf profile SCRIPT` makes one.\n"


@pytest.mark.parametrize("command", ("suggest", "report", "apply"))
def test_where_the_latest_session_is_damaged_it_is_said_which_one_is_shown(
    pdeperf, folder, kept, stages, command
):
    store = Store(folder / ".pdeperf")
    latest = store.new_session()
    (folder / ".pdeperf" / "sessions" / latest / "session.json").write_text("{")
    said = pdeperf(command)
    assert said.code == 0
    assert f"session {latest} cannot be read; this is {kept.session}, of heat.py" in said.err


def test_sessions_that_cannot_be_made_are_told_as_such(pdeperf, folder, stages):
    (folder / "heat.py").write_text("x = 1\n")
    (folder / ".pdeperf").mkdir()
    (folder / ".pdeperf" / "sessions").write_text("not a folder")
    said = pdeperf("profile", "heat.py", "-q")
    assert said.code == 2 and "cannot write in" in said.err and "--store FOLDER" in said.err


@pytest.mark.parametrize(
    ("role", "option", "note"),
    (("pstats", "--no-browser", "cprofile was left out"), ("flame", "--flame", "pyinstrument was left out")),
)
def test_why_a_session_lacks_a_file_is_said(pdeperf, folder, kept, role, option, note):
    notes = ("line_profiler was stopped after 1 s", note)
    artifacts = tuple(pair for pair in kept.artifacts if pair[0] != role)
    lacks = replace(kept, artifacts=artifacts, evidence=replace(kept.evidence, notes=notes))
    Store(folder / ".pdeperf").save(lacks)
    said = " ".join(pdeperf("view", option).err.split())
    assert f"holds no {role} file: {note}; run" in said
    other = {"pstats": "`pdeperf view --flame`", "flame": "`pdeperf view`"}[role]
    assert f"or see what is there by {other}" in said and f"by {role}" not in said


def test_view_gives_the_flame_graph(pdeperf, folder, kept):
    assert pdeperf("view", "--flame", "--no-browser").out.strip().endswith("flame.html")
    assert pdeperf("view", "--flame", "--no-browser", "-o", "flame.html").code == 0
    assert (folder / "flame.html").read_text() == "<html>pyinstrument</html>"


def test_view_writes_the_speedscope_file(pdeperf, folder, kept):
    assert pdeperf("view", "--speedscope").code == 0
    assert json.loads((folder / "heat.speedscope.json").read_text())["profiles"] == []
    assert pdeperf("view", "--speedscope").code == 0


@pytest.mark.parametrize("way", ("--speedscope", "--flame"))
def test_view_overwrites_nothing_that_it_did_not_write(pdeperf, folder, kept, way):
    for name in ("mine.json", "mine.html"):
        (folder / name).write_text('{"n": 64}')
        said = pdeperf("view", way, "--no-browser", "-o", name)
        assert said.code == 2 and "was not written by pdeperf" in said.err
        assert (folder / name).read_text() == '{"n": 64}'


def test_view_of_what_is_not_there_says_so(pdeperf, folder, kept):
    (folder / ".pdeperf" / "sessions" / kept.session / "artifacts" / "flame.html").unlink()
    said = pdeperf("view", "--flame")
    assert said.code == 2
    assert "holds no flame file" in said.err


def test_view_of_damaged_statistics_says_so(pdeperf, folder, kept):
    (folder / ".pdeperf" / "sessions" / kept.session / "artifacts" / "profile.pstats").write_bytes(b"{")
    said = pdeperf("view", "--no-browser")
    assert said.code == 2
    assert "damaged" in said.err


def test_view_serves_the_statistics_in_snakeviz_until_it_is_interrupted(folder, kept):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "pdeperf", "view", "--no-browser", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        address = next(line.strip() for line in server.stdout if line.startswith("http://"))
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    page = answer.read().decode()
                break
            except OSError:
                assert time.monotonic() < deadline
        assert "SnakeViz" in page
        assert "heat.py" in page
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


def test_baseline_and_validate_pass_on_what_they_are_given(pdeperf, kept, stages):
    assert pdeperf("baseline", "heat.py", "--name", "v1").code == 0
    assert pdeperf("validate", "heat.py", "--baseline", "v1", "--max-slowdown", "1.5").code == 0
    assert stages.calls[0][2] == "v1"
    assert stages.calls[1][1:] == ("v1", 1.5, None)


def test_validate_leaves_with_the_pipelines_exit_code(pdeperf, kept, stages):
    overall = stages.report.overall
    wrong = replace(overall.verdict, outcome="wrong", reason="u differs")
    stages.report = replace(stages.report, overall=replace(overall, verdict=wrong))
    said = pdeperf("validate", "heat.py")
    assert said.code == 1
    assert "differ" in said.out


def test_a_baseline_name_that_leads_out_is_refused(pdeperf, kept, stages):
    assert pdeperf("baseline", "heat.py", "--name", "../x").code == 2
    assert stages.calls == []


def test_every_rule_is_listed_and_explained(pdeperf, folder):
    listed = pdeperf("rules").out
    for page in rulebook.pages():
        assert page.name in listed
        said = pdeperf("explain", page.name)
        assert said.code == 0
        assert "When it is wrong" in said.out


def test_explain_fits_the_terminal_and_keeps_code_as_it_is(pdeperf, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    said = pdeperf("explain", "scalar-loop").out
    code = "          u[i] = un[i] - c * (un[i] - un[i - 1])\n"
    assert code in said and max(map(len, said.splitlines())) <= 50


def test_explain_of_an_unknown_rule_suggests_a_near_one(pdeperf, folder):
    said = pdeperf("explain", "scalar-lop")
    assert said.code == 2
    assert "did you mean scalar-loop" in said.err


def test_no_name_is_broken_in_the_table_of_rules(pdeperf, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    table = pdeperf("rules").out.partition("\ntechnique ")[0]
    answers = {name for page in rulebook.pages() if page.is_rule for name in page.related}
    assert answers <= {word.rstrip(",") for word in table.split()}
