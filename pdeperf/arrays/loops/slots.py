"""Which array holds each version of a buffer while a run is written, and where arrays are made."""

import ast
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Version
from pdeperf.arrays.loops.boxes import NotABox
from pdeperf.arrays.loops.schedule import Nest, is_new
from pdeperf.arrays.paths import plain
from pdeperf.arrays.program import Item, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import Size, Unequal, names_of

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer

Lines = list[str]
_STEP = "    "


@dataclass(slots=True)
class Loop:
    """A loop of the region while its text is made: what must stand before and after it.

    Attributes
    ----------
    working
        For an array that two buffers hold in turn: names of the one that is read, and the other.
    """

    statement: ast.stmt
    items: list[Item]
    before: Lines = field(default_factory=list)
    after: Lines = field(default_factory=list)
    working: dict[str, tuple[str, str]] = field(default_factory=dict)


class Slots:
    """The arrays of one run, by the versions that they hold.

    Parameters
    ----------
    rotate
        Do arrays take turns from one iteration of the loop around to the next?
    """

    def __init__(self, writer: "Writer", run: Run, *, rotate: bool) -> None:
        self._writer, self._run, self._rotate = writer, run, rotate
        self._names, self._sizes, self._library = writer._names, writer._sizes, writer._library
        self._slots: dict[Version, str] = {}
        self._second: dict[Buffer, str] = {}
        self._pairs: dict[Buffer, tuple[str, str]] = {}
        self._rings: dict[Buffer, list[str]] = {}

    def _slot(self, version: Version) -> str:
        while version.number and version not in self._slots:
            version = Version(version.buffer, version.number - 1)
        if version in self._slots:
            return self._slots[version]
        buffer = version.buffer
        if buffer.whole is None:
            return self._writer.current(buffer.name)
        return buffer.within(self._slot(Version(buffer.whole)))

    def allocated(self, buffer: Buffer) -> Lines:
        """What makes an array here; nothing if it can be made before the loop, and is."""
        loop = self._writer.loop
        if loop is None or not self._is_known_before(buffer, loop):
            return self.made(buffer)
        self._writer.arrays[buffer.name] = buffer
        loop.before.append(f"{buffer.name} = {self._empty(buffer, loop)}")
        return []

    def made(self, buffer: Buffer) -> Lines:
        """What makes an array here."""
        self._writer.arrays[buffer.name] = buffer
        return [f"{buffer.name} = {self._empty(buffer)}"]

    def allocations(self, nest: Nest) -> Lines:
        """The arrays that a nest fills for the first time, and where they are made."""
        lines: Lines = []
        for step in nest.steps:
            if not isinstance(step, Definition) or not is_new(step) or step.target in self._slots:
                continue
            buffer = step.target.buffer
            if (made := Version(buffer.array)) not in self._slots:
                lines += self._made(buffer.array)
            self._slots[step.target] = buffer.within(self._slots[made])
        return lines

    def _made(self, buffer: Buffer) -> Lines:
        """Makes an array that the run fills, and notes its name."""
        final = [n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live]
        if self._rotate and not any(name.split(".")[0] in self._live_at_head() for name in final):
            final = []  # the next iteration makes it anew
        if final and self._rotate and (ring := self._ring(buffer)):
            self._rings[buffer] = ring
            self._slots[Version(buffer)] = ring[0]
            return []
        loop = self._writer.loop
        is_kept = not final and loop is not None and self._is_known_before(buffer, loop)
        name = buffer.name
        if is_kept and self._is_bound_to_another(buffer):
            name = self._names.fresh_plain(plain(name))
        self._slots[Version(buffer)] = name
        self._writer.arrays[name] = buffer
        if not is_kept or loop is None:
            return [f"{name} = {self._empty(buffer)}"]
        text = f"{name} = {self._empty(buffer, loop)}"
        if text not in loop.before:
            loop.before.append(text)
        return []

    def _is_bound_to_another(self, buffer: Buffer) -> bool:
        """Does the loop bind the buffer's name to another array, too, so that the name would lose it?"""
        loop = self._writer.loop
        return loop is not None and any(
            name == buffer.name and view.buffer != buffer
            for run in runs_of(loop.items)
            for name, view in run.names.items()
        )

    def _live_at_head(self) -> frozenset[str]:
        """Names that the next iteration of the loop, or what follows it, may read."""
        loop = self._writer.loop
        body: list[ast.stmt] = getattr(loop.statement, "body", []) if loop is not None else []
        return self._names.live_after(body[-1:]) if body else frozenset()

    def _ring(self, buffer: Buffer) -> list[str]:
        """Arrays that take turns for a name that is bound to a new array each time."""
        loop = self._writer.loop
        if loop is None or not self._is_known_before(buffer, loop):
            return []
        length = 1 + len(self._chain(buffer))
        ring = [self._names.fresh_plain(f"{plain(buffer.name)}") for _ in range(length)]
        loop.before.extend(f"{name} = {self._empty(buffer, loop)}" for name in ring)
        self._writer.arrays.update(dict.fromkeys(ring, buffer))
        return ring

    def _chain(self, buffer: Buffer) -> list[str]:
        """Names through which an array passes from iteration to iteration before it is let go."""
        chain: list[str] = []
        current: list[str] = [
            n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live
        ]
        while current:
            chain += current
            entry = {self._run.entry[name] for name in current if name in self._run.entry}
            current = [
                n
                for n, view in self._run.names.items()
                if view.buffer in entry and n in self._run.live and n not in chain
            ]
        return chain

    def _is_known_before(self, buffer: Buffer, loop: Loop) -> bool:
        """Can an array like this be made before the loop?"""
        known = self._names.before - bound_by_text(loop.items)
        symbols = {symbol for size in buffer.shape for symbol in self._sizes.plain(size).symbols}
        return all(
            names_of(symbol) <= known and self._writer.is_there(symbol.partition(".shape")[0])
            for symbol in symbols
        )

    def _empty(self, buffer: Buffer, before: Loop | None = None) -> str:
        """A new array like a buffer, made here or before a loop."""
        known = self._names.before - bound_by_text(before.items) if before is not None else None
        like = next(
            (
                name
                for name, other in self._run.entry.items()
                if (known is None or (name in known and self._writer.is_there(name)))
                and other.dtype == buffer.dtype
                and len(other.shape) == len(buffer.shape)
                and all(self._sizes.equal(a, b) for a, b in zip(other.shape, buffer.shape, strict=True))
            ),
            None,
        )
        if like is not None:
            return f"{self._library}.empty_like({like})"
        for size in buffer.shape:
            # One that was not seen varies, and NumPy has made slices of it; an array may be bound anew.
            entering = self._names.before - self._writer.by_text
            if all(
                symbol.isidentifier() or symbol.partition(".shape")[0] in entering for symbol, _ in size.terms
            ):
                with suppress(Unequal):
                    self._sizes.require_at_least(size, Size())
        shape = ", ".join(str(self._sizes.plain(size)) for size in buffer.shape)
        shape = f"({shape})" if len(buffer.shape) > 1 else shape
        if buffer.dtype == "float64":
            return f"{self._library}.empty({shape})"
        dtype = {"bool": "bool_"}.get(buffer.dtype, buffer.dtype)
        return f"{self._library}.empty({shape}, dtype={self._library}.{dtype})"

    def _pair(self, buffer: Buffer) -> tuple[str, str]:
        """The two arrays that hold a buffer's values in turn."""
        loop = self._writer.loop
        assert loop is not None
        if buffer.name not in loop.working:
            stem = self._stem(buffer)
            loop.working[buffer.name] = (
                self._names.fresh_plain(f"{stem}_old"),
                self._names.fresh_plain(f"{stem}_new"),
            )
        if buffer not in self._pairs:
            old, new = self._pairs[buffer] = loop.working[buffer.name]
            home = self._writer.current(buffer.name, outside=True)
            self._writer.arrays.update({old: buffer, new: buffer})
            self._writer.behind.add(buffer.name)
            if f"{old} = {home}" not in loop.before:
                loop.before += [f"{old} = {home}", f"{new} = {self._library}.empty_like({home})"]
                back = self._copied(home, old, len(buffer.shape))
                loop.after += [f"if {old} is not {home}:", *(_STEP + row for row in back)]
        return self._pairs[buffer]

    def _stem(self, buffer: Buffer) -> str:
        """What the names of an array's working copies begin with."""
        return plain(buffer.name)

    def _copied(self, target: str, source: str, ndim: int) -> Lines:
        """What copies an array into another."""
        return copy_whole(self._names.counters(ndim), target, source)

    def _scratch(self, buffer: Buffer) -> tuple[str, Lines]:
        """An array for values that may not stand in a buffer yet, and its allocation."""
        if buffer in self._second:
            return self._second[buffer], []
        own = self._second[buffer] = self._names.fresh(buffer.name, set())
        self._writer.arrays[own] = buffer
        loop = self._writer.loop
        if loop is not None and self._is_known_before(buffer, loop):
            loop.before.append(f"{own} = {self._empty(buffer, loop)}")
            return own, []
        return own, [f"{own} = {self._empty(buffer)}"]

    def _names_after(self) -> Lines:
        """The assignments that make every live name stand for its array."""
        targets: dict[str, str] = {}
        for buffer, (old, new) in self._pairs.items():
            if self._last_slot(buffer) == new:
                targets.update({old: new, new: old})
        for name, view in self._run.names.items():
            if name not in self._run.live:
                continue
            if not view.is_whole:
                raise NotABox(f"`{name}` stands for part of an array")
            slot = self._slot(self._last(view.buffer))
            if slot != name:
                targets[name] = slot
        for ring in self._rings.values():
            if len(ring) > 1:
                targets.update(zip(ring, [*ring[1:], ring[0]], strict=True))
        if not targets:
            return []
        return [f"{', '.join(targets)} = {', '.join(targets.values())}"]

    def _last_slot(self, buffer: Buffer) -> str:
        """The array that holds a buffer's last values."""
        parts = [
            step.target.buffer
            for step in self._run.steps
            if isinstance(step, Definition) and step.target.buffer.whole == buffer
        ]
        if not parts:
            return self._slot(self._last(buffer))
        slot = self._slot(self._last(parts[0]))
        return next(each for each in self._pairs[buffer] if parts[0].within(each) == slot)

    def _last(self, buffer: Buffer) -> Version:
        numbers = [
            s.target.number
            for s in self._run.steps
            if isinstance(s, Definition) and s.target.buffer == buffer
        ]
        return Version(buffer, max(numbers, default=0))


def copy_whole(names: Sequence[str], target: str, source: str) -> Lines:
    """Loops that copy an array into another."""
    lines = [f"{_STEP * depth}for {n} in range({target}.shape[{depth}]):" for depth, n in enumerate(names)]
    place = ", ".join(names)
    return [*lines, f"{_STEP * len(names)}{target}[{place}] = {source}[{place}]"]
