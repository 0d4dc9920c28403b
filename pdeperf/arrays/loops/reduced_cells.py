"""What a cell adds to a reduction over cells."""

from collections.abc import Callable

from pdeperf.arrays.ir import Reduction

Lines = list[str]
_STEP = "    "


def reduced(step: Reduction, value: str, fresh: Callable[[str], str], column: str) -> Lines:
    """A cell's value taken into a reduction: into the number, or into its column's where one is named."""
    match step.kind:
        case "max" | "min":
            if column:
                return _extreme(step.kind, column, value, fresh)
            here = fresh(f"{step.name}_here")
            return [f"{here} = {value}", *taken_if_beyond(step.kind, here, step.name)]
        case "count":
            return [f"{step.name} += {value}"]
        case "any":
            return [f"{step.name} = {step.name} or {value}"]
        case "all":
            return [f"{step.name} = {step.name} and {value}"]
    raise AssertionError(step.kind)


def _extreme(kind: str, place: str, value: str, fresh: Callable[[str], str]) -> Lines:
    """The greatest or least of each column so far: columns do not wait for one another."""
    here, known = fresh("value_here"), fresh("known")
    beyond = f"{here} {'>' if kind == 'max' else '<'} {known} or {here} != {here}"
    return [f"{here} = {value}", f"{known} = {place}", f"{place} = {here} if {beyond} else {known}"]


def taken_if_beyond(kind: str, value: str, name: str) -> Lines:
    """A name takes a value that is beyond its own, or no number, as NumPy's maximum has it."""
    sign = ">" if kind == "max" else "<"
    return [f"if {value} {sign} {name} or {value} != {value}:", f"{_STEP}{name} = {value}"]
