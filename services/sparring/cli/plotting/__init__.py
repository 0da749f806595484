"""Returns and lengths of a run's episodes, as a picture and as a line of text."""
