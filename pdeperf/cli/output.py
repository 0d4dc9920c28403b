"""How a command prints what it found."""

import sys

from rich.console import Console, RenderableType

from pdeperf.model import Comparison, Report


def show(renderable: RenderableType) -> None:
    """Print for people."""
    Console(highlight=False).print(renderable)


def print_json(found: Report | Comparison) -> None:
    """Print for programs: one JSON object and nothing else."""
    from pdeperf.renderers.json import written

    sys.stdout.write(written(found))
