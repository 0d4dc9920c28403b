"""What was seen of records when the script ran, told by variables that no edit changes."""

import re
from collections.abc import Container
from dataclasses import dataclass

from pdeperf.kernel.list_slots import Slot
from pdeperf.kernel.observed import scope_seen
from pdeperf.kernel.record_changes import StaysError
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import RecordTypes
from pdeperf.model import Measurement
from pdeperf.source import Module, Project
from pdeperf.source.scopes import FUNCTIONS, scope_of

Key = tuple[str, int, str]
_FLOATS = frozenset(("float", "numpy.float64"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of lists of records, by the names of their variables."""

    project: Project

    @property
    def indexed(self) -> frozenset[str]:
        """Names that always were lists or arrays."""
        kinds: dict[str, set[bool]] = {}
        for row in self.project.observed:
            if row.metric == "type":
                is_indexed = str(row.value).startswith(("list", "numpy.ndarray"))
                kinds.setdefault(row.subject, set()).add(is_indexed)
        return frozenset(name for name, several in kinds.items() if several == {True})

    def are_floats(self, name: str) -> bool:
        """Were all numbers in the records of a list floats whenever they were seen?"""
        part = re.compile(rf"(\w+\.)*{re.escape(name)}\[[^\]]*\](\[\]|\['\w+'\]|\.\w+)")
        whole = re.compile(rf"(\w+\.)*{re.escape(name)}")
        for row in self.project.observed:
            if row.metric == "type" and part.fullmatch(row.subject) and row.value not in _FLOATS:
                return False
            is_other = row.metric == "columns" and not set(re.split("[ |]", str(row.value))) <= _FLOATS
            if is_other and whole.fullmatch(row.subject):
                return False
        return True


def key_of(module: Module, slot: Slot) -> Key:
    """A variable by what no edit changes."""
    owners = [id(node) for node in module.nodes if isinstance(node, FUNCTIONS)]
    return slot.form, owners.index(slot.owner) if slot.owner in owners else -1, slot.name


def slot_seen(module: Module, row: Measurement, subject: str) -> Key:
    """The variable that something seen is told of."""
    if not re.fullmatch(r"\w+(\.\w+)*", subject):
        return "", 0, ""
    root, _, attribute = subject.rpartition(".")
    if root:
        return "attribute", -1, attribute
    owner = scope_of(module, scope_seen(module, row)).resolve(attribute)
    return key_of(module, Slot("name", id(owner.node), attribute)) if owner is not None else ("", 0, "")


def kinds_of(module: Module, project: Project, records: Container[Key]) -> dict[Key, str]:
    """The types of the numbers that were seen in records."""
    seen: dict[Key, set[str]] = {}
    for row in project.observed:
        base = re.sub(r"(\[[^\]]*\]|\.\w+)$", "", row.subject)
        if row.metric == "type" and base != row.subject and row.where.file == module.file:
            key = slot_seen(module, row, base)
            if key in records:
                seen.setdefault(key, set()).add(str(row.value))
    return {key: "|".join(sorted(kinds)) for key, kinds in seen.items()}


def check_numbers(types: RecordTypes, project: Project) -> None:
    """Raise where a record was seen to hold more than numbers: dicts of arrays are looked up where they are.

    Raises
    ------
    StaysError
        For the first of them.
    """
    known = {
        key_of(types.module, slot): found
        for slot, found in types.types.items()
        if isinstance(found, Record) and found.maker and slot.form == "name"
    }
    for key, kinds in kinds_of(types.module, project, known).items():
        if not set(kinds.split("|")) <= {"int", *_FLOATS}:
            raise StaysError(known[key], "it holds more than numbers")
