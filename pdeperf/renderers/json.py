"""A report for programs: one JSON object, field by field as the model has it."""

import json
import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass

from pdeperf.model import Comparison, Diagnosis, PastRun, RanksProfile, Report, Scaling, Validation
from pdeperf.renderers import Renderer


class JsonRenderer:
    """Every field of the report; numbers without bound become null."""

    name = "json"
    suffix = ".json"

    def render(self, report: Report) -> str:
        """The whole text."""
        return written(report)


def written(found: Report | Comparison | Validation | RanksProfile | Scaling) -> str:
    """One of the model's values as a JSON object."""
    return json.dumps(_plain(found), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def listed(runs: Sequence[PastRun]) -> str:
    """Past runs as a JSON list."""
    return json.dumps([_plain(one) for one in runs], indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Diagnosis):
            plain["predicted_speedup"] = value.predicted_speedup
        if isinstance(value, Validation):
            plain["word"] = value.word
        return plain
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


RENDERER: Renderer = JsonRenderer()
