"""The stream of steps and commits of a rollout worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_declarations, decode_mode
from sparring.codec.record import decode_rows, decode_summary
from sparring.store.commits import Outcome
from sparring.store.encoding.declared import decode_declared, encode_kept
from sparring.store.encoding.episodes import encode_committed
from sparring.store.phases import RecordingKey
from sparring.store.recorder import EpisodeRecord, Recorder
from sparring.store.recording import violated
from sparring.store.servicer.answers import Answers
from sparring.store.servicer.stopping import check_stop, stoppable
from sparring.store.track import Opening

Frame = pb.RecordEpisodesRequest
Response = pb.RecordEpisodesResponse


class RecordingMethods:
    """RecordEpisodes."""

    recorder: Recorder
    stop: asyncio.Event

    async def RecordEpisodes(self, request_iterator: AsyncIterator[Frame], context: Any) -> AsyncIterator[Response]:
        """Take frames and answer in order; reading goes on while commits wait for their group."""
        async with stoppable(self.stop, request_iterator) as frames:
            opening = await anext(frames, None)
            if opening is None:
                check_stop(self.stop)
                return
            record = await self.recorder.open(decode_opening(opening))
            try:
                yield Response(opened=pb.Opened(committed=sorted(record.committed)))
                async with Answers[Response](lambda each: _take_all(record, frames, each)) as answers:
                    async for answer in answers:
                        yield answer
                check_stop(self.stop)
            finally:
                record.close()


async def _take_all(record: EpisodeRecord, frames: AsyncIterator[Frame], answers: Answers[Response]) -> None:
    async for frame in frames:
        await _take(record, frame, answers)
    # The other side has finished: nobody else will end the waiting of what it committed.
    await (await record.flush())


async def _take(record: EpisodeRecord, frame: Frame, answers: Answers[Response]) -> None:
    match frame.WhichOneof("kind"):
        case "steps":
            await record.add(decode_rows(frame.steps), frame.steps.SerializeToString())
        case "begin":
            await record.begin(frame.begin.episode, frame.begin.SerializeToString())
        case "declare_rewards":
            late = frame.declare_rewards
            rewards = decode_declarations(late.rewards)
            await record.declare(late.episode, late.environment, rewards, late.SerializeToString())
        case "commit":
            outcome = await record.commit(decode_summary(frame.commit.summary), frame.commit.rows)
            await answers.put(outcome, _encode_outcome)
        case "drop":
            await record.drop(frame.drop.episode)
        case "flush":
            await answers.put(await record.flush(), _encode_flushed)
        case other:
            raise violated(f"A frame came that may not come here: {other or 'of no kind that this side knows'}")


def decode_opening(frame: Frame) -> Opening:
    """Read the first frame.

    Raises:
        FailedPreconditionError: GRAMMAR_VIOLATED, it is another one.
        InvalidArgumentError: what is declared does not hold together.
    """
    if frame.WhichOneof("kind") != "open":
        raise violated("The first frame must open the record")
    message = frame.open
    key = RecordingKey(message.run, message.phase, decode_mode(message.mode), message.rollout)
    return Opening(key, message.epoch, message.phase_name, decode_declared(message), encode_kept(message))


def _encode_outcome(outcome: Outcome) -> Response:
    summary = encode_committed(outcome.episode)
    return Response(committed=pb.Committed(summary=summary, existed=outcome.existed))


def _encode_flushed(_: None) -> Response:
    return Response(flushed=pb.Flushed())
