"""Makes Python PDE solvers fast, and proves that the answer is the same."""

__version__ = "0.1.0"

TRACEBACK = "PDEPERF_TRACEBACK"
"""A variable: set, a bug ends the command with its whole trace."""
