"""The local system: broker, store, governor and the parents of all hosts in this process; author code in its children.

The same servicers as in separate services, over real gRPC on loopback: a client cannot tell the difference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparring.agent.server import host as agents
from sparring.environment.server import host as environments
from sparring.host.pool import SlotPool
from sparring.host.service import HostSettings
from sparring.simulation.server import host as simulations

if TYPE_CHECKING:
    from sparring.governor.ports import Describer

ROLLOUT_SLOT = "sparring.embedded.rollout_slot:make_slot"


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """What a local system is made of.

    Attributes:
        store: Folder of the store, or a database URI.
        modules: Author modules that may be imported: those that the user's own documents name.
        search_paths: Folders put in front of the import path: those of the documents.
        components: (name, role) of the classes that the documents name.
        rollout_slots: How many rollout workers play at the same time, a process each.
        agent_slots: How many brains, and muscles that do not run inline, a process each.
        environment_slots: How many environments that do not run inline, a process each.
        described: What the documents' classes were found to offer, see `LocalDescriber`; None: they were not tried.
    """

    store: str
    modules: tuple[str, ...] = ()
    search_paths: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    rollout_slots: int = 1
    agent_slots: int = 1
    environment_slots: int = 0
    described: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """A local system that runs.

    Attributes:
        broker: host:port of its broker.
        pools: The slots, by service, for those who want to look at processes.
    """

    broker: str
    pools: dict[str, SlotPool]


@asynccontextmanager
async def local_system(settings: LocalSettings) -> AsyncIterator[LocalSystem]:
    """Run everything for the length of the block; afterwards nothing is left but the store.

    Raises:
        SparringError: Something could not start.
    """
    async with AsyncExitStack() as stack:
        pools = {
            "simulation": simulations.make_pool(
                _host_settings(settings, settings.rollout_slots), ROLLOUT_SLOT, settings.search_paths
            ),
            "agent": agents.make_pool(_host_settings(settings, settings.agent_slots), settings.search_paths),
        }
        if settings.environment_slots:
            pools["environment"] = environments.make_pool(
                _host_settings(settings, settings.environment_slots), settings.search_paths
            )
        # First of all the processes: they start while this one imports the rest, which takes longer than they do.
        for pool in pools.values():
            await stack.enter_async_context(pool.running())
        from sparring.embedded.control_plane import control_plane
        from sparring.embedded.describer import LocalDescriber

        def describing(elsewhere: Describer) -> Describer:
            return LocalDescriber(elsewhere, settings.modules, settings.search_paths, settings.described)

        broker = await stack.enter_async_context(control_plane(settings.store, describing))
        await _open_hosts(stack, settings, pools, broker)
        yield LocalSystem(broker, pools)


async def _open_hosts(stack: AsyncExitStack, settings: LocalSettings, pools: dict[str, SlotPool], broker: str) -> None:
    """Register the hosts."""
    await stack.enter_async_context(
        simulations.simulation_host(
            _host_settings(settings, settings.rollout_slots, broker),
            pool=pools["simulation"],
            announced=settings.components,
        )
    )
    await stack.enter_async_context(
        agents.agent_host(
            _host_settings(settings, settings.agent_slots, broker),
            pool=pools["agent"],
            announced=_of(settings.components, "brain", "muscle", "objective", "filter"),
            search_paths=settings.search_paths,
        )
    )
    if "environment" in pools:
        await stack.enter_async_context(
            environments.environment_host(
                _host_settings(settings, settings.environment_slots, broker),
                pool=pools["environment"],
                announced=_of(settings.components, "environment", "reward"),
                search_paths=settings.search_paths,
            )
        )


def _of(components: Sequence[tuple[str, str]], *roles: str) -> list[tuple[str, str]]:
    """Return the components that have one of the roles."""
    return [(name, role) for name, role in components if role in roles]


def _host_settings(settings: LocalSettings, slots: int, broker: str = "") -> HostSettings:
    """Settings of a host inside this process; what the environment says of services does not concern it."""
    return HostSettings(
        address="127.0.0.1:0",
        http_address="",
        broker=broker or "127.0.0.1:0",
        token_file=None,
        plugins=settings.modules,
        slots=slots,
        calls=4,
        drain_s=1.0,
    )
