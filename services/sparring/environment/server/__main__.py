"""`python -m sparring.environment.server` runs the environment service."""

import sys

from sparring.environment.server.main import main

if __name__ == "__main__":
    sys.exit(main())
