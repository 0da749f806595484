"""Between the store's models and messages: `encode_x` and `decode_x`, also of what is kept as message bytes."""
