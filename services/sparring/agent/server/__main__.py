"""`python -m sparring.agent.server` runs the agent service."""

import sys

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.agent.server.main import main

if __name__ == "__main__":
    sys.exit(main())
