"""Titanic (RFC 9/TSP): requests for other services that survive every restart, and their replies."""
