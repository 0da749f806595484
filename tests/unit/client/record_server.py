"""A hand-written store on port 0 for the stream of a record, in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.status import to_status
from sparring.types.errors import SparringError
from sparring.types.plan import Grant

SERVICE = "sparring.api.store.v1.StoreService"
SOON_S = 10.0


class RecordServer:
    """Takes records. Stop it, or use it as a context.

    Attributes:
        streams: What came on each stream, as names of frame kinds with their episode.
        opened: The first frame of each stream.
        durable: Summary and rows of the committed episodes.
        waiting: Commits are answered at the next Flush only, if set.
        breaks: Called with each frame; true breaks the stream off before the frame is carried out.
        refusal: Raised when a record is opened.
        reading: While it is not set, nothing is read.
    """

    def __init__(self, address: str = "127.0.0.1:0") -> None:
        self.streams: list[list[str]] = []
        self.opened: list[Any] = []
        self.durable: dict[int, tuple[Any, bytes]] = {}
        self.waiting = False
        self.breaks: Callable[[str], bool] = lambda _: False
        self.refusal: SparringError | None = None
        self.reading = threading.Event()
        self.reading.set()
        handler = grpc.stream_stream_rpc_method_handler(
            self._serve, pb.RecordEpisodesRequest.FromString, pb.RecordEpisodesResponse.SerializeToString
        )
        self._server = grpc.server(
            ThreadPoolExecutor(8, thread_name_prefix="fake-store"),
            handlers=[grpc.method_handlers_generic_handler(SERVICE, {"RecordEpisodes": handler})],
            options=[*MESSAGE_SIZE_OPTIONS, ("grpc.so_reuseport", 0)],
        )
        self.port = self._server.add_insecure_port(address)
        self._server.start()

    @property
    def grant(self) -> Grant:
        return Grant("57" * 16, "store-1", "store", f"127.0.0.1:{self.port}")

    @property
    def heard(self) -> list[str]:
        return [name for stream in self.streams for name in stream]

    def stop(self) -> None:
        self.reading.set()
        self._server.stop(0.0).wait(SOON_S)

    def __enter__(self) -> RecordServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        names: list[str] = []
        self.streams.append(names)
        rows: dict[int, bytes] = {}
        held: list[Any] = []
        for request in requests:
            kind = request.WhichOneof("kind")
            name = _name(kind, getattr(request, kind))
            if self.breaks(name):
                context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
            names.append(name)
            match kind:
                case "open":
                    yield self._open(request.open, context)
                case "begin":
                    rows[request.begin.episode] = b""
                case "steps":
                    rows[request.steps.episode] += request.steps.rows
                case "commit":
                    held.append(self._commit(request.commit, rows))
                case "flush":
                    yield from held
                    held = []
                    yield pb.RecordEpisodesResponse(flushed=pb.Flushed())
            if not self.waiting:
                yield from held
                held = []
            self.reading.wait(SOON_S)

    def _open(self, request: Any, context: Any) -> Any:
        self.opened.append(request)
        if self.refusal is not None:
            status = to_status(self.refusal)
            context.set_trailing_metadata(status.trailing_metadata)
            context.abort(status.code, status.message)
        return pb.RecordEpisodesResponse(opened=pb.Opened(committed=sorted(self.durable)))

    def _commit(self, request: Any, rows: dict[int, bytes]) -> Any:
        episode = request.summary.episode.episode
        existed = episode in self.durable
        summary, _ = self.durable.setdefault(episode, (request.summary, rows.pop(episode)))
        kept = run_pb2.EpisodeSummary()
        kept.CopyFrom(summary)
        return pb.RecordEpisodesResponse(committed=pb.Committed(summary=kept, existed=existed))


def _name(kind: str, body: Any) -> str:
    episode = body.summary.episode.episode if kind == "commit" else getattr(body, "episode", None)
    return kind if episode is None else f"{kind} {episode}"
