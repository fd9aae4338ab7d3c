#!/usr/bin/env python3
"""A worker in another language, written from proto/README.md alone.

Leases tasks, "does" them by remembering their ids, reports them as delivered, and drains at SIGTERM or after --tasks.
It keeps no journal: after a crash its tasks become uncertain and come back as questions.

Prints one JSON line at its end: {"reported": N, "released": N, "verdicts": {"ACCEPTED": N, ...}}.
Exit: 0 drained, 2 usage or tools missing, 3 refused or told of a fatal error, 4 connection lost.
"""
import argparse
import collections
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto")


def generated():
    """The messages, by protoc, into a directory that goes away with this process."""
    directory = tempfile.TemporaryDirectory()
    files = [f"recoup/v1/{name}.proto" for name in ("lease", "task")]
    command = ["protoc", f"--proto_path={PROTO}", f"--python_out={directory.name}"] + files
    subprocess.run(command, cwd=PROTO, check=True)
    sys.path.insert(0, directory.name)
    from recoup.v1 import lease_pb2, task_pb2

    return directory, lease_pb2, task_pb2


def now():
    return time.clock_gettime(time.CLOCK_BOOTTIME) * 1000


class Ended(Exception):
    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class Link:
    """Frames: a 4-byte big-endian length, then one Envelope."""

    def __init__(self, host, port, messages):
        self.socket = socket.create_connection((host, port), timeout=5)
        self.socket.settimeout(5)
        self.messages = messages
        self.limit = 4096
        self.unread = b""

    def send(self, **message):
        payload = self.messages.Envelope(**message).SerializeToString()
        self.socket.sendall(struct.pack(">I", len(payload)) + payload)

    def receive(self, milliseconds):
        """The next message, or None when none came in time."""
        end = now() + milliseconds
        while True:
            if len(self.unread) >= 4:
                (length,) = struct.unpack(">I", self.unread[:4])
                if not 1 <= length <= self.limit:
                    raise Ended(3, f"frame length: expected 1-{self.limit}, got {length}")
                if len(self.unread) >= 4 + length:
                    payload, self.unread = self.unread[4 : 4 + length], self.unread[4 + length :]
                    return self.messages.Envelope.FromString(payload)
            left = end - now()
            if left <= 0 or not select.select([self.socket], [], [], left / 1000)[0]:
                return None
            part = self.socket.recv(65536)
            if not part:
                raise Ended(4, "the coordinator closed the connection")
            self.unread += part


class Worker:
    def __init__(self, options, messages, contents):
        self.options, self.messages, self.contents = options, messages, contents
        self.link = Link(options.host, options.port, messages)
        self.draining = False
        self.last_id = 0
        self.done = set()  # the outside world, as far as this worker has one
        self.held = {}  # (lease, epoch) -> tasks
        self.unanswered = {}  # report or release id -> number of tasks
        self.heartbeats = {}  # sequence -> when it was sent
        self.request = None  # (id, when it was sent)
        self.reported = self.released = 0
        self.verdicts = collections.Counter()

    def new_id(self):
        self.last_id += 1
        return self.last_id

    def hello(self):
        sent = now()
        self.link.send(
            hello=self.messages.Hello(
                magic=0x52434F50, version_min=1, version_max=1, worker_id=self.options.id,
                incarnation=secrets.randbits(64) | 1, stages=[self.options.stage], capacity=self.options.capacity,
                software="python_worker 1",
            )
        )
        answer = self.link.receive(5000)
        if answer is None:
            raise Ended(4, "no answer to Hello")
        kind = answer.WhichOneof("message")
        if kind != "welcome":
            refusal = getattr(answer, kind)
            raise Ended(3, f"{kind}: {getattr(refusal, 'message', '')}")
        self.welcome = answer.welcome
        self.link.limit = self.welcome.max_frame_bytes
        self.known_before = sent
        self.next_heartbeat = sent

    def run(self):
        self.hello()
        while not (self.draining and not self.unanswered):
            if now() >= self.next_heartbeat:
                self.heartbeat()
            if self.request is None and not self.draining:
                self.ask()
            message = self.link.receive(min(200, max(1, self.next_heartbeat - now())))
            if message is not None:
                kind = message.WhichOneof("message")
                handle = getattr(self, "on_" + (kind or "nothing"), None)
                if handle is None:
                    raise Ended(3, f"unexpected {kind}")
                handle(getattr(message, kind))
        self.link.send(goodbye=self.messages.Goodbye(reason="drained"))

    def heartbeat(self):
        if len(self.heartbeats) >= 3:
            raise Ended(4, "three heartbeats without an answer")
        sequence = self.new_id()
        self.heartbeats[sequence] = now()
        leases = [self.messages.HeldLease(lease_id=lease, epoch=epoch) for lease, epoch in self.held]
        self.link.send(heartbeat=self.messages.Heartbeat(sequence=sequence, leases=leases))
        self.next_heartbeat = now() + self.welcome.heartbeat_interval_ms

    def ask(self):
        left = self.options.tasks - len(self.done) if self.options.tasks else self.options.capacity
        self.request = (self.new_id(), now())
        self.link.send(
            lease_request=self.messages.LeaseRequest(
                request_id=self.request[0], stage=self.options.stage, credit=min(self.options.capacity, left)
            )
        )

    def on_lease_granted(self, grant):
        beginning = self.known_before
        if self.request and grant.request_id == self.request[0]:
            beginning = max(beginning, self.request[1])
            self.request = None
        end = beginning + grant.duration_ms - self.welcome.safety_margin_ms
        outcomes, untouched = [], []
        for task in grant.tasks:
            outcome = self.work(task, beginning, end)
            if outcome is None:
                untouched.append(task.task_id)
            else:
                outcomes.append(outcome)
        fence = {"lease_id": grant.lease_id, "epoch": grant.epoch}
        if outcomes:
            report_id = self.new_id()
            self.held[(grant.lease_id, grant.epoch)] = self.unanswered[report_id] = len(outcomes)
            self.reported += len(outcomes)
            self.link.send(report=self.messages.Report(report_id=report_id, outcomes=outcomes, **fence))
        if untouched:
            release_id = self.new_id()
            self.unanswered[release_id] = len(untouched)
            self.released += len(untouched)
            self.link.send(release=self.messages.Release(release_id=release_id, task_ids=untouched, **fence))

    def work(self, task, beginning, end):
        """What came of a task; None when it was not attempted."""
        outcome = self.contents.TaskOutcome(task_id=task.task_id)
        known = task.task_id in self.done
        if task.mode == self.contents.TASK_MODE_INQUIRE:
            outcome.attempt = self.contents.ATTEMPT_MADE if known else self.contents.ATTEMPT_NEVER_SEEN
            outcome.code = "delivered" if known else ""
            return outcome
        if self.draining or now() >= min(end, beginning + task.start_within_ms):
            return None
        content = self.contents.TaskContent.FromString(task.content)
        if content.WhichOneof("content") != "sms" or not content.sms.to:
            outcome.attempt, outcome.code = self.contents.ATTEMPT_NOT_MADE, "invalidContent"
            return outcome
        self.done.add(task.task_id)
        if self.options.tasks and len(self.done) >= self.options.tasks:
            self.draining = True
        outcome.attempt, outcome.code = self.contents.ATTEMPT_MADE, "delivered"
        outcome.evidence = f"python-{len(self.done)}"
        return outcome

    def on_heartbeat_reply(self, reply):
        sent = self.heartbeats.get(reply.sequence)
        if sent is None:
            return
        self.heartbeats = {known: at for known, at in self.heartbeats.items() if known > reply.sequence}
        self.known_before = max(self.known_before, sent)
        self.draining = self.draining or reply.drain

    def on_report_ack(self, ack):
        self.unanswered.pop(ack.report_id, None)
        self.held = {key: count for key, count in self.held.items() if key[0] != ack.lease_id}
        for verdict in ack.verdicts:
            self.verdicts[self.messages.Verdict.Name(verdict.verdict).removeprefix("VERDICT_")] += 1

    def on_release_ack(self, ack):
        self.unanswered.pop(ack.release_id, None)

    def on_goodbye(self, _):
        self.draining = True

    def on_error(self, error):
        if error.fatal:
            raise Ended(3, f"{self.messages.ErrorCode.Name(error.code)}: {error.message}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--id", default="python-1")
    parser.add_argument("--stage", default="sms")
    parser.add_argument("--capacity", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=0, help="drain after this many; 0: only at SIGTERM")
    options = parser.parse_args()
    try:
        directory, messages, contents = generated()
    except (ImportError, OSError, subprocess.CalledProcessError) as error:
        print(f"expected protoc and python3-protobuf, got: {error}", file=sys.stderr)
        return 2
    worker = None
    try:
        worker = Worker(options, messages, contents)
        signal.signal(signal.SIGTERM, lambda *_: setattr(worker, "draining", True))
        # Some parents start their children with signals blocked.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        worker.run()
        return 0
    except Ended as ended:
        print(ended, file=sys.stderr)
        return ended.code
    except OSError as error:
        print(f"connection: {error}", file=sys.stderr)
        return 4
    finally:
        directory.cleanup()
        if worker:
            summary = {"reported": worker.reported, "released": worker.released, "verdicts": dict(worker.verdicts)}
            print(json.dumps(summary, sort_keys=True), flush=True)


if __name__ == "__main__":
    sys.exit(main())
