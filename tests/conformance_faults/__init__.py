"""A good environment server with one fault at a time: what the conformance kit is measured with."""
