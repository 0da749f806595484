"""HTTP CONNECT, and what joins two connections: for the broker's relay, and for workers behind it."""
