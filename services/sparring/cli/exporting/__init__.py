"""A run's results as files that other tools read."""
