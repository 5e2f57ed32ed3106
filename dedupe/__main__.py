"""`python -m dedupe`."""

from __future__ import annotations

import sys

from dedupe.cli import main

if __name__ == "__main__":
    sys.exit(main())
