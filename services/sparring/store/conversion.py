"""Turns a rollout worker's segment into a Parquet file, and proves that nothing got lost on the way."""

from __future__ import annotations

from sparring.store.checking import check_pieces, refuse_differences
from sparring.store.parquet.columns import RecordColumns
from sparring.store.parquet.files import read_parquet, write_parquet
from sparring.store.phases import Recording
from sparring.store.places import Places
from sparring.store.ports import Database
from sparring.store.reading import committed_episodes, declared, late_rewards, segment_pieces
from sparring.store.refusals import disk_refusal


def convert(database: Database, places: Places, recording: Recording) -> None:
    """Write the Parquet file of a rollout worker's committed episodes; its segment stays.

    The file is read back and the digest of every episode is made of it again: sealed data verifies.

    Raises:
        FailedPreconditionError: DATA_DAMAGED, naming the episode.
        UnavailableError: STORE_FULL or STORE_BUSY.
    """
    key = recording.key
    found = declared(recording)
    late = late_rewards(database, key)
    columns = RecordColumns(found, (each for rewards in late.values() for each in rewards))
    path = places.parquet(key)
    try:
        write_parquet(path, columns, segment_pieces(database, places, key))
    except OSError as error:
        raise disk_refusal(error) from error
    refuse_differences(check_pieces(found, committed_episodes(database, key), read_parquet(path, columns, late)))
