"""Entry of the child process: ``python -m pdeperf.guest ORDER.json``."""

import time

STARTED = time.perf_counter(), time.process_time()
"""Taken first of all: what importing this package takes is not the script's time."""

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from pdeperf.guest.observe import Order, main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(Order.read(Path(sys.argv[1])), started=STARTED))
