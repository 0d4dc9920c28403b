"""SARIF 2.1.0, as GitHub code scanning takes it: rules with help, results with places."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pdeperf import __version__
from pdeperf.model import Report, Validation
from pdeperf.renderers import Renderer, _findings, _words
from pdeperf.renderers._findings import RULES, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5000
"""GitHub takes no more than so many results of one run."""


class SarifRenderer:
    """Each diagnosis as a result, with its rule's page as help."""

    name = "sarif"
    suffix = ".sarif"

    def render(self, report: Report) -> str:
        """The whole text."""
        findings = [_findings.of_diagnosis(one) for one in report.diagnoses]
        said = {one.rule: _words.sentence(one.message) for one in report.diagnoses}
        return _log(findings, said)


def validation(found: Validation) -> str:
    """What a validation found."""
    return _log(list(_findings.of_validation(found)), RULES)


def _log(findings: Sequence[Finding], said: Mapping[str, str]) -> str:
    names = sorted({one.rule for one in findings})
    kept = findings[:MOST_RESULTS]
    run = {
        "tool": {
            "driver": {
                "name": "pdeperf",
                "semanticVersion": __version__,
                "rules": [_rule(name, said.get(name, name)) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(one, names.index(one.rule), identity)
            for one, identity in zip(kept, _identities(kept), strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str, said: str) -> dict[str, Any]:
    page = f"`pdeperf explain {name}` tells more." if name not in RULES else "See docs/ci.md."
    words = "".join(part.capitalize() for part in name.split("-"))
    return {
        "id": name,
        "name": words,
        "shortDescription": {"text": _words.visible(said)},
        "fullDescription": {"text": _words.visible(said)},
        "help": {"text": f"{_words.visible(said)} {page}", "markdown": f"{_words.visible(said)} {page}"},
        "properties": {"tags": ["performance" if name not in RULES else "correctness"]},
    }


def _identities(findings: Sequence[Finding]) -> Iterator[str]:
    """A name for each finding that stays when lines above it come and go, and numbers in it change."""
    seen: Counter[str] = Counter()
    for one in findings:
        told = f"{one.rule}\0{one.where.file}\0{re.sub('[0-9]+', '#', one.name)}"
        seen[told] += 1
        said = f"{told}\0{seen[told]}".encode("utf-8", "backslashreplace")
        yield hashlib.sha256(said).hexdigest()


def _result(one: Finding, index: int, identity: str) -> dict[str, Any]:
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.level,
        "message": {"text": one.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(one.where.file, errors="backslashreplace")},
                    "region": {"startLine": max(one.where.first, 1), "endLine": max(one.where.last, 1)},
                }
            }
        ],
        "partialFingerprints": {"pdeperf/v1": identity},
    }


RENDERER: Renderer = SarifRenderer()
