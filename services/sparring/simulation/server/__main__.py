"""`python -m sparring.simulation.server` runs the simulation service."""

import sys

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.simulation.server.main import main

if __name__ == "__main__":
    sys.exit(main())
