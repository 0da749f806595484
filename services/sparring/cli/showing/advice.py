"""What to do about an error, by its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ADVICE: Final[Mapping[str, str]] = {
    "AUTHOR_CODE_FAILED": "Correct the code, then run again. SPARRING_LOG_LEVEL=ERROR shows the whole traceback.",
    "VALUE_OUT_OF_SPACE": "Return a value that the declared space contains, or declare a larger space.",
    "SETPOINT_OUT_OF_SPACE": "Let the muscle propose values that the actuator's space contains.",
    "BASELINE_CHANGED": "A reset must declare the same sensors and actuators as the start did.",
    "DEADLINE_PASSED": "If it is slow rather than stuck, give it more time: `timeouts` in the document.",
    "PROCESS_DIED": "The process ended without a word, as after a crash in native code or too little memory.",
    "IMPORT_FAILED": "Correct the module; `python -c 'import MODULE'` shows the whole error.",
    "COMPONENT_UNKNOWN": "Correct the name, or start a service whose SPARRING_PLUGINS lists the class's module.",
    "PARAMETERS_INVALID": "Correct the component's `params` in the document; `sparring check FILE` says which.",
    "BUNDLE_UNAVAILABLE": "`sparring services` shows who is registered, and how many slots are free.",
    "SERVICE_ABSENT": "`sparring services` shows who is registered; start the missing service.",
    "WORKERS_BUSY": "Try again later, or start more of this service.",
    "UNAVAILABLE": "Is the broker running there? `sparring serve broker` starts one.",
    "STORE_FULL": "Make room on the disk of the store; what is committed is safe.",
    "STORE_BUSY": "Try again. If it stays so, is its folder there, and can it be written?",
    "SCHEMA_NEWER": "A newer version of Sparring wrote this store; use that one.",
    "AUDIT_FAILED": "What was sent and what was stored differ: please report this as a bug.",
    "RUN_UNKNOWN": "`sparring runs list` shows the runs there are.",
    "TOKEN_MISSING": "Name the file with the token in SPARRING_TOKEN_FILE.",
    "TOKEN_WRONG": "Name the file with the right token in SPARRING_TOKEN_FILE.",
    "VERSION_MISMATCH": "Use the same major version of Sparring on both sides.",
}


def advice(reason: str) -> str:
    """Return what to do about an error; empty where its message says it all."""
    return _ADVICE.get(reason, "")
