"""The environment service: hosts environment instances, one spawned process per slot."""
