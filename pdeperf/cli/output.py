"""How a command prints what it found."""

import sys

from rich.console import Console, RenderableType

from pdeperf.model import Report


def show(renderable: RenderableType) -> None:
    """Print for people."""
    Console(highlight=False).print(renderable)


def print_json(report: Report) -> None:
    """Print for programs: the report and nothing else."""
    from pdeperf.renderers.json import RENDERER

    sys.stdout.write(RENDERER.render(report))
