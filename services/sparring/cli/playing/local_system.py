"""The system on this machine that plays one document."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from sparring.cli.playing.local import needs_of
from sparring.cli.playing.options import RunOptions
from sparring.embedded.local import LocalSettings, local_system
from sparring.experiment.document import Document, load_document


@contextlib.asynccontextmanager
async def system_for(
    options: RunOptions, document: Document | None, described: Mapping[str, bytes] | None = None
) -> AsyncIterator[str]:
    """Have a system for the length of the block; yields its broker's address.

    Args:
        options: of the command line.
        document: to be played; None: that of the run to resume.
        described: what the document's environments offer, if that was found out; see `LocalSettings`.

    Raises:
        NotFoundError: STORE_UNKNOWN or RUN_UNKNOWN, there is nothing to resume.
        SparringError: something could not start.
    """
    placement = options.placement
    if document is None:
        document, placement = await _document_of(options)
    needs = needs_of(document.expand(seed=0), document.name, placement=placement, slots=options.slots)
    settings = LocalSettings(
        store=options.store,
        modules=needs.modules,
        search_paths=needs.search_paths,
        components=needs.components,
        rollout_slots=needs.rollout_slots,
        agent_slots=needs.agent_slots,
        environment_slots=needs.environment_slots,
        described=described,
    )
    async with local_system(settings) as system:
        yield system.broker


async def _document_of(options: RunOptions) -> tuple[Document, str]:
    """Return the document of the run to resume, and the placement that it was submitted with."""
    # Late: only a run that is resumed is looked up before its store has a service.
    from sparring.cli.access.local_store import opened

    with opened(options.store) as store:
        text, file, placement = await store.document(options.resume)
    return load_document(text, name=file), placement
