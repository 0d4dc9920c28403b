"""A file in which a value stays on the device, and how what a list keeps comes back."""

from dataclasses import dataclass


@dataclass(slots=True)
class Kept:
    """A file in which a value stays on the device.

    Attributes
    ----------
    text
        The whole file.
    exact
        Is everything computed with the operations that the host used?
    names
        Names that stand for device values while the loop runs.
    """

    text: str
    exact: bool
    names: tuple[str, ...]


def collected(name: str, kinds: tuple[str, ...], first: str, cupy: str) -> list[str]:
    """Lines that bring the device numbers in a list to the host."""
    if kinds[0] != "tuple":
        made = f"{cupy}.stack({name}[{first}:])"
        host = f"{made}.tolist()" if kinds[0] == "float" else f"list({made}.get())"
        return [f"if len({name}) > {first}:", f"    {name}[{first}:] = {host}"]
    parts = [f"entry[{place}]" for place in range(len(kinds) - 1)]
    for place, kind in enumerate(kinds[1:]):
        if kind:
            parts[place] = (
                f"float({parts[place]})" if kind == "float" else f"{cupy}.asnumpy({parts[place]})[()]"
            )
    inner = ", ".join(parts) + ("," if len(parts) == 1 else "")
    return [f"{name}[{first}:] = [({inner}) for entry in {name}[{first}:]]"]
