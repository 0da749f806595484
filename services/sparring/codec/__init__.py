"""Between wire and model: `encode_x` makes protobuf messages of plain values, `decode_x` the other way. No channel, no state but chunks."""
