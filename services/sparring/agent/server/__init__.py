"""The agent service: hosts muscles and brains, one spawned process per slot."""
