"""Owns: the proof that the harness sees what it is there to see, on made-up days. Starts no process of the product."""

import json
import pathlib
import sqlite3
import struct
import tempfile
import types
import unittest

import compare
from plan import KILLS, OTHERS, Plan
from processes import Child, Company, Exit
from witness import LedgerWitness, WireWitness


def field(number, value):
    if isinstance(value, int):
        return bytes([number << 3 | 1]) + struct.pack("<Q", value)
    return bytes([number << 3 | 2, len(value)]) + value


def frame(number, payload):
    envelope = field(number, payload)
    return struct.pack(">I", len(envelope)) + envelope


def report(identifier, task, attempt, code, evidence):
    outcome = field(1, task) + bytes([2 << 3, attempt]) + field(3, code) + field(4, evidence)
    return frame(8, field(1, identifier) + field(2, 7) + field(3, 9) + field(4, outcome))


def acknowledgement(identifier, task, verdict):
    return frame(9, field(1, identifier) + field(2, 7) + field(3, field(1, task) + bytes([2 << 3, verdict])))


class OnTheWire(unittest.TestCase):
    def setUp(self):
        self.witness = WireWitness()
        self.tap = self.witness.tap("sms-1")

    def test_an_accepted_outcome_is_remembered_however_its_bytes_come(self):
        for byte in report(1, b"t-1", 1, b"delivered", b"message 5"):
            self.tap.up(bytes([byte]))
        self.assertEqual(self.witness.outcomes, {})
        self.tap.down(acknowledgement(1, b"t-1", 1))
        self.assertEqual(self.witness.outcomes["t-1"][1:], ("delivered", "message 5"))

    def test_a_lost_lease_and_an_answer_to_a_question_promise_nothing(self):
        self.tap.up(report(1, b"t-1", 1, b"delivered", b"m") + report(2, b"t-2", 3, b"", b""))
        self.tap.down(acknowledgement(1, b"t-1", 3) + acknowledgement(2, b"t-2", 1))
        self.assertEqual(self.witness.outcomes, {})

    def test_two_different_outcomes_that_were_both_acknowledged_contradict(self):
        self.tap.up(report(1, b"t-1", 1, b"delivered", b"m") + report(2, b"t-1", 1, b"undelivered", b"m"))
        self.tap.down(acknowledgement(1, b"t-1", 1) + acknowledgement(2, b"t-1", 1))
        self.assertEqual(len(self.witness.contradictions), 1)


class MadeUpDay:
    """A ledger with one table, a record, and nothing else."""

    def __init__(self, root, name, outcomes, effects):
        self.directory = pathlib.Path(root) / name
        self.directory.mkdir()
        self.ledger = self.directory / "ledger.sqlite"
        store = sqlite3.connect(self.ledger)
        store.execute("CREATE TABLE task (id, stage, state, outcome_code, outcome)")
        for task, code in outcomes.items():
            outcome = json.dumps({"code": code, "evidence": "m"})
            store.execute("INSERT INTO task VALUES (?, 'sms', 'settled', ?, ?)", (task, code, outcome))
        store.commit()
        store.close()
        self.lines = effects
        self.wire, self.witness = WireWitness(), LedgerWitness(self.ledger)
        self.company = types.SimpleNamespace(exits=[], children={})

    def effects(self):
        return self.lines


def effect(task, seq, first=True, duplicate=False):
    return {"seq": seq, "kind": "sms", "task_id": task, "first_seen": first, "duplicate": duplicate}


class Comparing(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        self.twin = MadeUpDay(self.root, "twin", {"t-1": "delivered"}, [effect("t-1", 1)])

    def found(self, judge, *days):
        found = []
        judge(*days, lambda kind, words: found.append(kind))
        return found

    def day(self, outcomes, effects=()):
        return MadeUpDay(self.root, "day", outcomes, list(effects))

    def test_the_same_effects_are_no_violation(self):
        day = self.day({}, [effect("t-1", 1)])
        self.assertEqual(self.found(compare.compare_effects, self.twin, day), [])

    def test_an_effect_that_came_twice_is_one(self):
        for again in (effect("t-1", 2), effect("t-1", 2, first=False, duplicate=True)):
            self.twin.lines, day = [effect("t-1", 1)], types.SimpleNamespace(effects=lambda: [effect("t-1", 1), again])
            self.assertEqual(self.found(compare.compare_effects, self.twin, day), [compare.TWICE])

    def test_an_effect_in_another_s_place_is_missing_and_should_not_be(self):
        day = self.day({}, [effect("t-2", 1)])
        self.assertEqual(self.found(compare.compare_effects, self.twin, day), [compare.MISSING, compare.EXTRA])

    def test_an_acknowledged_outcome_that_the_ledger_does_not_have_is_lost(self):
        day = self.day({"t-1": "delivered", "t-2": "undelivered"})
        for task in ("t-1", "t-2", "t-3"):
            day.wire.acknowledged("sms-1", task, "delivered", "m")
        self.assertEqual(self.found(compare.compare_acknowledged, day), [compare.LOST, compare.LOST])

    def test_tasks_that_came_out_otherwise_are_named(self):
        day = self.day({"t-1": "undelivered"})
        self.assertEqual([task for task, _, _ in compare.different_tasks(self.twin, day)], ["t-1"])

    def test_reports_differ_where_they_differ(self):
        words = list(compare.differences({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}], "c": 3}))
        self.assertEqual(words, ["report.a[1].b: expected 2, got 4"])

    def test_a_settled_outcome_that_changes_or_goes_is_seen(self):
        witness = LedgerWitness(self.twin.ledger)
        witness.compare({"t-1": '{"code":"delivered"}', "t-2": '{"code":"busy"}'})
        witness.compare({"t-1": '{"code": "delivered"}', "t-2": '{"code":"noAnswer"}'})
        witness.compare({"t-2": '{"code":"busy"}'})
        self.assertEqual(sorted(witness.changes), ["t-1", "t-2"])

    def test_an_end_that_nobody_foresaw_and_a_crash_in_a_log_are_violations(self):
        day = self.day({})
        log = day.directory / "sms-1.log"
        log.write_text("all well\nLoop.swift:12: Fatal error: oh\n")
        day.company.exits = [Exit(0, "sms-1", 1, False, ""), Exit(0, "run", 5, True, "as documented")]
        day.company.children = {"sms-1": types.SimpleNamespace(name="sms-1", log=log)}
        self.assertEqual(self.found(compare.judge_processes, day), [compare.EXIT, compare.CRASH])


class Ends(unittest.TestCase):
    def test_only_a_kill_of_ours_and_an_orderly_end_that_was_asked_for_are_foreseen(self):
        with tempfile.TemporaryDirectory() as root:
            company = Company(lambda words: None, lambda child, code: None)
            for name, program, act in (("killed", "exec sleep 60", "kill"), ("failed", "exit 3", None),
                                       ("crashed", "kill -ILL $$", None), ("newborn", "exec sleep 60", "ask_to_stop"),
                                       ("grown", "exec sleep 60", "ask_to_stop")):
                child = Child(name, ["/bin/sh", "-c", program], f"{root}/{name}.log", {}, restarts=False)
                company.add(child)
                child.start()
                if name == "grown":
                    child.started_at -= 10
                if act:
                    getattr(child, act)()
                child.process.wait()
            company.tick()
            self.assertEqual({exit.name: exit.expected for exit in company.exits}, {
                "failed": False, "crashed": False, "newborn": True, "grown": False})


class Planning(unittest.TestCase):
    def faults(self, seed):
        plan = Plan(seed, ["sms-1", "legal-1"], ["sms-1"], 4)
        return [plan.next() for _ in range(330)]

    def test_a_seed_says_it_all(self):
        self.assertEqual(self.faults(1), self.faults(1))
        self.assertNotEqual(self.faults(1), self.faults(2))

    def test_every_kind_comes_and_kills_come_twice_as_often_as_all_others(self):
        kinds = [fault.kind for fault in self.faults(3)]
        self.assertEqual(set(kinds), set(KILLS + OTHERS))
        self.assertEqual(sum(kind in KILLS for kind in kinds), 200)


if __name__ == "__main__":
    unittest.main()
