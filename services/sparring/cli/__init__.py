"""The command line: one file per noun; what the commands need stands in the packages beside them."""
