"""What a service that hosts author code needs: slot processes, admission, deadlines, sessions, descriptions."""
