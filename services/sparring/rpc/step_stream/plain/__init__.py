"""Step streams over the public synchronous interface of grpcio, for when the core streams do not work.

Slow: gRPC itself moves each message through two threads, and a wait with a deadline takes a third.
"""

from sparring.rpc.step_stream.plain.client import PlainChannel, PlainClientStream
from sparring.rpc.step_stream.plain.listener import PlainListener
from sparring.rpc.step_stream.plain.server import PlainServerStream

__all__ = ["PlainChannel", "PlainClientStream", "PlainListener", "PlainServerStream"]
