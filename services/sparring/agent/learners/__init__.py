"""Agents that learn, with nothing but numpy: brain and muscle of proximal policy optimisation."""

from sparring.agent.learners.ppo_brain import PPOBrain
from sparring.agent.learners.ppo_muscle import PPOMuscle

__all__ = ["PPOBrain", "PPOMuscle"]
