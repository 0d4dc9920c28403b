"""Entry of the child process: ``python -m pdeperf.guest ORDER.json``."""

import sys
from pathlib import Path

from pdeperf.guest.observe import Order, main

if __name__ == "__main__":
    sys.exit(main(Order.read(Path(sys.argv[1]))))
