"""Segments: append-only files of the steps of one rollout worker in one phase, until the phase is sealed."""
