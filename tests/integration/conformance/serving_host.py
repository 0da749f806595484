"""The environment service in a thread, for clients that block: what `sparring serve environment` is made of."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sparring.environment.server.host import environment_host
from sparring.host.settings import HostSettings
from tests.support.repository import ROOT

SOON_S = 60.0
BRIDGE = "sparring.bridges.gymnasium:GymnasiumEnvironment"
DUMMY = "sparring.environment:DummyEnvironment"
AREAS = "frequency:TwoAreas"


@contextmanager
def serving_host(slots: int = 2) -> Iterator[str]:
    """Serve for the length of the block; yields host:port."""
    modules = ("sparring.bridges.gymnasium", "frequency")
    settings = HostSettings(
        address="127.0.0.1:0", http_address="127.0.0.1:0", broker="127.0.0.1:1", slots=slots, plugins=modules
    )
    announced = [(name, "environment") for name in (DUMMY, BRIDGE, AREAS)]
    paths = (str(ROOT / "examples"), str(ROOT))
    started, address = threading.Event(), []
    stopping: list[Callable[[], object]] = []

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        await asyncio.to_thread(str)  # its thread is there before the first test begins, and is none that it leaves
        stopping.append(lambda: loop.call_soon_threadsafe(stop.set))
        async with environment_host(settings, announced=announced, search_paths=paths) as server:
            address.append(str(server.address))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="environment-host")
    thread.start()
    try:
        assert started.wait(SOON_S)
        yield address[0]
    finally:
        for stop in stopping:
            stop()
        thread.join(SOON_S)
