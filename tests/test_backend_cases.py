"""Every backend rewrites its cases as the file beside them says."""

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from pdeperf.model import Candidate, Refusal
from pdeperf.plugins import backends, detectors
from tests.case_files import CASES, Case, read_case

PATHS = sorted((CASES / "backends").glob("*/*.before.py"))
BACKENDS = {backend.name: backend for backend in backends()}


def answers(case: Case, name: str) -> list[Candidate | Refusal]:
    """What a backend says to all that the detectors find in a case."""
    backend = BACKENDS[name]
    return [
        answer
        for detector in detectors()
        if detector.rule in backend.answers
        for hotspot in case.hotspots
        for diagnosis in detector.detect(hotspot, case.project)
        for answer in backend.propose(diagnosis, case.project)
    ]


def first_rewrite(case: Case, name: str) -> str:
    """The case's text after the backend's first candidate."""
    candidate = next(answer for answer in answers(case, name) if isinstance(answer, Candidate))
    return next(patch.after for patch in candidate.patches if patch.file == case.file)


def beside(path: Path) -> Path:
    """Where a case's rewrite stands."""
    return path.with_name(path.name.replace(".before.", ".after."))


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def named(path):
    return f"{path.parent.name}/{path.name.removesuffix('.before.py')}"


REWRITTEN = [path for path in PATHS if not read_case(path).refusals]
REFUSED = [path for path in PATHS if read_case(path).refusals]


@pytest.mark.parametrize("path", REWRITTEN, ids=named)
def test_a_case_becomes_the_file_beside_it(path):
    case = read_case(path)
    after = first_rewrite(case, path.parent.name)
    assert after == beside(path).read_text(), "python -m tests.regenerate rewrites these files"


@pytest.mark.parametrize("path", REWRITTEN, ids=named)
def test_a_rewrite_parses_and_keeps_every_comment(path):
    after = beside(path).read_text()
    ast.parse(after)
    assert not comments(path.read_text()) - comments(after)


@pytest.mark.parametrize("path", REWRITTEN, ids=named)
def test_a_backend_proposes_nothing_on_its_own_output(path):
    after = read_case(path, beside(path).read_text())
    assert not [answer for answer in answers(after, path.parent.name) if isinstance(answer, Candidate)]


@pytest.mark.parametrize("path", REFUSED, ids=named)
def test_a_case_is_refused_for_the_reason_that_it_gives(path):
    case = read_case(path)
    given = answers(case, path.parent.name)
    assert not [answer for answer in given if isinstance(answer, Candidate)]
    reasons = " / ".join(answer.reason for answer in given if isinstance(answer, Refusal))
    for words in case.refusals:
        assert words in reasons


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backends_name_is_its_modules_name(name):
    assert type(BACKENDS[name]).__module__.rpartition(".")[2] == name.replace("-", "_")


def test_the_files_beside_the_cases_can_be_written_anew():
    command = [sys.executable, "-m", "tests.regenerate", "gather-pieces"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
