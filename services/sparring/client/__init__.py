"""Clients of all services: typed calls, the Majordomo client and worker, and the session ports over streams."""
