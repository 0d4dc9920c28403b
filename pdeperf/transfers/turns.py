"""What a hotspot moves between host and device in every turn of a loop, in a reader's words."""

from collections.abc import Iterator

from pdeperf.model import Hotspot, Span
from pdeperf.source import Project
from pdeperf.transfers.events import Event, counted, events
from pdeperf.transfers.on_device import Move, OnDevice

_MEGA = 1e5
"""Bytes are told as megabytes from here on."""
_COUNTED_AS = {
    Move.TO_HOST: "to_host",
    Move.TO_DEVICE: "to_device",
    Move.REBUILT: "to_device",
    Move.NUMBER: "scalar_read",
}


def device_of(hotspot: Hotspot, project: Project) -> OnDevice | None:
    """What a hotspot's file has on the GPU; None if it does not use CuPy."""
    if hotspot.where.file not in project:
        return None
    device = OnDevice(project[hotspot.where.file], (*project.observed, *hotspot.facts))
    return device if device.is_used else None


def in_every_turn(hotspot: Hotspot, project: Project, *moves: Move) -> Iterator[tuple[Event, Span, str]]:
    """The moves of some kinds, one a line: what it is, where it stands, and how much it was counted to be."""
    device = device_of(hotspot, project)
    if device is None:
        return
    seen: set[int] = set()
    for event in events(device, hotspot.where):
        first, last = event.node.lineno, event.node.end_lineno or event.node.lineno
        if event.move in moves and first not in seen:
            seen.add(first)
            where = Span(file=device.module.file, first=first, last=last)
            yield event, where, _in_words(hotspot, where, _COUNTED_AS[event.move])


def _in_words(hotspot: Hotspot, where: Span, way: str) -> str:
    """How often something was copied on some lines, and how much, as far as it was counted."""
    count = counted(hotspot, where.first, f"{way}_count", where.last)
    moved = counted(hotspot, where.first, f"{way}_bytes", where.last)
    if not count:
        return ""
    size = f"{moved / 1e6:,.1f} MB" if moved >= _MEGA else f"{moved:,.0f} bytes"
    return f": {count:,.0f} times, {size} in all"
