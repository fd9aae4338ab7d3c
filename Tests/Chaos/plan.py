"""Owns: which faults come, in which order, to whom and how hard: a function of the seed. Knows nothing of processes."""

import dataclasses
import random

# One deck is dealt after another, each shuffled, so that the shares hold over any few minutes.
DECK = (
    ["kill coordinator"] * 6
    + ["kill sandbox"] * 3
    + ["kill worker"] * 11
    + ["stop worker"] * 3
    + ["stop coordinator"] * 1
    + ["cut link"] * 2
    + ["stall link"] * 2
    + ["delay link"] * 1
    + ["clock jump"] * 2
    + ["full disk"] * 1
    + ["failing fsync"] * 1
)

KILLS = ("kill coordinator", "kill sandbox", "kill worker")
OTHERS = tuple(dict.fromkeys(kind for kind in DECK if kind not in KILLS))

# What ten minutes have at least.
KILLS_PER_MINUTE = 10
OTHERS_PER_MINUTE = 5


@dataclasses.dataclass(frozen=True)
class Fault:
    number: int
    kind: str
    gap: float  # seconds after the fault before
    target: str  # a process's or a link's name
    seconds: float = 0.0  # how long it lasts; 0: a moment
    variant: str = ""
    amount: float = 0.0  # of a delay: seconds; of a clock jump: seconds forwards

    def words(self):
        parts = [self.kind, self.target]
        if self.variant:
            parts.append(self.variant)
        if self.amount:
            parts.append(f"{self.amount:+.1f} s" if self.kind == "clock jump" else f"of {self.amount:.2f} s")
        if self.seconds:
            parts.append(f"for {self.seconds:.1f} s")
        return " ".join(parts)


class Plan:
    """An endless row of faults."""

    def __init__(self, seed, workers, links, lease_seconds):
        self.random = random.Random(f"chaos {seed}")
        self.workers = workers
        self.links = links
        self.lease = lease_seconds
        self.deck = []
        self.number = 0

    def next(self):
        if not self.deck:
            self.deck = list(DECK)
            self.random.shuffle(self.deck)
        self.number += 1
        kind = self.deck.pop()
        gap = self.random.uniform(1.2, 4.0)
        return Fault(self.number, kind, gap, **getattr(self, "_" + kind.replace(" ", "_"))())

    def opening(self):
        """The fault that a day begins with. While a book is read the ledger grows, and misses room; later it mostly
        overwrites what it has."""
        self.number += 1
        return Fault(self.number, "full disk", self.random.uniform(0.2, 1.5), **self._full_disk())

    def _kill_coordinator(self):
        return {"target": "coordinator"}

    def _kill_sandbox(self):
        return {"target": "sandbox"}

    def _kill_worker(self):
        return {"target": self.random.choice(self.workers)}

    def _stop_worker(self):
        # Rather those whose work is uncertain when their lease ends.
        contacting = [worker for worker in self.workers if worker.startswith("sms")]
        target = self.random.choice(self.workers + 3 * contacting)
        return {"target": target, "seconds": self.lease * self.random.uniform(1.2, 2.5)}

    def _stop_coordinator(self):
        return {"target": "coordinator", "seconds": self.lease * self.random.uniform(0.5, 2.0)}

    def _cut_link(self):
        return {"target": self.random.choice(self.links), "variant": self.random.choice(["reset", "closed"])}

    def _stall_link(self):
        """Nothing comes through, and neither side learns why; then it goes on, or is reset."""
        way = self.random.choice(["both ways", "upwards", "downwards"])
        after = self.random.choice(["then going on", "then reset"])
        return {
            "target": self.random.choice(self.links),
            "variant": f"{way}, {after}",
            "seconds": self.lease * self.random.uniform(0.5, 2.0),
        }

    def _delay_link(self):
        return {
            "target": self.random.choice(self.links),
            "amount": self.random.uniform(0.1, 0.8),
            "seconds": self.random.uniform(3, 9),
        }

    def _clock_jump(self):
        target = self.random.choice(["coordinator", "coordinator", self.random.choice(self.workers)])
        size = self.random.choice([90, 900, 2700]) * self.random.uniform(0.5, 1.3)
        return {"target": target, "amount": size * self.random.choice([-1, 1])}

    def _full_disk(self):
        # Loosely: the coordinator's reserve goes to the ledger. Tightly: that is taken too, and not even reports fit.
        return {
            "target": "ledger",
            "variant": self.random.choice(["loosely", "tightly"]),
            "seconds": self.random.uniform(3, 7),
        }

    def _failing_fsync(self):
        return {
            "target": "coordinator",
            "variant": self.random.choice(["always", "now and then"]),
            "seconds": self.random.uniform(0.5, 3),
        }
