"""Methods about what brains were given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_mode
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.experience_frames import encode_episode_end, encode_whole_batch
from sparring.store.experience_reading import ExperienceReading, LearningOrder, Wanted
from sparring.types.learning import EpisodeEnd

_ORDERS: Final = {pb.LEARNING_ORDER_COMMITS: LearningOrder.COMMITS}


class ExperienceMethods:
    """ReadExperience."""

    experience: ExperienceReading

    async def ReadExperience(
        self, request: pb.ReadExperienceRequest, context: Any
    ) -> AsyncIterator[pb.ReadExperienceResponse]:
        """Yield what a brain was given, episode by episode."""
        wanted = Wanted(
            request.run,
            request.phase,
            decode_mode(request.mode),
            request.agent,
            tuple(decode_key(key) for key in request.contained),
            _ORDERS.get(request.order, LearningOrder.ROUNDS),
            request.lanes or 1,
        )
        async with aclosing(self.experience.read(wanted)) as parts:
            async for key, part in parts:
                if isinstance(part, EpisodeEnd):
                    yield pb.ReadExperienceResponse(episode=encode_key(key), end=encode_episode_end(part))
                else:
                    yield pb.ReadExperienceResponse(episode=encode_key(key), batch=encode_whole_batch(part))
