"""The command line: one module a command, which parses, calls and prints, and decides nothing."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from pdeperf.cli.group import run

    sys.exit(run(sys.argv[1:]))
