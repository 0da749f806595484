"""The keys of an experiment document as typed models; the reference page is generated from them."""
