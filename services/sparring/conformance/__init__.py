"""The conformance kit: tests an environment server of any language from outside, rule by rule."""
