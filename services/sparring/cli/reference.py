"""The reference page of the command line, written from the commands: `python -m sparring.cli.reference`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import typer

from sparring.cli.main import app

_INTRODUCTION = """\
# The command line

<!-- Written by `python -m sparring.cli.reference`; change the commands, not this page. -->

`sparring` alone prints an overview, `sparring COMMAND --help` what stands here. Results go to standard output, what
went wrong to standard error. Colours and moving bars appear only in a terminal, and never with `NO_COLOR`.

| exit code | meaning |
| --- | --- |
| 0 | done; the run finished; everything verifies |
| 1 | failed: the run, what was verified, or the command itself |
| 2 | a bad document, wrong settings, or wrong usage |
| 130 | interrupted: by Ctrl-C, or the run was cancelled |

Commands that look at runs read the store in `./sparring-data`, another one with `--store`, or that of a deployed
system with `--connect`. `SPARRING_TOKEN_FILE`, `SPARRING_TLS_AUTHORITY`, `SPARRING_TLS_CERTIFICATE` and
`SPARRING_TLS_KEY` say how a deployed system is reached; `SPARRING_LOG_LEVEL` and `SPARRING_LOG_FORMAT` what is logged.
"""
_EVENTS = """\
## Events of `sparring run --json`

One JSON object per line, nothing else on standard output. Every line has `event`, and `run` once there is one. Numbers
that JSON cannot say (infinity, not a number) are `null`. With several files there is one summary per file, in order.

| event | when | further keys |
| --- | --- | --- |
| `problem` | the document has a mistake | `file`, `line`, `column`, `path`, `found`, `expected`, `message` |
| `started` | the run is durable | `uid`, `file`, `seed`, `store`, `phases` (`number`, `name`, `mode`, `rollouts`, \
`episodes`) |
| `state` | a durable transition | `revision`, `time`, `state`, `status`, `phase`, `message` |
| `episode` | an episode is committed | `revision`, `time`, `phase`, `name`, `mode`, `rollout`, `episode`, `steps`, \
`episode_return`, `attempts`, `digest` |
| `progress` | about once a second, not kept | `phase`, `name`, `rollout`, `episodes`, `episode`, `step`, \
`steps_per_second`, `episode_return`, `waiting` (why the store takes nothing now; `null` while it does) |
| `notice` | people should know | `message` |
| `summary` | the last line | `file`, `status`, `seed`, `digest`, `evaluation_digest`, `deterministic`, `platform`, \
`store`, `phases` (`name`, `mode`, `episodes`, `steps`, `steps_per_second`, `mean_return`), and `error` (`reason`, \
`message`) unless all is well |

`status` is `finished`, `failed`, `cancelled`, `refused` (a bad document), or `submitted` (`--detach`). `platform` says
what kind of machine played: equal documents and seeds give equal digests on equal platforms. It is `null` with
`--connect`.
"""


def reference_page() -> str:
    """Return the page."""
    group: Any = typer.main.get_command(app)
    parts = [_INTRODUCTION]
    for name, command in _commands(group, "sparring"):
        parts.append(_section(name, command))
        if name == "sparring run":
            parts.append(_EVENTS)
    return "\n".join(parts)


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        else:
            yield full, command


def _section(name: str, command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = " ".join([name, *(each.metavar for each in arguments), "[OPTIONS]" if options else ""]).rstrip()
    rows = [f"| `{_option(each)}` | {each.help} | {_default(each)} |" for each in options]
    table = ["", "| option | meaning | default |", "| --- | --- | --- |", *rows] if rows else []
    return "\n".join([f"## {name}", "", f"    {usage}", "", inspect.cleandoc(command.help), *table, ""])


def _option(option: Any) -> str:
    # A pipe ends the cell of a table, even between backticks.
    value = "" if option.is_flag else f" {option.metavar}".replace("|", "\\|")
    return f"{', '.join(option.opts)}{value}"


def _default(option: Any) -> str:
    shown = option.show_default
    if isinstance(shown, str):
        return shown
    return f"`{option.default}`" if shown and option.default not in (None, "", False) else ""


if __name__ == "__main__":
    sys.stdout.write(reference_page())
