"""The secrets by which workers that only dial out show who they are: made of their leases, kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class LeaseKeys:
    """Good for one life of a broker."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def key(self, lease_id: str) -> str:
        """Return the secret of a lease."""
        return hmac.digest(self._secret, lease_id.encode(), hashlib.sha256).hex()

    def right(self, lease_id: str, shown: str) -> bool:
        """Tell whether this is the secret of the lease, in constant time."""
        return hmac.compare_digest(self.key(lease_id), shown)
