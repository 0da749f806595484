"""`python -m sparring.agent.server` runs the agent service."""

from sparring.agent.server.main import main

main()
