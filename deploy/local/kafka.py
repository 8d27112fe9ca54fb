"""A real single-node Kafka broker (KRaft) on loopback, started with plain Java."""

import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.ports import free_port
from deploy.local.process import ServerProcess
from deploy.local.server import LocalServer, ServerUnavailable

_PROJECT: Final = Path(__file__).resolve().parents[2]
_JARS: Final = _PROJECT / ".kafka" / "jars"

_CLUSTER: Final = "YW1lbmRzLWxvY2FsLWthZg"
_METADATA: Final = struct.pack(">hhihi", 3, 1, 1, -1, 0)
"""The request `Metadata` in version 1, without client id, about no topic."""

_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=2097152
log.index.size.max.bytes=1048576
"""


class KafkaUnavailable(ServerUnavailable):
    """There is no broker to be had here; the message says what to do."""


def fetch_jars() -> None:
    """Make sure that the broker's jars are there. Raises `KafkaUnavailable`."""
    script = _PROJECT / "scripts" / "kafka-jars"
    if subprocess.run([str(script)], check=False).returncode != 0:  # noqa: S603 - own script
        raise KafkaUnavailable("the broker's jars could not be fetched, see above")


class LocalKafka(LocalServer):
    """A broker. Topics are never made by themselves. `heap_mb` is the Java heap in MiB."""

    NAME = "Kafka"
    START_SECONDS = 90.0
    UNAVAILABLE = KafkaUnavailable

    def __init__(self, folder: Path, *, heap_mb: int = 512) -> None:
        super().__init__(folder, log="broker.log")
        self._heap_mb = heap_mb
        self._controller_port = free_port()

    @property
    def bootstrap_servers(self) -> str:
        """Where it listens: host and port."""
        return f"127.0.0.1:{self.port}"

    def _launch(self) -> ServerProcess:
        settings = self._folder / "server.properties"
        if not settings.exists():
            self._format(settings)
        command = [*self._java(f"-Xmx{self._heap_mb}m"), "kafka.Kafka", str(settings)]
        return ServerProcess(command, output=self._log)

    def _java(self, *options: str) -> list[str]:
        java = shutil.which("java")
        if java is None or not _JARS.is_dir():
            raise KafkaUnavailable(
                "no Kafka broker on this machine: run `make kafka`, or set "
                "KAFKA_BOOTSTRAP_SERVERS to one that runs"
            )
        # Compiled lightly and collected simply: it starts in half the time, for small loads.
        light = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dlog4j2.level=WARN"]
        return [java, *light, *options, "-cp", f"{_JARS}/*"]

    def _format(self, settings: Path) -> None:
        java = self._java()
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = settings.with_suffix(".draft")
        draft.write_text(
            _PROPERTIES.format(
                port=self._port, controller=self._controller_port, data=self._folder / "data"
            )
        )
        done = subprocess.run(  # noqa: S603 - the broker's own tool
            [*java, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(draft)],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise KafkaUnavailable(f"Kafka could not format its storage: {done.stderr.strip()}")
        draft.rename(settings)

    def _answers(self) -> bool:
        """Whether it knows of a broker (itself) that may be given partitions."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                connection.sendall(struct.pack(">i", len(_METADATA)) + _METADATA)
                answer = connection.recv(12, socket.MSG_WAITALL)
        except OSError:
            return False
        if len(answer) < 12:  # noqa: PLR2004 - length, correlation id, number of brokers
            return False
        brokers: int = struct.unpack(">iii", answer)[2]
        return brokers > 0
