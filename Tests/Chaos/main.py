"""Owns: a chaos run as a whole: an undisturbed day, disturbed ones, the comparison, the table. See docs/chaos.md.

Exit codes: 0 no violation, 1 violations, 2 usage or something is missing, 3 fewer faults than promised, 5 interrupted.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import shutil
import sys
import time

import compare
from day import AS_OF, LEASE_SECONDS, LINKS, WORKERS, Day, fresh
from faults import Disk, Injector
from plan import DECK, KILLS, KILLS_PER_MINUTE, OTHERS, OTHERS_PER_MINUTE, Plan
from processes import run

# A fault whose victim is not there waits so long, then is left out.
PATIENCE_SECONDS = 10
# How long an undisturbed end may take, on a machine with much else to do.
END_SECONDS = 900
# Violations of one kind that are shown of one day.
SHOWN_PER_DAY = 5


class Log:
    """What happened when, for a person to read."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1)
        self.start = time.monotonic()

    def note(self, words):
        seconds = time.monotonic() - self.start
        self.file.write(f"{datetime.datetime.now().strftime('%H:%M:%S.%f')[:-3]} +{seconds:8.2f} {words}\n")

    def say(self, words):
        self.note(words)
        print(words, file=sys.stderr, flush=True)


class Chaos:
    def __init__(self, options):
        self.options = options
        self.root = pathlib.Path(options.data).resolve()
        self.root.mkdir(parents=True)
        self.tools = (options.binary, options.wall_clock)
        self.log = Log(self.root / "chaos.log")
        self.book = self.root / "book.csv"
        self.injected = collections.Counter()
        self.violations = collections.defaultdict(list)
        self.days = self.left_out = self.acknowledged = self.uncertain = self.leased_again = 0
        self.disturbed_seconds = 0.0
        self.day = self.pending = None

    def found(self, kind, words):
        words = f"day {self.days}: {words}"
        shown = sum(before.startswith(f"day {self.days}:") for before in self.violations[kind])
        self.violations[kind].append(words)
        # A day that went wrong as a whole has thousands of one kind.
        tell = self.log.say if shown < SHOWN_PER_DAY else self.log.note
        tell(f"VIOLATION {kind}: {words}")
        if shown == SHOWN_PER_DAY:
            self.log.say(f"  … the others of this day are in {self.root}/chaos.log")

    def carry_out(self):
        options = self.options
        self.log.say(f"Seed {options.seed}, {options.accounts} accounts, {options.minutes:g} minutes, in {self.root}")
        code, _, error = run([options.binary, "book", "generate", "--accounts", str(options.accounts), "--seed",
                              str(options.seed), "--as-of", AS_OF.isoformat(), "--output", str(self.book)])
        if code != 0:
            raise SystemExit(f"recoup book generate: exit code {code}: {error}")
        twin = self.undisturbed()
        twin_report, fault = twin.report()
        if twin_report is None:
            raise SystemExit(f"the undisturbed day has no report: {fault}")
        plan = Plan(options.seed, WORKERS, LINKS, LEASE_SECONDS)
        while self.disturbed_seconds < options.minutes * 60:
            self.disturbed(twin, twin_report, plan)

    def undisturbed(self):
        start = time.monotonic()
        self.day = twin = Day(fresh(self.root / "undisturbed"), self.tools, self.book, self.options.seed,
                              "wall", self.log.note, lambda child, code: "" if child.name == "run" else None)
        twin.begin()
        if not twin.drive(END_SECONDS):
            raise SystemExit(f"the undisturbed day was not finished within {END_SECONDS} s; see {twin.directory}/logs")
        late = twin.stop()
        faults = [f"{name} did not stop" for name in late]
        compare.judge_processes(twin, lambda kind, words: faults.append(f"{kind}: {words}"))
        if faults:
            raise SystemExit("the undisturbed day went wrong: " + "; ".join(faults))
        self.log.say(f"Undisturbed day: {time.monotonic() - start:.0f} s, {dict(sorted(twin.witness.counts.items()))}, "
                     f"{len(twin.wire.outcomes)} outcomes acknowledged")
        return twin

    def disturbed(self, twin, twin_report, plan):
        self.days += 1
        clock = "wall" if self.days % 2 else "rehearsal"
        start = time.monotonic()
        self.log.say(f"Day {self.days} ({clock} clock)")
        excuse = lambda child, code: injector.excuse(child, code)  # noqa: E731
        self.day = day = Day(fresh(self.root / f"day-{self.days}"), self.tools, self.book, self.options.seed,
                             clock, self.log.note, excuse)
        disk = Disk(day.directory / "ledger", 3 * twin.ledger_bytes() + (64 << 20))
        injector = Injector(day, disk, self.log.note)
        found_before, strain = self.found_count(), (0, 0)
        try:
            day.begin()
            self.disturb(day, injector, plan)
            if not day.drive(END_SECONDS):
                self.found(compare.UNFINISHED, f"not within {END_SECONDS} s after the last fault: {day.witness.counts}")
            for name in day.stop():
                self.found(compare.STUCK, f"{name} was asked, and had to be killed")
            compare.violations(twin, day, twin_report, self.found)
            strain = compare.strain(day.ledger)
        finally:
            self.injected += injector.counts
            day.abandon()
            if self.found_count() > found_before or sys.exc_info()[0] is not None:
                shutil.copytree(day.directory / "ledger", day.directory / "ledger-kept",
                                ignore=shutil.ignore_patterns(".ballast"))
            disk.unmount()
        self.acknowledged += len(day.wire.outcomes)
        self.uncertain += strain[0]
        self.leased_again += strain[1]
        kills = sum(injector.counts[kind] for kind in KILLS)
        self.log.say(
            f"Day {self.days}: {time.monotonic() - start:.0f} s, {kills} kills, {injector.counts.total() - kills} other "
            f"faults, {day.wire.acknowledgements} acknowledgements of {len(day.wire.outcomes)} outcomes, {strain[0]} tasks "
            f"were uncertain and {strain[1]} leased again, "
            f"{self.found_count() - found_before} violations")

    def found_count(self):
        return sum(len(words) for words in self.violations.values())

    def disturb(self, day, injector, plan):
        """Faults, one after another, until the run is finished or the time is over."""
        start = time.monotonic()
        end = start + self.options.minutes * 60 - self.disturbed_seconds
        fault = plan.opening()
        due = start + fault.gap
        while not day.is_finished and time.monotonic() < end:
            day.company.tick()
            injector.tick()
            now = time.monotonic()
            if now >= due:
                if injector.inject(fault):
                    fault, due = self.next_fault(plan, now)
                elif now >= due + PATIENCE_SECONDS:
                    self.left_out += 1
                    self.log.note(f"#{fault.number} left out, no victim: {fault.words()}")
                    fault, due = self.next_fault(plan, now)
            time.sleep(0.05)
        self.pending = fault
        injector.end()
        self.disturbed_seconds += time.monotonic() - start

    def next_fault(self, plan, now):
        """What the day before had no time for comes first."""
        fault = self.pending or plan.next()
        self.pending = None
        return fault, now + fault.gap

    # The end

    def exit_code(self):
        if self.violations:
            return 1
        kills = sum(self.injected[kind] for kind in KILLS)
        others = self.injected.total() - kills
        minutes = self.options.minutes
        return 0 if kills >= KILLS_PER_MINUTE * minutes and others >= OTHERS_PER_MINUTE * minutes else 3

    def result(self):
        kills = sum(self.injected[kind] for kind in KILLS)
        return {
            "seed": self.options.seed, "accounts": self.options.accounts, "minutes": self.options.minutes,
            "days": self.days, "disturbedSeconds": round(self.disturbed_seconds, 1),
            "faults": {kind: self.injected[kind] for kind in KILLS + OTHERS},
            "kills": kills, "otherFaults": self.injected.total() - kills, "leftOut": self.left_out,
            "acknowledgedOutcomes": self.acknowledged, "tasksUncertain": self.uncertain,
            "tasksLeasedAgain": self.leased_again,
            "violations": {kind: self.violations.get(kind, []) for kind in compare.KINDS},
        }

    def table(self):
        result = self.result()
        rows = [("fault", "injected"), *result["faults"].items()]
        rows += [("process kills", result["kills"]), ("other faults", result["otherFaults"])]
        lines = [f"{name:<28}{count:>9}" for name, count in rows]
        lines += ["", f"{'violation':<28}{'found':>9}"]
        lines += [f"{kind:<28}{len(words):>9}" for kind, words in result["violations"].items()]
        lines += ["", f"Seed {result['seed']}: {result['days']} days of {result['accounts']} accounts, "
                      f"{result['disturbedSeconds'] / 60:.1f} minutes under faults, {result['acknowledgedOutcomes']} "
                      f"acknowledged outcomes looked up, {result['tasksUncertain']} tasks were uncertain and "
                      f"{result['tasksLeasedAgain']} leased again, {self.found_count()} violations."]
        return "\n".join(lines)


def options():
    parser = argparse.ArgumentParser(prog="chaos.sh", allow_abbrev=False)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--wall-clock", required=True, help="wallclock.c, compiled to be preloaded")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--data", required=True)
    parser.add_argument("--json", action="store_true")
    found = parser.parse_args()
    if not 0 < found.minutes <= 24 * 60:
        parser.error(f"--minutes: expected more than 0 and at most 1440, got {found.minutes:g}")
    if not 100 <= found.accounts <= 1_000_000:
        parser.error(f"--accounts: expected 100 to 1000000, got {found.accounts}")
    if os.path.exists(found.data):
        parser.error(f"--data: expected a directory that is not there yet, got {found.data}")
    return found


def main():
    assert DECK, "a plan without faults proves nothing"
    chaos = Chaos(options())
    try:
        chaos.carry_out()
    except TimeoutError as fault:
        chaos.found(compare.UNFINISHED, str(fault))
    finally:
        if chaos.day is not None:
            chaos.day.abandon()
    (chaos.root / "result.json").write_text(json.dumps(chaos.result(), indent=2) + "\n")
    print(json.dumps(chaos.result(), indent=2) if chaos.options.json else chaos.table())
    code = chaos.exit_code()
    if code == 3:
        chaos.log.say(f"Fewer faults than {KILLS_PER_MINUTE} kills and {OTHERS_PER_MINUTE} others a minute: "
                      "this machine was too busy for the run to prove much.")
    sys.exit(code)


if __name__ == "__main__":
    main()
