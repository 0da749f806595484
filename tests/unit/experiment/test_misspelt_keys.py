"""Any document with one misspelt key has exactly one problem, which names the key and what was meant."""

from __future__ import annotations

import io
import types
import typing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from ruamel.yaml import YAML

from sparring.experiment.schema.document import DocumentSchema
from tests.unit.experiment.documents import problems_of

# Every key of the document once, each with a value that fits.
FULL = """\
uid: full
experiment_uid: study
seed: 1
version: "3.5"
schedule:
  - train:
      environments:
        - environment:
            name: my.package:Environment
            uid: arena
            params: {free: 1}
            placement: auto
            recreate: episode
          reward: {name: "my.package:Reward", params: {}}
          state_transformer: {name: "my.package:Transformer"}
        - environment: {service: environment/other, uid: other}
        - environment: {address: "localhost:50051", uid: third}
      agents:
        - name: first
          brain: {name: "my.package:Brain", params: {}}
          muscle: {name: "my.package:Muscle", params: {}}
          objective: {name: "my.package:Objective", params: {}}
          sensors: [arena.0, arena.1]
          actuators: [arena.0]
          filters: [{name: "my.package:Filter"}]
          load: {agent: first, experiment_run: before, phase: 0}
          replay:
            - agent: first
              experiment_run: before
              phase: 0
              instance: one
              mode: train
              strict: true
              repeat: 2
              sensors: [arena.0]
              actuators: [arena.0]
          placement: inline
      simulation:
        name: sparring.simulation:VanillaSimulationController
        conditions: [{name: "sparring.experiment:EnvironmentTerminationCondition", params: {}}]
      phase_config:
        mode: train
        worker: 1
        episodes: 5
        evaluate_every: 2
        learning: step
        lanes: 1
        store_raw_actuators: false
      timeouts: {start_s: 1, reset_s: 1, step_s: 1, think_s: 1}
      faults:
        - {sensor: arena.0, freeze: true, episode: 0, from_step: 1, until_step: 2}
        - {sensor: arena.0, bias: 0.5, episodes: [0, 1], probability: 0.5, rollout: 0}
        - {actuator: arena.0, lost: true}
        - {environment: arena, kill: true}
        - {environment: other, freeze_s: 0.5}
        - {environment: other, drop: true}
        - {agent: first, delay_s: 0.1}
run_config:
  condition: {name: "sparring.experiment:VanillaRunGovernorTerminationCondition"}
retries: {episode: 3}
timeouts: {start_s: 1, reset_s: 1, step_s: 1, think_s: 1}
placement: auto
save_every: 10
"""
_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


def keys_of(
    value: Any, annotation: Any, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], list[str]]]:
    """Return the path of every key that a model describes, with all keys of that model."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return keys_of(value, arguments[0], path)
    if origin in (typing.Union, types.UnionType):
        return [found for each in arguments for found in keys_of(value, each, path)]
    if origin is tuple and isinstance(value, list):
        return [found for i, item in enumerate(value) for found in keys_of(item, arguments[0], (*path, i))]
    if not isinstance(value, dict):
        return []
    if origin is dict:
        return [found for name, item in value.items() for found in keys_of(item, arguments[1], (*path, name))]
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return []
    fields = annotation.model_fields
    here: list[tuple[tuple[str | int, ...], list[str]]] = [((*path, name), list(fields)) for name in value]
    return here + [
        found for name, item in value.items() for found in keys_of(item, fields[name].annotation, (*path, name))
    ]


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def misspell(document: Any, path: tuple[str | int, ...], wrong: str) -> str:
    """Return the document as YAML, with another key at `path`, in the same place."""
    above = document
    for step in path[:-1]:
        above = above[step]
    renamed = {wrong if name == path[-1] else name: value for name, value in above.items()}
    above.clear()
    above.update(renamed)
    writer, text = YAML(), io.StringIO()
    writer.default_flow_style = False
    writer.dump(document, text)
    return text.getvalue()


KEYS = keys_of(read(FULL), DocumentSchema)


@st.composite
def slips(draw: st.DrawFn) -> tuple[tuple[str | int, ...], str]:
    """Draw a key of the full document and a slip of the pen: a letter lost, doubled, changed, or two swapped."""
    path, known = draw(st.sampled_from(KEYS))
    right = str(path[-1])
    at = draw(st.integers(0, len(right) - 1))
    letter = draw(st.sampled_from(_LETTERS))
    wrong = draw(
        st.sampled_from(
            [
                right[:at] + right[at + 1 :],
                right[: at + 1] + right[at:],
                right[:at] + letter + right[at + 1 :],
                right[:at] + right[at : at + 2][::-1] + right[at + 2 :],
                right.upper(),
            ]
        )
    )
    taken = {str(other[-1]) for other, _ in KEYS} | set(known)
    return path, wrong if wrong and wrong not in taken else f"{right}x"


def test_the_full_document_has_every_key_and_no_problem() -> None:
    assert problems_of(FULL) == []
    older = {"agent_name", "experiment_id", "phase_name", "base"}
    names = {name for _, known in KEYS for name in known}
    assert {str(path[-1]) for path, _ in KEYS} | older == names


@given(slips())
def test_one_slip_is_one_problem_that_names_it_and_suggests_the_right_key(
    slip: tuple[tuple[str | int, ...], str],
) -> None:
    path, wrong = slip
    text = misspell(read(FULL), path, wrong)
    found = problems_of(text)
    assert len(found) == 1, "\n".join(map(str, found))
    assert found[0].message.startswith(f"unknown key {wrong!r}; did you mean '")
    line = text.splitlines()[found[0].line - 1]
    assert line[found[0].column - 1 :].startswith(f"{wrong}:")
    right, meant = str(path[-1]), found[0].message.split("'")[3]
    assert meant == right or len(right) < 4
