"""Owns: what was acknowledged, as seen from outside: on the wire, and in the ledger while it is written. Changes nothing;
the wire format is read from proto/recoup/v1/lease.proto by hand, by no code of the product."""

import collections
import json
import sqlite3
import struct
import threading

REPORT, REPORT_ACK = 8, 9
MADE, NOT_MADE = 1, 2
# Verdicts that promise: this outcome stands in the ledger.
ACCEPTED, ALREADY_KNOWN, LATE = 1, 2, 4


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of one protobuf message: integers for numbers, bytes for everything else."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<Q", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<I", data, at)[0], at + 4
        elif kind == 2:
            length, at = varint(data, at)
            value, at = bytes(data[at : at + length]), at + length
        else:
            raise ValueError(f"expected wire type 0, 1, 2 or 5, got {kind}")
        yield number, value


class Frames:
    """Envelopes out of a stream that comes in pieces."""

    def __init__(self):
        self.rest = b""

    def take(self, data):
        self.rest += data
        while len(self.rest) >= 4:
            (length,) = struct.unpack(">I", self.rest[:4])
            if len(self.rest) < 4 + length:
                return
            payload, self.rest = self.rest[4 : 4 + length], self.rest[4 + length :]
            yield from fields(payload)


Acknowledged = collections.namedtuple("Acknowledged", "worker code evidence")


class WireWitness:
    """Remembers every outcome of which a worker was told that it is durable."""

    def __init__(self):
        self.lock = threading.Lock()
        self.outcomes = {}  # task id -> Acknowledged
        self.contradictions = []
        self.acknowledgements = 0

    def tap(self, worker):
        return WireTap(self, worker)

    def acknowledged(self, worker, task, code, evidence):
        with self.lock:
            self.acknowledgements += 1
            before = self.outcomes.setdefault(task, Acknowledged(worker, code, evidence))
            if (before.code, before.evidence) != (code, evidence):
                self.contradictions.append(
                    f"task {task}: {before.worker} was told that {before.code} is settled, then {worker} that {code} is"
                )


class WireTap:
    """One connection, read in both directions."""

    def __init__(self, witness, worker):
        self.witness, self.worker = witness, worker
        self.up_frames, self.down_frames = Frames(), Frames()
        self.reports = {}  # report id -> {task: (code, evidence)}

    def up(self, data):
        for number, value in self.up_frames.take(data):
            if number == REPORT:
                self._report(value)

    def down(self, data):
        for number, value in self.down_frames.take(data):
            if number == REPORT_ACK:
                self._acknowledgement(value)

    def _report(self, message):
        identifier, outcomes = 0, {}
        for number, value in fields(message):
            if number == 1:
                identifier = value
            elif number == 4:
                outcome = dict(fields(value))
                # "Never seen" and "unknown" are answers to a question, and settle nothing.
                if outcome.get(2) in (MADE, NOT_MADE):
                    outcomes[outcome[1].decode()] = (outcome.get(3, b"").decode(), outcome.get(4, b"").decode())
        self.reports[identifier] = outcomes

    def _acknowledgement(self, message):
        identifier, verdicts = 0, []
        for number, value in fields(message):
            if number == 1:
                identifier = value
            elif number == 3:
                verdicts.append(dict(fields(value)))
        outcomes = self.reports.get(identifier, {})
        for verdict in verdicts:
            task = verdict[1].decode()
            if verdict.get(2) in (ACCEPTED, ALREADY_KNOWN, LATE) and task in outcomes:
                self.witness.acknowledged(self.worker, task, *outcomes[task])


def open_ledger(path):
    """Reads only, and can neither write nor checkpoint."""
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    ledger.execute("PRAGMA query_only = ON")
    return ledger


class LedgerWitness(threading.Thread):
    """Looks at a ledger again and again, and remembers every settled outcome that it saw."""

    def __init__(self, path):
        super().__init__(name="ledger witness", daemon=True)
        self.path = path
        self.ending = threading.Event()
        self.settled = {}  # task id -> outcome as text
        self.changes = {}  # task id -> words
        self.looks = self.blind = 0
        self.has_run = self.is_finished = False
        self.counts = {}

    def run(self):
        while not self.ending.wait(0.5):
            self.look()

    def look(self):
        try:
            ledger = open_ledger(self.path)
            try:
                rows = dict(ledger.execute("SELECT id, outcome FROM task WHERE state = 'settled'"))
                counts = dict(ledger.execute("SELECT state, sum(tasks) FROM task_count GROUP BY state"))
                runs = [bool(finished) for (finished,) in ledger.execute("SELECT is_finished FROM run")]
            finally:
                ledger.close()
        except sqlite3.Error:
            # No ledger yet, or one that is being opened, or whose disk is full: nothing is learnt from this look.
            self.blind += 1
            return False
        self.looks += 1
        self.compare(rows)
        self.counts = {state: count for state, count in counts.items() if count}
        self.has_run = bool(runs)
        self.is_finished = self.has_run and all(runs)
        return True

    def compare(self, rows):
        for task, outcome in self.settled.items():
            if task not in rows:
                self.changes.setdefault(task, f"task {task}: was seen settled, and is not any more")
            elif rows[task] != outcome and json.loads(rows[task]) != json.loads(outcome):
                self.changes.setdefault(task, f"task {task}: was seen settled as {outcome}, later as {rows[task]}")
        for task, outcome in rows.items():
            self.settled.setdefault(task, outcome)

    def end(self):
        self.ending.set()
        if self.is_alive():
            self.join(30)
