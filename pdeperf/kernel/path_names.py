"""What the texts of access paths say: columns of objects, ends of ranges, and names for them."""

import re

MARK = "[]."
"""``bodies[].x`` is the attribute ``x`` of all objects in the list ``bodies``."""
ROWS = "[:]."
"""``faces[:].0`` is the first element of all tuples in the list ``faces``."""
_RANGE_ENDS = (".start", ".stop", ".step")


def column_name(objects: str, attribute: str) -> str:
    """The kernel's name for an attribute of all objects of a list."""
    words = re.findall(r"[A-Za-z_][A-Za-z_0-9]*", objects)
    return "_".join([words[-1].lstrip("_"), *re.findall(r"\w+", attribute)])


def is_column(text: str) -> bool:
    """Does an access path stand for one part of all elements of a list?"""
    return MARK in text or ROWS in text


def is_range_end(text: str) -> bool:
    """Is it the start, the stop or the step of a range, ``rows.start``?"""
    return text.endswith(_RANGE_ENDS)


def stem_of(text: str) -> str:
    """The last word of an access path, with the name of the range for its ends: ``rows_start``."""
    words = re.findall(r"[A-Za-z_]\w*", text)
    kept = words[-2:] if is_range_end(text) and words[-2:-1] != ["self"] else words[-1:]
    return "_".join(word.strip("_") for word in kept).lstrip("_")


def longer_name(text: str, wanted: str) -> str:
    """All words of an access path; of what a function captured, its name at the end: ``left_value``."""
    words = re.findall(r"[A-Za-z_]\w*", text)
    if text.endswith(".cell_contents"):
        words = [*(word for word in words if word not in ("__closure__", "cell_contents")), wanted]
    return "_".join(word.strip("_") for word in words)
