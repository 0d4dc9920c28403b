"""The command line: one module a command, which parses, calls and prints, and decides nothing."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from pdeperf.cli.group import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before the command line stood, or while it said goodbye: nothing was begun or all is done.
        code = 130
    sys.exit(code)
