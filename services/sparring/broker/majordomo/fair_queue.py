"""A queue that serves its clients in turn, each client's items in the order they came."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items by number. Those at the head come first, in the order they were put there; then one per client, in turn.

    A client that is new, or that was just served, goes to the end of the turn: while a client waits for its turn every
    other one is served at most once, so that nobody waits for ever, whatever the others send.
    """

    def __init__(self) -> None:
        self._head: OrderedDict[int, Item] = OrderedDict()
        self._turns: OrderedDict[str, OrderedDict[int, Item]] = OrderedDict()
        self._client_of: dict[int, str] = {}
        self._count: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._client_of)

    def __contains__(self, number: int) -> bool:
        return number in self._client_of

    def count(self, client: str) -> int:
        """Return how many items of this client wait."""
        return self._count.get(client, 0)

    def push(self, number: int, client: str, item: Item, *, at_head: bool = False) -> None:
        """Add an item under a number that is not in use."""
        self._client_of[number] = client
        self._count[client] = self._count.get(client, 0) + 1
        if at_head:
            self._head[number] = item
        else:
            self._turns.setdefault(client, OrderedDict())[number] = item

    def pop(self) -> Item:
        """Take the next item; its client has had its turn.

        Raises:
            IndexError: the queue is empty.
        """
        for number in self._head:
            return self.remove(number)
        for items in self._turns.values():
            return self.remove(next(iter(items)), served=True)
        raise IndexError("the queue is empty")

    def remove(self, number: int, *, served: bool = False) -> Item:
        """Take an item from anywhere. `served`: its client has had its turn.

        Raises:
            KeyError: no such item waits.
        """
        client = self._client_of.pop(number)
        self._count[client] -= 1
        if not self._count[client]:
            del self._count[client]
        if number in self._head:
            return self._head.pop(number)
        items = self._turns[client]
        item = items.pop(number)
        if not items:
            del self._turns[client]
        elif served:
            self._turns.move_to_end(client)
        return item

    def __iter__(self) -> Iterator[Item]:
        """Go through the items in the order in which they would be served if nothing else came."""
        yield from self._head.values()
        turns = [iter(items.values()) for items in self._turns.values()]
        while turns:
            left = []
            for turn in turns:
                for item in turn:
                    left.append(turn)
                    yield item
                    break
            turns = left
