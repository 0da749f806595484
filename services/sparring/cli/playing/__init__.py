"""`sparring run`: a document is submitted, watched to its end, and summed up."""
