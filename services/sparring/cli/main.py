"""The command `sparring`: all commands put together, and what becomes of errors."""

from __future__ import annotations

# First: sets what gRPC reads when it is imported.
from sparring.rpc import grpc_environment  # noqa: F401

# isort: split
import atexit
import os
import sys
import threading
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import sparring
from sparring.cli.check import check
from sparring.cli.conformance import conformance
from sparring.cli.export import export
from sparring.cli.new import new
from sparring.cli.overview import overview
from sparring.cli.plot import plot
from sparring.cli.query import query
from sparring.cli.register import register
from sparring.cli.run import run
from sparring.cli.runs import runs
from sparring.cli.serve import serve
from sparring.cli.services import services
from sparring.cli.verify import verify
from sparring.types.errors import InvalidArgumentError, SparringError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130


class Commands(TyperGroup):
    """Commands whose errors end in a sentence and an exit code, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _close_output()
            ctx.exit(FAILED)
        except SparringError as error:
            # Late: nothing else on the way to a quick answer needs a console.
            from sparring.cli.showing.failures import show_error

            show_error(error)
            ctx.exit(MISUSED if isinstance(error, InvalidArgumentError) else FAILED)
        except Exception as error:
            if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code"):
                raise  # how the library for command lines says usage errors and exit codes
            from sparring.cli.showing.failures import show_bug

            show_bug(error)
            ctx.exit(FAILED)


app = typer.Typer(
    name="sparring",
    cls=Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sparring {sparring.__version__}")
        raise typer.Exit


@app.callback()
def _sparring(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """A training ground in which autonomous agents train and are tested, with and against each other."""
    if ctx.invoked_subcommand is None:
        overview()


app.command()(run)
app.command()(check)
app.command()(serve)
app.command()(services)
app.add_typer(runs, name="runs")
app.command()(verify)
app.command()(query)
app.command()(plot)
app.command()(export)
app.command()(register)
app.command()(conformance)
app.add_typer(new, name="new")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SystemExit as ended:
        _leave(ended)
        raise


def _leave(ended: SystemExit) -> None:
    """End this process without taking a loaded interpreter apart: everything is closed, and it would take 0.2 s."""
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if others or not isinstance(ended.code, int | None):
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more
        return
    os._exit(ended.code or 0)


def _close_output() -> None:
    """Give up standard output, which nobody reads any more, before the interpreter complains about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
