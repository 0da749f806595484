"""Between wire and model: `encode_x` makes protobuf messages of plain values, `decode_x` the other way.

No channel, and no state but chunks that wait for their frame.
"""
