"""Faults of the document, between a rollout worker and its sessions: only phases that have some pass through here."""
