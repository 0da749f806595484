"""Step streams over grpcio's Cython layer, which is private to grpcio: only `layer` here imports it.

One completion queue per stream, polled by the thread that uses the stream and by nobody else, and one operation for
"send this and receive the next": no other thread is woken between the socket and author code.
"""

from sparring.rpc.step_stream.core.client import CoreChannel, CoreClientStream
from sparring.rpc.step_stream.core.listener import CoreListener
from sparring.rpc.step_stream.core.server import CoreServerStream

__all__ = ["CoreChannel", "CoreClientStream", "CoreListener", "CoreServerStream"]
