"""Step streams: bidirectional gRPC streams of raw bytes, each driven by one thread that also runs author code.

Any gRPC peer can be the other end. `StepChannel` opens streams, `StepServer` answers them; both take the fast transport
(`core`, over grpcio's Cython layer) where it works, and the slow one (`plain`, over its public interface) elsewhere.
"""

from sparring.rpc.step_stream.channel import StepChannel
from sparring.rpc.step_stream.server import StepServer
from sparring.rpc.step_stream.stream import ClientStream, Metadata, ServerStream, StreamHandler, unary

__all__ = ["ClientStream", "Metadata", "ServerStream", "StepChannel", "StepServer", "StreamHandler", "unary"]
