"""A brain that misbehaves."""

import time
from typing import Any

from sparring.agent import Brain


class Stuck(Brain):
    """Never comes to an end of its thoughts."""

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        time.sleep(1000)
