"""The rules of the broker, pure: events and the time go in, effects to be carried out come out.

`broker.Majordomo` is the whole; the other modules are its parts. Nothing in here imports grpc, protobuf or asyncio,
reads a clock or waits. All times are seconds on one monotonic clock of the caller's.
"""
