"""`python -m sparring.agent.server` runs the agent service."""

import sys

from sparring.agent.server.main import main

if __name__ == "__main__":
    sys.exit(main())
