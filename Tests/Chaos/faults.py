"""Owns: doing a fault to a day, and undoing it. Decides nothing: what, whom and how long stands in the plan."""

import collections
import contextlib
import errno
import os
import subprocess
import threading
import time

from day import OPENING
from processes import DONE, INTERRUPTED, LEDGER_UNAVAILABLE

FSYNC_POINTS = "posix/io/sync/*"
EIO = str(errno.EIO)
# So long after a fault of the ledger a coordinator may still end with "the ledger cannot be used".
EXCUSE_SECONDS = 30
# 10:30 and 19:00 of the day.
EARLIEST, LATEST = OPENING - 9_000, OPENING + 6 * 3_600


class Disk:
    """A small disk of its own for one directory: memory that can be filled."""

    def __init__(self, directory, size):
        self.directory, self.ballast = directory, directory / ".ballast"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "chaos", directory], check=True)

    def fill(self):
        """Takes all room that there is."""
        with open(self.ballast, "ab") as file:
            piece = 1 << 30
            while piece >= 4096:
                free = os.statvfs(self.directory).f_bavail * 4096
                piece = min(piece, free)
                if piece == 0:
                    return
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, piece)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    piece //= 2

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.directory], check=True)


class Injector:
    def __init__(self, day, disk, note):
        self.day, self.disk, self.note = day, disk, note
        self.counts = collections.Counter()
        self.active = []  # (until, fault, undo)
        self.ledger_fault_at = None
        self.tight = threading.Event()

    # Which ends are no violation

    def excuse(self, child, code):
        if child.name == "run" and code in (DONE, INTERRUPTED):
            # It only watches; the coordinator that it watched has ended, or the run has.
            return "as documented"
        if child.name == "coordinator" and code == LEDGER_UNAVAILABLE and self.ledger_fault_at is not None:
            if time.monotonic() - self.ledger_fault_at <= EXCUSE_SECONDS:
                return "as documented while its disk fails"
        return None

    # Doing and undoing

    def inject(self, fault):
        """False: not now, since its victim is not there, or the same is being done already."""
        act = getattr(self, "_" + fault.kind.split()[0] + "_" + fault.kind.split()[1])
        if not act(fault):
            return False
        self.counts[fault.kind] += 1
        self.note(f"#{fault.number} {fault.words()}")
        return True

    def tick(self):
        now = time.monotonic()
        if self.tight.is_set():
            self.disk.fill()
        for item in [item for item in self.active if item[0] <= now]:
            self.active.remove(item)
            self._undo(item)

    def end(self):
        for item in self.active:
            self._undo(item)
        self.active = []

    def _undo(self, item):
        _, fault, undo = item
        undo()
        self.note(f"#{fault.number} over")

    def _until(self, fault, undo):
        self.active.append((time.monotonic() + fault.seconds, fault, undo))
        return True

    def _is_active(self, kind, target):
        return any(fault.kind == kind and fault.target == target for _, fault, _ in self.active)

    def _victim(self, name):
        """The process, when it is up, works, and was up for a moment: killing what was just started proves little."""
        child = self.day.company.children[name]
        is_there = child.is_up and not child.paused and time.monotonic() - child.started_at >= 0.5
        return child if is_there else None

    # Processes

    def _kill(self, fault):
        child = self._victim(fault.target)
        if child is None:
            return False
        child.kill()
        return True

    _kill_coordinator = _kill_sandbox = _kill_worker = _kill

    def _stop(self, fault):
        child = self._victim(fault.target)
        if child is None:
            return False
        child.pause()
        pid = child.pid
        return self._until(fault, lambda: child.resume() if child.pid == pid else None)

    _stop_worker = _stop_coordinator = _stop

    # Links

    def _cut_link(self, fault):
        self.day.proxy.do(fault.target, "cut", fault.variant)
        return True

    def _stall_link(self, fault):
        if self._is_active("stall link", fault.target):
            return False
        self.day.proxy.do(fault.target, "stall", fault.variant)
        return self._until(fault, lambda: self.day.proxy.do(fault.target, "resume", fault.variant))

    def _delay_link(self, fault):
        if self._is_active("delay link", fault.target):
            return False
        self.day.proxy.do(fault.target, "slow", fault.amount)
        return self._until(fault, lambda: self.day.proxy.do(fault.target, "slow", 0.0))

    # Clocks

    def _clock_jump(self, fault):
        clock = self.day.clocks[fault.target]
        shown = time.time() + clock.offset
        # Business time stays within the contact hours of one day: what may be done at night, or tomorrow, is another
        # matter. A jump that would leave them goes the other way.
        stays = EARLIEST <= shown + fault.amount <= LATEST
        clock.jump(fault.amount if stays else -fault.amount)
        return True

    # The ledger's disk

    def _full_disk(self, fault):
        if self._is_active("full disk", "ledger"):
            return False
        self.ledger_fault_at = time.monotonic() + fault.seconds
        self.disk.fill()
        if fault.variant == "tightly":
            self.tight.set()

        def undo():
            self.tight.clear()
            self.disk.free()

        return self._until(fault, undo)

    def _failing_fsync(self, fault):
        child = self._victim("coordinator")
        if child is None or self._is_active("failing fsync", "coordinator"):
            return False
        pid = child.pid
        enable = f"name={FSYNC_POINTS},failinfo={EIO}"
        command = f"enable {enable}" if fault.variant == "always" else f"enable_random {enable},probability=0.3"
        if not self._control(pid, command):
            return False
        self.ledger_fault_at = time.monotonic() + fault.seconds

        def undo():
            if child.pid == pid and child.is_up:
                # A stopped process reads its pipe when it goes on; a killed one has taken the fault with it.
                threading.Thread(target=self._control, args=(pid, f"disable name={FSYNC_POINTS}", 30)).start()

        return self._until(fault, undo)

    def _control(self, pid, command, seconds=3):
        prefix = str(self.day.directory / "fiu" / "coordinator")
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(["fiu-ctrl", "-f", prefix, "-c", command, str(pid)], timeout=seconds,
                                  capture_output=True, text=True, check=False)
            return done.returncode == 0 and "rror" not in done.stdout
        return False
