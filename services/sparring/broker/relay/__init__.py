"""The broker's relay: HTTP CONNECT to granted sessions, for those who cannot reach their workers."""
