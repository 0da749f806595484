"""`sparring register`: a foreign server among the services of a broker."""
