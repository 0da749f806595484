"""Finds a worker for each of several wanted slots, or for as many of them as possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sparring.broker.majordomo.worker import Worker


class Matching:
    """Maximum matching of wanted components to workers with room (Kuhn's augmenting paths).

    A want that finds no worker with room makes others move, so that a worker that announces much is not used up by
    wants that others could serve. Workers are tried in the given order; one that got something goes to the end.

    Attributes:
        hosts: the worker found for each want, by index.
    """

    def __init__(self, components: Sequence[str], room: Mapping[Worker, int]) -> None:
        """Match.

        Args:
            components: of the wanted slots, by index; empty means any.
            room: how many slots each worker has free, in the order of preference.
        """
        self._components = components
        self._room = room
        self._order = [worker for worker in room if room[worker] > 0]
        self._held: dict[Worker, list[int]] = {worker: [] for worker in self._order}
        self.hosts: dict[int, Worker] = {}
        for index in range(len(components)):
            self._place(index, set())

    def _place(self, index: int, seen: set[Worker]) -> bool:
        fitting = [worker for worker in self._order if worker not in seen and worker.runs(self._components[index])]
        for worker in fitting:
            if len(self._held[worker]) < self._room[worker]:
                self._take(index, worker)
                return True
        for worker in fitting:
            if worker in seen:
                continue  # a deeper step has been there
            seen.add(worker)
            for other in self._held[worker]:
                if self._place(other, seen):
                    self._held[worker].remove(other)
                    self._take(index, worker)
                    return True
        return False

    def _take(self, index: int, worker: Worker) -> None:
        self.hosts[index] = worker
        self._held[worker].append(index)
        self._order.remove(worker)
        self._order.append(worker)
