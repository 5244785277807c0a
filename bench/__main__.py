"""The command line: ``python -m bench`` and the script ``churnbench``."""

from __future__ import annotations

import sys

from bench.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
