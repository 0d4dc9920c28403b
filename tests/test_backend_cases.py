"""Every backend rewrites its cases as the file beside them says."""

import ast
import io
import tokenize
from collections import Counter

import pytest
from case_files import CASES, Case, read_case

from pdeperf.model import Candidate, Refusal
from pdeperf.plugins import backends, detectors

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
    beside = path.with_name(path.name.replace(".before.", ".after."))
    assert after == beside.read_text(), "python tests/regenerate.py rewrites these files"


@pytest.mark.parametrize("path", REWRITTEN, ids=named)
def test_a_rewrite_parses_and_keeps_every_comment(path):
    case = read_case(path)
    after = first_rewrite(case, path.parent.name)
    ast.parse(after)
    assert not comments(case.text) - comments(after)


@pytest.mark.parametrize("path", REWRITTEN, ids=named)
def test_a_backend_proposes_nothing_on_its_own_output(path):
    case = read_case(path)
    after = read_case(path, first_rewrite(case, path.parent.name))
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
