"""What CI systems read: SARIF and JUnit by their schemas, annotations, step summaries."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Published

from pdeperf.model import (
    Comparison,
    ConvergenceOrder,
    Difference,
    InputResult,
    Outcome,
    Trial,
    Validation,
    Verdict,
)
from pdeperf.renderers import _summary, github, junit, sarif

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = json.loads((SCHEMAS / "sarif-2.1.0-used.json").read_text())
EVIL = "</td><script>x</script> | \x1b[31m\n::error::%0A]]> \x00\ud800 `*_"
TYPES = {"object": dict, "array": list, "string": str, "integer": int}


def problems(value, schema, at="$"):
    """What a JSON value has against a schema; only the words that the schema beside this file uses."""
    schema = SARIF["definitions"][schema["$ref"]] if "$ref" in schema else schema
    if "type" in schema and not (isinstance(value, TYPES[schema["type"]]) and not isinstance(value, bool)):
        yield f"{at}: no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} is not as {schema['pattern']}"
    if value_below := "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: {value_below} below {schema['minimum']}"
    if isinstance(value, dict):
        yield from (f"{at}: no {name}" for name in schema.get("required", ()) if name not in value)
        others = schema.get("additionalProperties", {})
        for name, part in value.items():
            below = schema.get("properties", {}).get(name, others)
            if below is False:
                yield f"{at}: {name} is not in the standard"
            else:
                yield from problems(part, below, f"{at}.{name}")
    if isinstance(value, list):
        if schema.get("uniqueItems") and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
            yield f"{at}: items occur twice"
        for number, part in enumerate(value):
            yield from problems(part, schema.get("items", {}), f"{at}[{number}]")


def validation(outcome, *, name="u", differs=True, **others):
    gap = Difference(observable=name, l2=1e-3, linf=2e-3, allowed=1e-12, worst_index=(3, 4))
    same = Difference(observable="v", l2=0.0, linf=0.0, allowed=1e-13)
    trial = Trial(
        before_s=(1.0, 1.1),
        after_s=(0.9, 1.0),
        before_cpu_s=(1.0, 1.1),
        after_cpu_s=(0.9, 1.0),
        differences=(gap, same) if differs else (same,),
        failure="it broke" if outcome is Outcome.FAILED else "",
    )
    verdict = Verdict(outcome=outcome, reason=f"because {name}", speedup=1.1, coverage=0.9)
    return Validation(
        script=f"{name}.py", baseline="base", comparison=Comparison(trial=trial, verdict=verdict), **others
    )


ORDER = ConvergenceOrder(
    observable="u", parameter="N", resolutions=(8, 16, 32), before=2.0, after=math.nan, kept=False
)
FOUND = {
    "passed": validation(Outcome.ACCEPTED, differs=False),
    "wrong": validation(Outcome.WRONG),
    "slower": validation(Outcome.SLOWER, differs=False),
    "open": validation(Outcome.UNPROVEN, differs=False),
    "failed": validation(Outcome.FAILED, differs=False),
    "evil": validation(Outcome.WRONG, name=EVIL, notes=(EVIL,)),
    "input": validation(
        Outcome.WRONG,
        differs=False,
        inputs=(InputResult(argv=("--n", EVIL), outcome=Outcome.WRONG, reason=EVIL),),
    ),
    "order": validation(Outcome.WRONG, differs=False, orders=(ORDER,)),
}


@pytest.mark.parametrize("name", FOUND)
def test_sarif_of_a_validation_is_as_the_standard_has_it(name):
    log = json.loads(sarif.validation(FOUND[name]))
    assert list(problems(log, SARIF)) == []
    assert bool(log["runs"][0]["results"]) == (name != "passed")


def test_sarif_of_a_session_has_a_rule_a_place_and_help_for_each_diagnosis(report):
    log = json.loads(sarif.RENDERER.render(report))
    assert list(problems(log, SARIF)) == []
    run = log["runs"][0]
    result = run["results"][0]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "scalar-loop"
    assert rule["help"]["text"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "heat.py"
    assert place["region"] == {"startLine": 8, "endLine": 10}


def test_a_finding_keeps_its_identity_when_lines_above_it_come_and_go(report):
    diagnosis = report.diagnoses[0]
    moved = replace(diagnosis, where=replace(diagnosis.where, first=28, last=30))
    prints = [
        json.loads(sarif.RENDERER.render(replace(report, diagnoses=(one,))))["runs"][0]["results"][0][
            "partialFingerprints"
        ]
        for one in (diagnosis, moved)
    ]
    assert prints[0] == prints[1]


def test_sarif_is_as_classes_made_from_the_published_schema_have_it(report):
    for text in (sarif.RENDERER.render(report), *map(sarif.validation, FOUND.values())):
        read = Published.model_validate_json(text, strict=True)
        back = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert back == json.loads(text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run.update(result=[]),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run["results"][0].update(level="bad"),
        lambda run: run["results"][0].update(ruleIndex="0"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run.update(columnKind="bytes"),
    ],
)
def test_those_classes_refuse_what_the_standard_does_not_have(spoil):
    log = json.loads(sarif.validation(FOUND["wrong"]))
    spoil(log["runs"][0])
    with pytest.raises(ValidationError):
        Published.model_validate_json(json.dumps(log), strict=True)


def test_the_check_against_the_schema_finds_what_is_wrong():
    log = json.loads(sarif.validation(FOUND["wrong"]))
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][0]["colour"] = "red"
    del log["runs"][0]["tool"]["driver"]["name"]
    assert len(list(problems(log, SARIF))) == 3


@pytest.mark.parametrize("name", FOUND)
def test_junit_of_a_validation_is_as_its_schema_has_it(name):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd")))
    tree = etree.fromstring(junit.validation(FOUND[name]).encode())
    assert schema.validate(tree), schema.error_log
    bad = len(tree.findall(".//failure")) + len(tree.findall(".//error"))
    assert bool(bad) == (name not in ("passed", "open"))


def test_junit_of_a_session_is_as_its_schema_has_it(report):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd")))
    assert schema.validate(etree.fromstring(junit.RENDERER.render(report).encode())), schema.error_log


@pytest.mark.parametrize("name", FOUND)
def test_each_annotation_is_one_line_and_obeys_nobody(name):
    lines = github.validation(FOUND[name]).splitlines()
    assert lines
    assert all(re.match(r"::(error|warning|notice) file=[^,:]+,line=\d+", line) for line in lines)
    assert all("\x1b" not in line for line in lines)


def test_a_step_summary_shows_the_worst_cell_and_no_markup_of_the_users():
    text = _summary.markdown(FOUND["evil"])
    assert "| 3, 4 |" in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert text.startswith("<!-- pdeperf validation -->\n\n## FAIL")
