"""Owns: the processes of a day: starting them, killing them, starting them again as a service manager would, and judging
how each ended. Knows nothing of why somebody is killed."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import time

# Exit codes, from docs/operating.md.
DONE, LEDGER_UNAVAILABLE, INTERRUPTED = 0, 4, 5

NEWBORN_SECONDS = 1.0

# What no log may hold, whatever was done to the process.
CRASH_WORDS = ("Fatal error", "Precondition failed", "preconditionFailure", "Assertion failed", "unexpected error",
               "Illegal instruction", "Segmentation fault", "a bug of ours", "Simultaneous accesses")


@dataclasses.dataclass
class Exit:
    at: float
    name: str
    code: int
    expected: bool
    words: str


class Child:
    """One process that is to run, again and again."""

    def __init__(self, name, arguments, log, environment, restarts=True):
        self.name, self.arguments, self.log, self.environment = name, arguments, log, environment
        self.restarts = restarts
        self.process = None
        self.started_at = self.asked_at = 0.0
        self.start_at = 0.0
        self.starts = 0
        self.killed = self.asked = self.paused = False

    @property
    def pid(self):
        return self.process.pid if self.process is not None else None

    @property
    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment}, start_new_session=True)
        self.started_at = time.monotonic()
        self.starts += 1
        self.killed = self.asked = self.paused = False

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self):
        self.killed = True
        self.signal(signal.SIGKILL)

    def pause(self):
        self.paused = True
        self.signal(signal.SIGSTOP)

    def resume(self):
        if self.paused and self.is_up:
            self.signal(signal.SIGCONT)
        self.paused = False

    @property
    def is_newborn(self):
        """Asked to stop before it can have got ready to be asked: SIGTERM then ends it as the system does."""
        return self.asked and self.asked_at - self.started_at < NEWBORN_SECONDS

    def ask_to_stop(self):
        self.asked = True
        self.asked_at = time.monotonic()
        self.resume()
        self.signal(signal.SIGTERM)


class Company:
    """All processes of a day."""

    def __init__(self, note, is_excused):
        self.children = {}
        self.exits = []
        self.note = note
        self.is_excused = is_excused  # (child, code) -> words, or None
        self.stopping = False

    def add(self, child):
        self.children[child.name] = child

    def start(self, *names):
        for name in names:
            self.children[name].start()

    def tick(self):
        """Notices who ended, and starts again who is to run."""
        now = time.monotonic()
        for child in self.children.values():
            if child.process is None:
                if child.restarts and not self.stopping and child.starts and now >= child.start_at:
                    child.start()
                continue
            code = child.process.poll()
            if code is None:
                continue
            self._judge(child, code)
            # A service manager waits a moment; longer when the end was the process's own.
            child.start_at = now + (0.3 if child.killed else 1.0)
            child.process = None

    def _judge(self, child, code):
        if child.killed and code == -signal.SIGKILL:
            return
        excuse = self.is_excused(child, code)
        if child.is_newborn and code == -signal.SIGTERM:
            excuse = "asked to stop before it had begun"
        expected = (child.asked and code == DONE) or excuse is not None
        last = last_line(child.log)
        exit = Exit(time.time(), child.name, code, expected, excuse or last)
        self.exits.append(exit)
        judgement = f"{excuse}: " if excuse else "" if expected else "UNEXPECTED: "
        self.note(f"{child.name} ended with {exit_words(code)}: {judgement}{last}")

    def stop_in_order(self, groups, seconds):
        """Asks each group in turn to stop. The names of those that did not in time, which are killed."""
        self.stopping = True
        late = []
        for names in groups:
            there = [self.children[name] for name in names if self.children[name].is_up]
            for child in there:
                child.ask_to_stop()
            deadline = time.monotonic() + seconds
            while any(child.is_up for child in there) and time.monotonic() < deadline:
                time.sleep(0.05)
            for child in there:
                if child.is_up:
                    late.append(child.name)
                    child.kill()
                    child.process.wait()
            self.tick()
        return late

    def kill_all(self):
        self.stopping = True
        for child in self.children.values():
            if child.is_up:
                child.kill()
                child.process.wait()


def exit_words(code):
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def last_line(path):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 2000))
        lines = file.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else ""
    return ""


def crash_lines(path):
    with contextlib.suppress(OSError), open(path, errors="replace") as file:
        return [line.rstrip() for line in file if any(word in line for word in CRASH_WORDS)]
    return []


def run(arguments, environment=None, seconds=600):
    """Runs a command to its end: (exit code, standard output, standard error)."""
    try:
        ended = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
            env={**os.environ, **(environment or {})}, check=False)
    except subprocess.TimeoutExpired:
        return 124, "", f"no end within {seconds} s"
    return ended.returncode, ended.stdout, ended.stderr
