"""Owns: one business day with real processes: its directories, configuration, clocks and links, from the start to the
end of its run. Knows nothing of faults."""

import datetime
import json
import os
import pathlib
import shutil
import socket
import struct
import time

from processes import Child, Company, run
from proxy import Proxy
from witness import LedgerWitness, WireWitness

AS_OF = datetime.date(2026, 11, 20)
# 13:00 in Shanghai: contact hours for everybody in the book, who live up to two hours west of it.
OPENING = datetime.datetime(2026, 11, 20, 5, 0, tzinfo=datetime.timezone.utc).timestamp()

STAGES = {"sms": 2, "callQueue": 2, "agency": 1, "legal": 1}
WORKERS = [f"{stage}-{number + 1}" for stage, count in STAGES.items() for number in range(count)]
# Workers that speak to the gateway or the dialer.
OUTGOING = [worker for worker in WORKERS if worker.startswith(("sms", "callQueue"))]
LINKS = WORKERS + [f"gateway of {worker}" for worker in OUTGOING]

LEASE_SECONDS = 4.0
# Short leases, so that many end; small batches, so that a day is long enough to be disturbed. Nobody is set aside for
# being leased too often: here it is always the harness's doing. An inquiry waits longer than any outage lasts, because
# after three of them a task is left for a person, and no person is here.
CONFIGURATION = """\
limits:
  leaseMilliseconds: {lease}
  heartbeatMilliseconds: 1000
  safetyMarginMilliseconds: 800
  inquiryDelayMilliseconds: 6000
  tasksPerLease: 20
  deliveriesPerTask: 200
workers:
  sms: {{ capacity: 6 }}
  callQueue: {{ capacity: 6 }}
  agency: {{ capacity: 40 }}
  legal: {{ capacity: 4 }}
maxRejects: 5%
"""

FIU = ["/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/fiu/fiu_posix_preload.so"]


class Clock:
    """The wall clock that one process sees: the machine's, and an offset that may change while it runs."""

    def __init__(self, path, offset):
        self.path, self.offset = path, 0
        self.file = open(path, "wb", buffering=0)
        self.jump(offset)

    def jump(self, seconds):
        self.offset += seconds
        os.pwrite(self.file.fileno(), struct.pack("<q", round(self.offset * 1e9)), 0)

    def environment(self, library, others=()):
        return {"LD_PRELOAD": " ".join([*others, str(library)]), "CHAOS_WALL_CLOCK": str(self.path)}


def free_port():
    """A port that no outgoing connection is ever given, so that it is free again after its owner was killed."""
    low = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(1000):
        port = 10_000 + int.from_bytes(os.urandom(2)) % (low - 10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("expected a free port below the ephemeral ones, got none in 1000 tries")


class Day:
    """- clock: "wall": business time is the wall clock, which is shown as 13:00 of the as-of date at the start;
    "rehearsal": the run has a clock of its own."""

    def __init__(self, directory, tools, book, seed, clock, note, is_excused):
        self.directory, self.book, self.seed, self.clock, self.note = directory, book, seed, clock, note
        self.binary, self.wall_clock = tools
        for name in ("ledger", "workers", "sandbox", "agencies", "legal", "logs", "clocks", "fiu"):
            (directory / name).mkdir(parents=True)
        self.ledger = directory / "ledger" / "ledger.sqlite"
        self.configuration = directory / "recoup.yaml"
        self.configuration.write_text(CONFIGURATION.format(lease=int(LEASE_SECONDS * 1000)))
        self.wire, self.witness = WireWitness(), LedgerWitness(self.ledger)
        self.proxy = Proxy()
        self.company = Company(note, is_excused)
        offset = OPENING - time.time()
        self.clocks = {name: Clock(directory / "clocks" / name, offset) for name in ["coordinator", *WORKERS]}
        self._plan_processes()

    def _plan_processes(self):
        token, sandbox, coordinator = self.directory / "token", free_port(), free_port()
        data = self.directory / "ledger"
        self._child("sandbox", ["sandbox", "--data", self.directory / "sandbox", "--listen", f"127.0.0.1:{sandbox}",
                                "--seed", self.seed, "--token-file", token, "--agencies", self.directory / "agencies"])
        self._child("coordinator", ["coordinator", "--data", data, "--listen", f"127.0.0.1:{coordinator}",
                                    "--config", self.configuration])
        for worker in WORKERS:
            stage = worker.rsplit("-", 1)[0]
            link = self.proxy.add(worker, coordinator, self.wire.tap)
            arguments = ["worker", "--stage", stage, "--id", worker, "--coordinator", f"127.0.0.1:{link}",
                         "--data", self.directory / "workers" / worker, "--config", self.configuration,
                         "--poll-milliseconds", "200", "--drain-milliseconds", "10000"]
            if worker in OUTGOING:
                gateway = self.proxy.add(f"gateway of {worker}", sandbox)
                arguments += ["--gateway", f"http://127.0.0.1:{gateway}", "--token-file", token]
            elif stage == "agency":
                arguments += ["--agencies", self.directory / "agencies"]
            else:
                arguments += ["--legal", self.directory / "legal"]
            self._child(worker, arguments)
        order = ["run", "--book", self.book, "--as-of", AS_OF.isoformat(), "--data", data, "--config",
                 self.configuration]
        self._child("run", order + (["--rehearse-at", "13:00"] if self.clock == "rehearsal" else ["--date-as-given"]), restarts=False)

    def _child(self, name, arguments, restarts=True):
        command = [str(argument) for argument in [self.binary, *arguments]]
        environment = {}
        clock = self.clocks.get("coordinator" if name == "run" else name)
        if clock is not None:
            environment = clock.environment(self.wall_clock, FIU if name == "coordinator" else [])
        if name == "coordinator":
            environment["FIU_CTRL_FIFO"] = str(self.directory / "fiu" / "coordinator")
        self.company.add(Child(name, command, self.directory / "logs" / f"{name}.log", environment, restarts))

    # From start to end

    def begin(self, seconds=120):
        """Starts everything, and returns when the order for the run is with the coordinator."""
        self.company.start("sandbox", "coordinator")
        self._wait(seconds, "the coordinator and the sandbox listen", lambda: all(
            path.exists() for path in (self.directory / "ledger" / "coordinator.json",
                                       self.directory / "sandbox" / "sandbox.json", self.directory / "token")))
        self.company.start(*WORKERS, "run")
        self.witness.start()
        orders = self.directory / "ledger" / "orders"
        self._wait(seconds, "the order is given", lambda: any(orders.glob("*.json")) or self.witness.has_run)

    def _wait(self, seconds, what, holds):
        deadline = time.monotonic() + seconds
        while not holds():
            gone = [exit for exit in self.company.exits if not exit.expected]
            if gone:
                raise TimeoutError(f"expected that {what}, got an end of {gone[0].name}: {gone[0].words}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"expected that {what} within {seconds} s, got no such thing; see {self.directory}/logs")
            self.company.tick()
            time.sleep(0.05)

    @property
    def is_finished(self):
        return self.witness.is_finished

    def drive(self, seconds):
        """Lets the day go on undisturbed until its run is finished. False: it was not, in that time."""
        deadline = time.monotonic() + seconds
        while not self.is_finished and time.monotonic() < deadline:
            self.company.tick()
            time.sleep(0.05)
        return self.is_finished

    def stop(self):
        """Ends every process in order. The names of those that had to be killed."""
        # The order's own process ends by itself when the run is finished or the coordinator has gone.
        deadline = time.monotonic() + 30
        while self.company.children["run"].is_up and time.monotonic() < deadline:
            time.sleep(0.05)
        late = self.company.stop_in_order([["run"], WORKERS, ["coordinator"], ["sandbox"]], seconds=60)
        self.witness.end()
        self.witness.look()
        self.proxy.close()
        return late

    def abandon(self):
        self.company.kill_all()
        self.witness.end()
        self.proxy.close()

    # What it left

    def report(self):
        """The run's report without times, or None with what was said instead."""
        code, output, error = run([str(self.binary), "report", "--data", str(self.directory / "ledger"), "--json",
                                   "--without-times"])
        return (json.loads(output), "") if code == 0 else (None, f"exit code {code}: {error.strip()}")

    def verify(self):
        code, _, error = run([str(self.binary), "ledger", "verify", "--full", "--data", str(self.directory / "ledger")])
        return "" if code == 0 else f"exit code {code}: {error.strip()}"

    def effects(self):
        """Every line of the sandbox's own record."""
        text = (self.directory / "sandbox" / "effects.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def folders(self):
        """The evidence folders that the legal stage made, below its root."""
        root = self.directory / "legal"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir())

    def ledger_bytes(self):
        return sum(path.stat().st_size for path in (self.directory / "ledger").rglob("*") if path.is_file())


def fresh(directory):
    directory = pathlib.Path(directory)
    if directory.exists():
        shutil.rmtree(directory)
    return directory
