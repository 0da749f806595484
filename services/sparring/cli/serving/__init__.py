"""`sparring serve`: which service is started how."""
