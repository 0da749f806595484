"""Several services in one process: the local run, and rollout workers that hold their components inline."""
