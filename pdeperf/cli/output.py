"""How a command prints what it found."""

import sys

from rich.console import Console, RenderableType

from pdeperf.model import Comparison, RanksProfile, Report, Scaling


class _Output(Console):
    """A console whose reader may go away, as that of ``print`` may."""

    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends quietly."""
        raise BrokenPipeError


def show(renderable: RenderableType) -> None:
    """Print for people; what may not be broken into lines stays whole in a file or a pipe."""
    output = _Output(highlight=False)
    output.print(renderable, crop=output.is_terminal)


def print_json(found: Report | Comparison | RanksProfile | Scaling) -> None:
    """Print for programs: one JSON object and nothing else."""
    from pdeperf.renderers.json import written

    sys.stdout.write(written(found))
