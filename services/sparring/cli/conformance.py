"""`sparring conformance`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from sparring.cli.arguments import Json


def conformance(
    server: Annotated[
        str, typer.Argument(metavar="HOST:PORT", help="The server, in any language.", show_default=False)
    ],
    environment: Annotated[
        str,
        typer.Option("--environment", metavar="NAME", help="Which one.", show_default="the server's only one"),
    ] = "",
    parameters: Annotated[
        str, typer.Option("--parameters", metavar="JSON", help="Its parameters, an object.", show_default=False)
    ] = "",
    level: Annotated[
        list[str] | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="core, resume, lanes or time; may be given several times.",
            show_default="all that the server declares",
        ),
    ] = None,
    json: Json = False,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write JUnit XML as well.", show_default=False, dir_okay=False),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2**30, help="Of everything that is drawn.")
    ] = 1,
    steps: Annotated[
        int, typer.Option("--steps", metavar="N", min=8, max=1_000_000, help="Updates of one trajectory.")
    ] = 60,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Ask for a new instance at every reset.", show_default=False)
    ] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=3600, help="Deadline of every answer.")
    ] = 10.0,
) -> None:
    """Test an environment server, of any language, from outside.

    Every finding says what was sent, what came, what is required, and where that is written
    (docs/reference/environment-protocol.md). The server needs a free slot, better all of them, and keeps running. Exit
    code: 0 nothing is wrong, 1 findings, or the server cannot be reached.
    """
    _require_object(parameters)
    # Late: what only this command needs is loaded by it.
    from sparring.cli.access.connection import access
    from sparring.cli.showing.terminal import output
    from sparring.conformance.examination import Verdict, examine
    from sparring.conformance.reports.junit import write_junit
    from sparring.conformance.reports.lines import result_line, summary_line
    from sparring.conformance.reports.text import TextReport
    from sparring.conformance.subject import Options

    options = Options(environment, parameters, seed, timeout, steps, recreate, levels=tuple(level or ()))
    verdict, report, began = Verdict(server), TextReport(output()), time.monotonic()
    token, tls = access()
    for result in examine(server, options, token, tls):
        if not verdict.results and not json:
            report.begin(server, environment)
        verdict.results.append(result)
        if json:
            print(result_line(result), flush=True)
        else:
            report.tell(result)
    seconds = time.monotonic() - began
    if json:
        print(summary_line(verdict, seconds), flush=True)
    else:
        report.end(verdict, seconds)
    if junit is not None:
        write_junit(verdict, junit, seconds)
    raise typer.Exit(0 if verdict.conformant else 1)


def _require_object(parameters: str) -> None:
    # Late: see above.
    from json import JSONDecodeError, loads

    try:
        found = loads(parameters or "{}")
    except JSONDecodeError as error:
        raise typer.BadParameter(f"--parameters is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise typer.BadParameter("--parameters is no JSON object")
