"""Where author code hangs, read from the stacks of a process."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from sparring.host import stack
from sparring.host.gauge import SharedGauge
from tests.support.eventually import eventually_sync

OURS = Path(stack.__file__).parents[1]
STDLIB = sysconfig.get_path("stdlib")
INSTALLED = sysconfig.get_path("purelib")


def thread(*frames: tuple[str, int, str], current: bool = False) -> str:
    head = f"{'Current thread' if current else 'Thread'} 0x00007f21 (most recent call first):\n"
    return head + "".join(f'  File "{file}", line {line} in {name}\n' for file, line, name in frames)


def test_the_authors_own_newest_line_is_named() -> None:
    text = thread((f"{STDLIB}/socket.py", 5, "recv"), ("/a/tank.py", 35, "update"), (f"{OURS}/x.py", 3, "send"))
    assert stack.place(text) == "/a/tank.py:35 in update"


def test_a_line_of_an_installed_package_is_named_where_there_is_no_other() -> None:
    inside = thread((f"{INSTALLED}/solver/core.py", 7, "solve"), (f"{OURS}/x.py", 3, "send"))
    assert stack.place(inside) == f"{INSTALLED}/solver/core.py:7 in solve"
    called = thread((f"{INSTALLED}/solver/core.py", 7, "solve"), ("/a/tank.py", 35, "update"))
    assert stack.place(called) == "/a/tank.py:35 in update"


def test_the_thread_that_was_asked_goes_before_others() -> None:
    text = thread(("/a/other.py", 1, "wait")) + "\n" + thread(("/a/tank.py", 35, "update"), current=True)
    assert stack.place(text) == "/a/tank.py:35 in update"


def test_nothing_is_named_where_there_is_nothing_of_the_authors() -> None:
    assert stack.place("") == ""
    assert stack.place(thread((f"{OURS}/environment/dummy_environment.py", 5, "update"))) == ""


def test_a_process_writes_its_stacks_when_it_is_asked() -> None:
    program = (
        "import sys, time\n"
        "from sparring.host import stack\n"
        "stack.show_on_signal(int(sys.argv[1]))\n"
        "def linger():\n"
        "    print('here', flush=True)\n"
        "    time.sleep(1000)\n"
        "linger()\n"
    )
    gauge = SharedGauge.create()
    command = [sys.executable, "-c", program, str(gauge.descriptor)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, pass_fds=(gauge.descriptor,), env=environment, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
            stack.ask(process.pid)
            # It may not have come to the next line yet.
            found = eventually_sync(lambda: stack.place(stack.read(gauge.descriptor)))
            assert found in ("<string>:5 in linger", "<string>:6 in linger")
        finally:
            process.kill()
    stack.ask(process.pid)  # nobody there any more
    gauge.close()
