"""What a service that hosts author code needs: slot processes, admission by token, gauges, the session loop, descriptions."""
