// Owns: the tables, and how a store of an earlier version becomes one of this. A released step is never edited.
import GRDB
import Ledger

enum Schema {
    /// "RCUP": tells a ledger from any other SQLite file.
    static let application = 0x5243_5550
    /// The schema that this version reads and writes.
    static var current: Int { steps.count }
    /// Step n makes schema n out of schema n-1.
    private static let steps = [Schema.one, Schema.two, Schema.three, Schema.four]

    /// Brings the store to `current`, each step in a transaction of its own.
    /// - Throws: `LedgerError.schema` when it is newer or no ledger.
    static func migrate(_ queue: DatabaseQueue, at path: String) throws {
        let found = try queue.write { try version($0, at: path) }
        for step in found..<current {
            try queue.write { database in
                try database.execute(sql: steps[step])
                try database.execute(sql: "PRAGMA application_id = \(application)")
                try database.execute(sql: "PRAGMA user_version = \(step + 1)")
            }
        }
    }

    /// The schema of an open store; 0 for an empty file.
    static func version(_ database: Database, at path: String) throws -> Int {
        let name = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard name == application || (name == 0 && version == 0 && tables == 0) else {
            throw LedgerError(
                .schema, "\(path): expected a ledger, got a database of something else (application id \(name))")
        }
        guard version <= current else {
            throw LedgerError(
                .schema,
                "\(path): expected schema \(current) or older, got \(version): a newer version of recoup wrote it")
        }
        return version
    }

    // Times are milliseconds since 1970, amounts minor units, days YYYY-MM-DD. `snapshot`, `outcome`, `entry` and
    // `event` are JSON of the value; what a statement selects or adds up has a column of its own beside it.
    // Lease ids, epochs and incarnations are unsigned on the outside and keep their bits here.
    private static let one = """
        CREATE TABLE run (
            id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
            as_of TEXT NOT NULL,
            is_finished INTEGER NOT NULL CHECK (is_finished IN (0, 1)),
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            run_order TEXT NOT NULL
        ) STRICT;
        CREATE INDEX run_unfinished ON run (started_at, id) WHERE is_finished = 0;

        CREATE TABLE checkpoint (
            run_id TEXT NOT NULL REFERENCES run (id),
            stage TEXT NOT NULL,
            cursor TEXT NOT NULL,
            done INTEGER NOT NULL CHECK (done >= 0),
            total INTEGER CHECK (total >= 0),
            is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
            started_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (run_id, stage)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reject (
            number INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL REFERENCES run (id),
            kind TEXT NOT NULL,
            file TEXT NOT NULL,
            line INTEGER NOT NULL,
            column_name TEXT NOT NULL,
            expected TEXT NOT NULL,
            got TEXT NOT NULL
        ) STRICT;
        CREATE INDEX reject_kind ON reject (run_id, kind);

        CREATE TABLE account (
            run_id TEXT NOT NULL REFERENCES run (id),
            line INTEGER NOT NULL,
            account_id TEXT NOT NULL,
            balance INTEGER NOT NULL,
            currency TEXT NOT NULL,
            mark TEXT CHECK (mark IN ('current', 'overdue')),
            snapshot TEXT NOT NULL,
            PRIMARY KEY (run_id, line),
            UNIQUE (run_id, account_id)
        ) STRICT;

        CREATE TABLE lease (
            id INTEGER PRIMARY KEY,
            epoch INTEGER NOT NULL UNIQUE,
            worker TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            stage TEXT NOT NULL,
            granted_at INTEGER NOT NULL,
            extended_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE overdue_case (
            run_id TEXT NOT NULL,
            line INTEGER NOT NULL,
            case_id TEXT NOT NULL,
            customer TEXT NOT NULL,
            bucket TEXT NOT NULL,
            dpd INTEGER NOT NULL,
            arrears INTEGER NOT NULL,
            balance INTEGER NOT NULL,
            currency TEXT NOT NULL,
            segment TEXT,
            segment_rule TEXT,
            reason TEXT,
            reason_detail TEXT NOT NULL,
            task_id TEXT REFERENCES task (id),
            plan_detail TEXT,
            snapshot TEXT NOT NULL,
            PRIMARY KEY (run_id, line),
            UNIQUE (run_id, case_id),
            FOREIGN KEY (run_id, line) REFERENCES account (run_id, line),
            CHECK ((segment IS NULL) = (segment_rule IS NULL)),
            CHECK (reason IS NULL OR task_id IS NULL)
        ) STRICT;
        CREATE INDEX overdue_case_customer ON overdue_case (run_id, customer, line);

        CREATE TABLE task (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id <> ''),
            run_id TEXT NOT NULL,
            case_id TEXT NOT NULL,
            customer TEXT NOT NULL,
            portfolio TEXT NOT NULL,
            stage TEXT NOT NULL,
            step TEXT NOT NULL,
            priority INTEGER NOT NULL,
            not_before INTEGER NOT NULL,
            not_after INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (
                state IN ('planned', 'ready', 'leased', 'uncertain', 'settled', 'withdrawn', 'poison')),
            mode TEXT NOT NULL CHECK (mode IN ('attempt', 'inquire')),
            lease_id INTEGER REFERENCES lease (id),
            epoch INTEGER,
            deliveries INTEGER NOT NULL CHECK (deliveries >= 0),
            inquiries INTEGER NOT NULL CHECK (inquiries >= 0),
            changed_at INTEGER NOT NULL,
            outcome_code TEXT,
            outcome_amount INTEGER,
            outcome_currency TEXT,
            outcome TEXT,
            content BLOB NOT NULL,
            FOREIGN KEY (run_id, case_id) REFERENCES overdue_case (run_id, case_id),
            CHECK ((lease_id IS NULL) = (epoch IS NULL)),
            CHECK (state NOT IN ('leased', 'uncertain', 'settled') OR lease_id IS NOT NULL),
            CHECK ((state = 'settled') = (outcome IS NOT NULL)),
            CHECK ((outcome IS NULL) = (outcome_code IS NULL)),
            CHECK ((outcome_amount IS NULL) = (outcome_currency IS NULL))
        ) STRICT;
        -- A grant looks only at the windows that are open, and in each only at the first tasks: its cost does not
        -- grow with the backlog.
        CREATE INDEX task_open ON task (run_id, state, stage, not_before, not_after, priority, id)
            WHERE state = 'planned' OR state = 'ready';
        CREATE INDEX task_held ON task (lease_id) WHERE state = 'leased';
        CREATE INDEX task_uncertain ON task (run_id, stage, changed_at, id) WHERE state = 'uncertain';

        CREATE TABLE task_count (
            run_id TEXT NOT NULL REFERENCES run (id),
            stage TEXT NOT NULL,
            state TEXT NOT NULL,
            tasks INTEGER NOT NULL CHECK (tasks >= 0),
            PRIMARY KEY (run_id, stage, state)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER task_planned AFTER INSERT ON task BEGIN
            INSERT INTO task_count (run_id, stage, state, tasks) VALUES (new.run_id, new.stage, new.state, 1)
                ON CONFLICT DO UPDATE SET tasks = tasks + 1;
        END;
        CREATE TRIGGER task_moved AFTER UPDATE OF state, run_id, stage ON task
            WHEN old.state <> new.state OR old.run_id <> new.run_id OR old.stage <> new.stage BEGIN
            UPDATE task_count SET tasks = tasks - 1
                WHERE run_id = old.run_id AND stage = old.stage AND state = old.state;
            INSERT INTO task_count (run_id, stage, state, tasks) VALUES (new.run_id, new.stage, new.state, 1)
                ON CONFLICT DO UPDATE SET tasks = tasks + 1;
        END;

        CREATE TABLE transition (
            number INTEGER PRIMARY KEY,
            task INTEGER NOT NULL REFERENCES task (number),
            at INTEGER NOT NULL,
            state TEXT NOT NULL,
            lease_id INTEGER REFERENCES lease (id),
            note TEXT NOT NULL
        ) STRICT;
        CREATE INDEX transition_task ON transition (task);

        CREATE TABLE history (
            number INTEGER PRIMARY KEY,
            case_id TEXT NOT NULL,
            date TEXT NOT NULL,
            entry TEXT NOT NULL
        ) STRICT;
        CREATE INDEX history_case ON history (case_id, date);

        CREATE TABLE event (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id <> ''),
            run_id TEXT NOT NULL REFERENCES run (id),
            recorded_at INTEGER NOT NULL,
            event TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_run ON event (run_id);
        """

    /// Tasks remember the lease under which they were last attempted, since its worker may still say what came of it when
    /// another lease has asked; a grant finds each portfolio's tasks, and those that were leased before, by an index.
    private static let two = """
        ALTER TABLE task ADD COLUMN attempt_lease_id INTEGER REFERENCES lease (id);
        ALTER TABLE task ADD COLUMN attempt_epoch INTEGER;
        UPDATE task SET attempt_lease_id = (
            SELECT transition.lease_id FROM transition
            WHERE transition.task = task.number AND transition.state = 'leased' AND transition.note = 'attempt'
            ORDER BY transition.number DESC LIMIT 1);
        UPDATE task SET attempt_epoch = (SELECT epoch FROM lease WHERE id = attempt_lease_id)
            WHERE attempt_lease_id IS NOT NULL;
        DROP INDEX task_open;
        -- A grant looks only at the windows that are open, and in each only at the first tasks of a portfolio: its cost
        -- does not grow with the backlog.
        CREATE INDEX task_open ON task (run_id, state, stage, portfolio, not_before, not_after, priority, id)
            WHERE state = 'planned' OR state = 'ready';
        CREATE INDEX task_suspect ON task (run_id, stage) WHERE state = 'ready' AND deliveries > 0;
        """

    /// An account is named by its portfolio and number, history is found by customer too, a task remembers the number that it
    /// uses, a case lasts as long as the account is overdue, whatever its oldest due date becomes, and the business dates of a
    /// portfolio go forward.
    ///
    /// Where two portfolios had the same number, what was said of one cannot be told from what was said of the other: it
    /// counts for both, in doubt for the debtor. A case that was open at the last run is opened from its first run on.
    private static let three = """
        PRAGMA defer_foreign_keys = ON;
        ALTER TABLE task ADD COLUMN endpoint TEXT;

        CREATE TABLE renamed (
            old TEXT NOT NULL, new TEXT NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (old, new)
        ) STRICT, WITHOUT ROWID;
        -- The last row of a case names its customer.
        INSERT OR REPLACE INTO renamed
            SELECT case_id, \(caseName("case_id", portfolio: "snapshot ->> '$.account.portfolio'")), customer
            FROM overdue_case ORDER BY rowid;

        CREATE TABLE history_of_person (
            number INTEGER PRIMARY KEY,
            case_id TEXT NOT NULL,
            customer TEXT NOT NULL,
            date TEXT NOT NULL,
            entry TEXT NOT NULL
        ) STRICT;
        INSERT INTO history_of_person (case_id, customer, date, entry)
            SELECT new, customer, date, entry FROM history JOIN renamed ON old = case_id ORDER BY history.number, new;
        DROP TABLE history;
        ALTER TABLE history_of_person RENAME TO history;
        CREATE INDEX history_case ON history (case_id, date);
        CREATE INDEX history_customer ON history (customer, date);

        -- In two steps, for a name that is new may be another account's old one.
        UPDATE account SET account_id = char(1) || \(caseName("account_id", portfolio: "snapshot ->> '$.portfolio'"))
            WHERE snapshot ->> '$.portfolio' <> 'default' OR instr(account_id, '/') > 0;
        UPDATE account SET account_id = substr(account_id, 2) WHERE substr(account_id, 1, 1) = char(1);
        UPDATE task SET case_id = \(caseName("case_id", portfolio: "portfolio"))
            WHERE portfolio <> 'default' OR instr(case_id, '/') > 0;
        UPDATE overdue_case
            SET case_id = char(1) || \(caseName("case_id", portfolio: "snapshot ->> '$.account.portfolio'"))
            WHERE snapshot ->> '$.account.portfolio' <> 'default' OR instr(case_id, '/') > 0;
        UPDATE overdue_case
            SET case_id = substr(case_id, 2), snapshot = json_set(snapshot, '$.id', substr(case_id, 2))
            WHERE substr(case_id, 1, 1) = char(1);
        DROP TABLE renamed;

        CREATE TABLE portfolio (
            name TEXT NOT NULL PRIMARY KEY,
            last_date TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Of books that were read whole.
        INSERT INTO portfolio (name, last_date)
            SELECT snapshot ->> '$.portfolio', max(as_of) FROM account JOIN run ON run.id = account.run_id
            WHERE EXISTS (SELECT 1 FROM checkpoint
                WHERE checkpoint.run_id = run.id AND stage = 'ingest' AND is_complete = 1)
            GROUP BY 1;

        CREATE TABLE episode (
            number INTEGER PRIMARY KEY,
            case_id TEXT NOT NULL,
            opened TEXT NOT NULL,
            start TEXT NOT NULL,
            ended TEXT
        ) STRICT;
        CREATE INDEX episode_case ON episode (case_id);
        INSERT INTO episode (case_id, opened, start)
            SELECT overdue_case.case_id, min(run.as_of),
                min(coalesce(snapshot ->> '$.delinquency.oldestUnpaidDueDate',
                    date(run.as_of, '-' || max(0, dpd) || ' days')))
            FROM overdue_case JOIN run ON run.id = overdue_case.run_id
            WHERE NOT EXISTS (
                SELECT 1 FROM run AS later JOIN account
                    ON account.run_id = later.id AND account.account_id = overdue_case.case_id
                WHERE account.mark = 'current'
                    AND (later.as_of, later.started_at) > (run.as_of, run.started_at))
            GROUP BY overdue_case.case_id ORDER BY min(overdue_case.rowid);
        """

    /// What somebody outside tells between books is kept, tasks whose reason is gone are told from others, and the next book
    /// of a portfolio can be compared with its last.
    private static let four = """
        PRAGMA defer_foreign_keys = ON;
        CREATE TABLE portfolio_with_run (
            name TEXT NOT NULL PRIMARY KEY,
            last_date TEXT NOT NULL,
            last_run TEXT NOT NULL REFERENCES run (id)
        ) STRICT, WITHOUT ROWID;
        -- The last book of that date that was read whole.
        INSERT INTO portfolio_with_run (name, last_date, last_run)
            SELECT name, last_date, (
                SELECT run.id FROM run JOIN checkpoint ON checkpoint.run_id = run.id AND stage = 'ingest' AND is_complete = 1
                WHERE as_of = last_date AND EXISTS (SELECT 1 FROM account
                    WHERE account.run_id = run.id AND snapshot ->> '$.portfolio' = name)
                ORDER BY run.started_at DESC, run.id DESC LIMIT 1)
            FROM portfolio;
        DROP TABLE portfolio;
        ALTER TABLE portfolio_with_run RENAME TO portfolio;

        CREATE TABLE register_event (
            number INTEGER PRIMARY KEY,
            source TEXT NOT NULL CHECK (source <> ''),
            id TEXT NOT NULL CHECK (id <> ''),
            case_id TEXT,
            customer TEXT,
            taken_at INTEGER NOT NULL,
            event TEXT NOT NULL,
            UNIQUE (source, id),
            CHECK ((case_id IS NULL) <> (customer IS NULL))
        ) STRICT;
        CREATE INDEX register_event_case ON register_event (case_id) WHERE case_id IS NOT NULL;
        CREATE INDEX register_event_customer ON register_event (customer) WHERE customer IS NOT NULL;
        ALTER TABLE task ADD COLUMN stop TEXT;
        """

    /// `CaseID(_:in:)` in SQL.
    private static func caseName(_ number: String, portfolio: String) -> String {
        """
        CASE WHEN \(portfolio) = 'default' AND instr(\(number), '/') = 0 THEN \(number)
            ELSE replace(replace(\(portfolio), '%', '%25'), '/', '%2F') || '/' || \(number) END
        """
    }
}
