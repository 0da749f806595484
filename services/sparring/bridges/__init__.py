"""Bridges: environments of other libraries as environments of Sparring."""
