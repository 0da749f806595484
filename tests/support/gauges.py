"""A gauge that remembers what it was shown."""


class RecordingGauge:
    """Implements the port Gauge.

    Attributes:
        calls: (kind, component, deadline) of each begin, and "end".
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, float] | str] = []

    def begin(self, kind: str, component: str, deadline_s: float) -> None:
        """Note it; calls are never nested."""
        assert not self.calls or self.calls[-1] == "end"
        self.calls.append((kind, component, deadline_s))

    def end(self) -> None:
        """Note it."""
        self.calls.append("end")

    @property
    def kinds(self) -> list[str]:
        """What was done, in order."""
        assert len(self.calls) % 2 == 0
        return [call[0] for call in self.calls if call != "end"]
