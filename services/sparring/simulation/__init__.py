"""The simulation controller.

Plays the episodes of one rollout worker, over session ports, wherever the components run.
"""
