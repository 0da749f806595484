"""Termination conditions: pure rules over what was played; they know no clock, no process and no store."""
