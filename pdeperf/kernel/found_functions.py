"""A function that a call was found to mean, and by what it is reached there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pdeperf.kernel.definitions import Definition
from pdeperf.kernel.object_lists import Element
from pdeperf.source import Module


@dataclass(frozen=True, slots=True)
class Found:
    """A function's definition and how it is reached.

    Attributes
    ----------
    receiver, self_name
        The object whose method it is, in the caller's terms and in its own.
    objects
        Parameters that are given objects, whose parts become arguments, and the caller's access paths.
    elements
        Parameters that are given elements of lists of objects: their places in these lists.
    given
        Parameters that are given functions, and which these are.
    leading
        The place of the object whose method it is.
    cells
        Variables that it captured of the function that made it, and the caller's paths of their values.
    """

    module: Module
    node: Definition
    name: str
    receiver: str = ""
    self_name: str = ""
    guard: str = ""
    hoist: str = ""
    module_name: str = ""
    objects: tuple[tuple[str, str], ...] = ()
    elements: tuple[tuple[str, Element], ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    leading: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def dropped(self) -> dict[str, str]:
        """Parameters that are objects, with the caller's access paths."""
        mine = {self.self_name: self.receiver} if self.self_name else {}
        return mine | dict(self.objects)

    @property
    def renamed(self) -> dict[str, str]:
        """The caller's access paths of the objects that the function knows by names of its own."""
        elements = {name: element.objects for name, element in self.elements}
        return dict(self.cells) | self.dropped | elements


Key = tuple[str, int, int, tuple[tuple[str, str], ...]]
"""A definition's place, and which functions it is given, and objects of which classes."""

Classes = dict[str, str]
"""The classes of objects for which a function is compiled, by the objects' access paths."""


def key_of(found: Found) -> Key:
    """What tells a function's copies apart by what each is given."""
    return found.module.file, found.node.lineno, found.node.col_offset, found.given


def for_classes(key: Key, made_for: Mapping[str, str]) -> Key:
    """The same of a copy that was made for objects of some classes."""
    return (*key[:3], (*key[3], *sorted(made_for.items())))
