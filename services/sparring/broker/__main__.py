"""Entry of `python -m sparring.broker`."""

import sys

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.broker.main import main

if __name__ == "__main__":
    sys.exit(main())
