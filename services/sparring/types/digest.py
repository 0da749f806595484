"""Digests of episodes and runs: SHA-256 over exactly what must come out the same again (blueprint section 7).

The digest of an episode is SHA-256 over, one after the other:

1. `sparring.episode.1` and a zero byte;
2. phase (uint32), mode (uint8: 1 train, 2 test, 3 evaluate), rollout (uint32), episode (uint64);
3. the declarations of the environments as `canonical_declarations` writes them, preceded by their length (uint64);
4. the number of rows (uint64), and the SHA-256 of all rows;
5. the SHA-256 of all texts in the rows' order, each as UTF-8 preceded by its length (uint64);
6. for every reward declared late, by row, then environment: the number of the first row that holds it (uint64), the
   environment (uint32), its declaration in canonical form.

All integers are little-endian. The digest of a run is SHA-256 over `sparring.run.1`, a zero byte, and the digests of
its episodes by phase, rollout, episode.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeKey
from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode
from sparring.types.record import EnvironmentDeclarations, RowLayout
from sparring.types.space_bytes import counted, space_bytes

_EPISODE: Final = b"sparring.episode.1\0"
_RUN: Final = b"sparring.run.1\0"
_KEY: Final = struct.Struct("<IBIQ")
_LATE: Final = struct.Struct("<QI")
_MODES: Final = {Mode.TRAIN: 1, Mode.TEST: 2, Mode.EVALUATE: 3}


def canonical_declarations(environments: Sequence[EnvironmentDeclarations]) -> bytes:
    """Write what environments declared so that equal declarations, and only those, give equal bytes.

    uid, then sensors, actuators and rewards, each list preceded by its length; of each its uid and its space with every
    bit of its bounds. Units and descriptions are for people and left out.
    """
    parts = [struct.pack("<Q", len(environments))]
    for environment in environments:
        parts.append(counted(environment.uid.encode()))
        for declarations in (environment.sensors, environment.actuators, environment.rewards):
            parts.append(struct.pack("<Q", len(declarations)))
            parts.extend(map(_declaration, declarations))
    return b"".join(parts)


class EpisodeDigest:
    """The digest of one episode, fed as its rows are made. How they are batched makes no difference.

    Args:
        key: the episode.
        environments: their declarations, in document order.
        canonical: `canonical_declarations(environments)`, where it was made already.
        layout: `RowLayout.of(environments)`, likewise.
    """

    def __init__(
        self,
        key: EpisodeKey,
        environments: Sequence[EnvironmentDeclarations],
        canonical: bytes | None = None,
        layout: RowLayout | None = None,
    ) -> None:
        self.layout = layout or RowLayout.of(environments)
        self.count = 0
        canonical = canonical_declarations(environments) if canonical is None else canonical
        words = _KEY.pack(key.phase, _MODES[key.mode], key.rollout, key.episode)
        self._head = _EPISODE + words + counted(canonical)
        self._rows = sha256()
        self._texts = sha256()
        self._late: list[tuple[int, int, bytes]] = []

    def rows(self, rows: bytes) -> None:
        """Take the next rows.

        Raises:
            InvalidArgumentError: PACKED_INVALID, if the bytes are not a whole number of rows.
        """
        count, rest = divmod(len(rows), self.layout.size)
        if rest:
            raise InvalidArgumentError(
                "PACKED_INVALID", f"{len(rows)} bytes are not a whole number of rows of {self.layout.size} bytes."
            )
        self._rows.update(rows)
        self.count += count

    def texts(self, texts: Iterable[str]) -> None:
        """Take the texts of the same rows."""
        self._texts.update(b"".join(counted(text.encode("utf-8", "surrogatepass")) for text in texts))

    def declare_rewards(self, environment: int, declarations: Sequence[Declaration]) -> None:
        """Say that rows from here on hold these rewards of one environment as well."""
        self.layout = self.layout.with_rewards(environment, declarations)
        self._late += [(self.count, environment, _declaration(declaration)) for declaration in declarations]

    def digest(self) -> bytes:
        """Return the digest of what came so far, 32 bytes."""
        late = sorted(self._late, key=lambda each: each[:2])
        return sha256(
            b"".join(
                (
                    self._head,
                    struct.pack("<Q", self.count),
                    self._rows.digest(),
                    self._texts.digest(),
                    *(_LATE.pack(row, environment) + declaration for row, environment, declaration in late),
                )
            )
        ).digest()


def run_digest(episodes: Iterable[tuple[EpisodeKey, bytes]]) -> bytes:
    """Return the digest of episodes, given as key and digest in any order; empty if there are none.

    Train and test episodes make the run's digest, evaluation episodes one of their own: the caller chooses.
    """
    ordered = sorted(episodes, key=lambda each: (each[0].phase, each[0].rollout, each[0].episode, each[0].mode))
    if not ordered:
        return b""
    return sha256(_RUN + b"".join(digest for _, digest in ordered)).digest()


def _declaration(declaration: Declaration) -> bytes:
    return counted(declaration.uid.encode()) + space_bytes(declaration.space)
