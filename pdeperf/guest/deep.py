"""Room for walks over deep syntax trees: a sum of 2,000 terms is a tree as deep. Standard library only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PYTHONS_OWN = sys.getrecursionlimit()
_FRAMES = 20_000
"""What Python compiles is some 3,000 levels deep at most; a walk takes several frames a level."""
_STACK_BYTES = 64_000_000


@contextmanager
def deep_recursion(limit: int = _FRAMES) -> Iterator[None]:
    """Let calls nest deeper, or as deep as Python lets them by itself with :data:`PYTHONS_OWN`."""
    before = sys.getrecursionlimit()
    if limit > before:
        _grow_stack()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _grow_stack() -> None:
    """Walks through generators take room of the process's own stack as well; Linux lets it grow."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        if soft != resource.RLIM_INFINITY and soft < _STACK_BYTES:
            wanted = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(_STACK_BYTES, hard)
            resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
