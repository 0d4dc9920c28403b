"""Conditions on sizes as a user would write them: few, and whole shapes where all sizes agree."""

import re
from collections.abc import Iterator, Mapping, Sequence

_AT_LEAST = re.compile(r"([\w.\[\]]+)(?: \+ (\d+))? >= ([\w.\[\]]+)")
_SAME_SIZE = re.compile(r"([\w.]+)\.shape\[(\d+)\] == ([\w.]+)\.shape\[(\d+)\]")


def whole_shapes(checks: Sequence[str], ranks: Mapping[str, int]) -> Iterator[str]:
    """Conditions on sizes, those on all sizes of two arrays as one: ``u.shape == v.shape``."""
    checks = _needed(checks)
    sides: dict[tuple[str, str], set[int]] = {}
    for check in checks:
        if (found := _SAME_SIZE.fullmatch(check)) is not None and found[2] == found[4]:
            sides.setdefault((found[1], found[3]), set()).add(int(found[2]))
    whole = {
        pair for pair, axes in sides.items() if len(axes) == ranks.get(pair[0], 0) == ranks.get(pair[1], 0)
    }
    for check in checks:
        found = _SAME_SIZE.fullmatch(check)
        if found is None or found[2] != found[4] or (found[1], found[3]) not in whole:
            yield check
        elif found[2] == "0":
            yield f"{found[1]}.shape == {found[3]}.shape"


def _needed(checks: Sequence[str]) -> list[str]:
    """Conditions without those that others imply: ``a + 1 >= n`` beside ``a >= n`` or ``a == n``."""
    tightest: dict[tuple[str, str], int] = {}
    for check in checks:
        if (found := _AT_LEAST.fullmatch(check)) is not None:
            pair = found[1], found[3]
            tightest[pair] = min(tightest.get(pair, 1 << 60), int(found[2] or 0))
    equal = {check for check in checks if " == " in check}
    kept: list[str] = []
    for check in checks:
        found = _AT_LEAST.fullmatch(check)
        if found is not None:
            one, least, other = found.groups()
            is_implied = tightest[one, other] != int(least or 0)
            if is_implied or equal & {f"{one} == {other}", f"{other} == {one}"}:
                continue
        kept.append(check)
    return kept
