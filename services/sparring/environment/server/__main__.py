"""`python -m sparring.environment.server` runs the environment service."""

from sparring.environment.server.main import main

main()
