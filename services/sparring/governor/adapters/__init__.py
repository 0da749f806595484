"""The governor's ports over gRPC: broker, store, brains, rollout workers, descriptions."""
