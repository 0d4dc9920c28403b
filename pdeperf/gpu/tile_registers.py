"""Which registers of a thread hold the values at its cells of a tile, and what the next step begins with."""

from collections.abc import Callable

from pdeperf.arrays.ir import Version
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.gpu.cuda_expressions import C_TYPES, letters
from pdeperf.gpu.tile_plan import TilePlan

Lines = list[str]


def registers(plan: TilePlan, fresh: Callable[[str], str]) -> dict[Version, str]:
    """Names for versions: that of the version before where nothing needs that any more."""
    found = {Version(state.buffer): fresh(f"{letters(state.buffer.name)}_here") for state in plan.states}
    order = [part.step for part in plan.parts]
    finals = {state.final for state in plan.states}
    for place, step in enumerate(order):
        if step.target in plan.numbers:
            continue
        needed = step.base in finals or any(
            each.version == step.base
            for later in order[place + 1 :]
            for each in real_inputs(later, plan.virtual)
        )
        if step.base in found and not needed:
            found[step.target] = found[step.base]
        else:
            found[step.target] = fresh(f"{letters(step.target.buffer.name)}_here")
    return found


def handed_on(plan: TilePlan, storage: dict[Version, str]) -> Lines:
    """What the next step begins with."""
    pairs = [
        (storage[Version(state.buffer)], storage[state.final], state.buffer.dtype)
        for state in plan.states
        if storage[Version(state.buffer)] != storage[state.final]
    ]
    targets = {target for target, _, _ in pairs}
    lines = [
        f"const {C_TYPES[dtype]} {target}_then = {source}[cell];"
        for target, source, dtype in pairs
        if source in targets
    ]
    for target, source, _ in pairs:
        value = f"{target}_then" if source in targets else f"{source}[cell]"
        lines.append(f"{target}[cell] = {value};")
    return lines
