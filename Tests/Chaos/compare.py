"""Owns: what must be the same after a disturbed day as after the undisturbed one, and what must never be. Changes
nothing."""

import collections
import json

from processes import crash_lines, exit_words
from witness import open_ledger

REPORT = "report differs"
TWICE = "effect twice"
MISSING = "effect missing"
EXTRA = "effect that should not be"
LOST = "acknowledged outcome lost"
CHANGED = "settled outcome changed"
EXIT = "exit code not foreseen"
CRASH = "crash in a log"
UNFINISHED = "run not finished"
STUCK = "process did not stop"
DAMAGED = "ledger not sound"
FOLDERS = "evidence folders differ"

KINDS = (REPORT, TWICE, MISSING, EXTRA, LOST, CHANGED, EXIT, CRASH, UNFINISHED, STUCK, DAMAGED, FOLDERS)


def differences(expected, got, path="report"):
    """Where two JSON values differ, in words."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in sorted(expected.keys() | got.keys()):
            yield from differences(expected.get(key), got.get(key), f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (left, right) in enumerate(zip(expected, got)):
            yield from differences(left, right, f"{path}[{index}]")
    elif expected != got:
        yield f"{path}: expected {short(expected)}, got {short(got)}"


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."


def tasks(ledger_path):
    ledger = open_ledger(ledger_path)
    try:
        rows = ledger.execute("SELECT id, stage, state, outcome_code, outcome FROM task").fetchall()
    finally:
        ledger.close()
    return {row[0]: row[1:] for row in rows}


def story(ledger_path, task):
    ledger = open_ledger(ledger_path)
    try:
        rows = ledger.execute(
            "SELECT transition.at, transition.state, lease.worker, note FROM transition JOIN task ON task.number = task"
            " LEFT JOIN lease ON lease.id = transition.lease_id WHERE task.id = ? ORDER BY transition.number", (task,))
        return [f"{at / 1000:.3f} {state}{f' by {worker}' if worker else ''} ({note})" for at, state, worker, note in rows]
    finally:
        ledger.close()


def strain(ledger_path):
    """How many tasks were ever uncertain, and how many were leased more than once: what the faults had to do with."""
    ledger = open_ledger(ledger_path)
    try:
        (uncertain,) = ledger.execute("SELECT count(DISTINCT task) FROM transition WHERE state = 'uncertain'").fetchone()
        (again,) = ledger.execute("SELECT count(*) FROM task WHERE deliveries > 1").fetchone()
    finally:
        ledger.close()
    return uncertain, again


def different_tasks(twin, day):
    """Tasks whose state or code is another than in the undisturbed day."""
    expected, got = tasks(twin.ledger), tasks(day.ledger)
    for task in sorted(expected.keys() | got.keys()):
        left, right = expected.get(task), got.get(task)
        if (left or ())[:3] != (right or ())[:3]:
            yield task, left, right


def first_effects(lines):
    return collections.Counter((line["kind"], line["task_id"]) for line in lines if line["first_seen"])


def violations(twin, day, twin_report, found):
    """Calls `found(kind, words)` for each violation."""
    report, fault = day.report()
    if report is None:
        found(REPORT, fault)
    elif report != twin_report:
        for words in differences(twin_report, report):
            found(REPORT, words)
        for task, left, right in different_tasks(twin, day):
            day.note(f"  task {task}: expected {left and left[:3]}, got {right and right[:3]}")
            for line in story(day.ledger, task):
                day.note(f"    {line}")
    compare_effects(twin, day, found)
    compare_acknowledged(day, found)
    for line in day.witness.changes.values():
        found(CHANGED, line)
    if fault := day.verify():
        found(DAMAGED, fault)
    if twin.folders() != day.folders():
        missing, extra = set(twin.folders()) - set(day.folders()), set(day.folders()) - set(twin.folders())
        found(FOLDERS, f"{len(missing)} missing, {len(extra)} that should not be: {short(sorted(missing | extra)[:5])}")
    judge_processes(day, found)


def compare_effects(twin, day, found):
    lines = day.effects()
    expected, got = first_effects(twin.effects()), first_effects(lines)
    for key, count in got.items():
        if count > 1:
            found(TWICE, f"{key[0]} {key[1]}: {count} effects under one key")
    for line in lines:
        # What the outside would have done a second time, had it not known the key already.
        if line.get("duplicate"):
            found(TWICE, f"{line['kind']} {line['task_id']}: came again as line {line['seq']} of the record")
    for key in expected.keys() - got.keys():
        found(MISSING, f"{key[0]} {key[1]}")
    for key in got.keys() - expected.keys():
        found(EXTRA, f"{key[0]} {key[1]}")


def compare_acknowledged(day, found):
    held = tasks(day.ledger)
    for task, acknowledged in day.wire.outcomes.items():
        row = held.get(task)
        outcome = json.loads(row[3]) if row and row[3] else {}
        if (outcome.get("code"), outcome.get("evidence", "")) != (acknowledged.code, acknowledged.evidence):
            found(LOST, f"task {task}: {acknowledged.worker} was told that {acknowledged.code}"
                        f" ({acknowledged.evidence}) is settled; the ledger has {row and row[1]} {outcome.get('code')}"
                        f" ({outcome.get('evidence', '')})")
    for words in day.wire.contradictions:
        found(LOST, words)


def judge_processes(day, found):
    for exit in day.company.exits:
        if not exit.expected:
            found(EXIT, f"{exit.name}: {exit_words(exit.code)}: {exit.words}")
    for child in day.company.children.values():
        for line in crash_lines(child.log):
            found(CRASH, f"{child.name}: {line}")
