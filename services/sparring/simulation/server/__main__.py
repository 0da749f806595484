"""`python -m sparring.simulation.server` runs the simulation service."""

from sparring.simulation.server.main import main

main()
