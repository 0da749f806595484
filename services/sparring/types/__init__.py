"""Spaces, values, packing, frames and ports: pure, no input or output, shared by every part."""
