"""Turns the first SIGTERM or SIGINT into an event; installed before a service says that it is there."""

from __future__ import annotations

import asyncio
import logging
import signal

_log = logging.getLogger(__name__)


def stop_on_signal() -> asyncio.Event:
    """Return an event that the first SIGTERM or SIGINT sets. Only a `main` calls this: handlers belong to the process.

    A second Ctrl-C does not wait for the drain: it raises KeyboardInterrupt. A second SIGTERM changes nothing.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def received(number: signal.Signals) -> None:
        _log.info("stopping on %s", number.name)
        stop.set()
        if number is signal.SIGINT:
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received, number)
    return stop
