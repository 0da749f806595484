"""`python -m sparring.environment.server` runs the environment service."""

import sys

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.environment.server.main import main

if __name__ == "__main__":
    sys.exit(main())
