"""`python -m deploy.local`: real servers for the time of one command, and nothing left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.architecture.sources import ROOT

SHOW = "import os; print(os.environ['DATABASE_URL'], os.environ['KAFKA_BOOTSTRAP_SERVERS'])"
GIVEN = {"DATABASE_URL": "postgresql://given", "KAFKA_BOOTSTRAP_SERVERS": "given:9092"}


def start(*command: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "--", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def children(pid: int) -> list[int]:
    """Processes started by this one that still run, and theirs."""
    found = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    parents = [line.split() for line in found.stdout.splitlines()]
    own = [int(p) for p, parent, state in parents if int(parent) == pid and state[0] != "Z"]
    return own + [deeper for child in own for deeper in children(child)]


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_what_is_there_already_is_used_and_the_exit_code_is_the_command_s() -> None:
    process = start(sys.executable, "-c", f"{SHOW}; raise SystemExit(7)", **GIVEN)
    out, _ = process.communicate(timeout=60)
    assert out.split() == list(GIVEN.values())
    assert process.returncode == 7


def test_without_a_command_it_says_how_it_is_used() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "deploy.local"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "python -m deploy.local -- COMMAND" in told.stderr


@pytest.fixture
def place() -> Iterator[str]:
    """A folder for temporary files that everybody may enter, as a database of a root must."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_no_server_is_left_behind(number: signal.Signals, place: str) -> None:
    wait = "import sys, time; print('up', flush=True); time.sleep(60)"
    environment = {"DATABASE_URL": "", "KAFKA_BOOTSTRAP_SERVERS": "", "TMPDIR": place}
    process = start(sys.executable, "-c", wait, **environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n", process.communicate()
    servers = [pid for pid in children(process.pid) if pid != process.pid]
    assert len(servers) > 3
    command = next(pid for pid in servers if wait in Path(f"/proc/{pid}/cmdline").read_text())
    process.send_signal(number)
    if number == signal.SIGKILL:
        os.kill(command, signal.SIGTERM)  # nobody is left who could tell it
    process.communicate(timeout=60)
    assert process.returncode in (128 + signal.SIGTERM, -signal.SIGKILL)
    for _ in range(200):
        if not alive(servers):
            break
        time.sleep(0.05)
    assert alive(servers) == []


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalKafka]:
    broker = LocalKafka(tmp_path / "kafka").start()
    yield broker
    broker.stop()


def test_a_broker_comes_back_on_the_same_port_after_every_kind_of_end(broker: LocalKafka) -> None:
    address, first = broker.bootstrap_servers, broker.pid
    broker.restart()
    assert (broker.bootstrap_servers, broker.pid) != (address, first)
    assert broker.bootstrap_servers == address
    broker.kill()
    assert broker.pid is None
    broker.start()
    broker.pause()
    broker.stop()  # of a process that hangs
    assert broker.pid is None
    broker.stop()
