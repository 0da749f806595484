"""The simulation controller: plays the episodes of one rollout worker, over session ports, wherever the components run."""
