-- A ledger of schema 3: that of schema 2, brought up by the steps of the version that had schema 3; the people in it are invented. Never edited.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO "account" VALUES('2025-09-29-1',2,'case-old-settled',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-settled","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-settled","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-29-1',3,'case-old-uncertain',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-uncertain","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-uncertain","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-29-1',4,'case-old-byhand',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-byhand","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-byhand","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-29-1',5,'case-old-withdrawn',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-withdrawn","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-withdrawn","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-29-1',6,'case-old-poison',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-poison","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-poison","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',2,'case-today-settled',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-settled","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-settled","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',3,'case-today-leased',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-leased","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-leased","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',4,'case-today-released',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-released","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-released","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',5,'case-today-uncertain',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-uncertain","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-uncertain","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',6,'case-today-ready',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-ready","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-ready","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',7,'case-today-promise',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-promise","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-promise","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',8,'case-today-poison',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-poison","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-poison","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',9,'case-today-asked',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-asked","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-asked","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',10,'case-today-withdrawn',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-withdrawn","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-withdrawn","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',20,'case-today-planned',90000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"C20","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-planned","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',21,'case-today-quiet',1000,'CNY','overdue','{"balance":{"currency":"CNY","minorUnits":1000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"C20","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-quiet","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
INSERT INTO "account" VALUES('2025-09-30-1',22,'current',90000,'CNY','current','{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"C22","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"current","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"}');
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
INSERT INTO "checkpoint" VALUES('2025-09-29-1','dispatch','5',5,NULL,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','ingest','5',5,5,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','plan','5',5,5,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','recognise','5',5,5,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','reconcile','0',0,0,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','report','1',1,1,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-29-1','segment','5',5,5,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-30-1','dispatch','2',2,NULL,0,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-30-1','ingest','11',11,11,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-30-1','plan','11',11,11,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-30-1','recognise','11',11,11,1,1759194000000,1759215600000);
INSERT INTO "checkpoint" VALUES('2025-09-30-1','segment','11',11,11,1,1759194000000,1759215600000);
CREATE TABLE episode (
            number INTEGER PRIMARY KEY,
            case_id TEXT NOT NULL,
            opened TEXT NOT NULL,
            start TEXT NOT NULL,
            ended TEXT
        ) STRICT;
INSERT INTO "episode" VALUES(1,'case-old-settled','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(2,'case-old-uncertain','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(3,'case-old-byhand','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(4,'case-old-withdrawn','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(5,'case-old-poison','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(6,'case-today-settled','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(7,'case-today-leased','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(8,'case-today-released','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(9,'case-today-uncertain','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(10,'case-today-ready','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(11,'case-today-promise','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(12,'case-today-poison','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(13,'case-today-asked','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(14,'case-today-withdrawn','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(15,'case-today-planned','2025-09-30','2025-09-25',NULL);
INSERT INTO "episode" VALUES(16,'case-today-quiet','2025-09-30','2025-09-25',NULL);
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    run_id TEXT NOT NULL REFERENCES run (id),
    recorded_at INTEGER NOT NULL,
    event TEXT NOT NULL
) STRICT;
INSERT INTO "event" VALUES(1,'agency-north/7','2025-09-30-1',1759233670000,'{"amount":{"currency":"CNY","minorUnits":2000},"date":"2025-09-30","detail":"by transfer","id":"agency-north/7","kind":"payment","task":"today-promise"}');
CREATE TABLE "history" (
            number INTEGER PRIMARY KEY,
            case_id TEXT NOT NULL,
            customer TEXT NOT NULL,
            date TEXT NOT NULL,
            entry TEXT NOT NULL
        ) STRICT;
INSERT INTO "history" VALUES(1,'case-old-settled','customer-of-case-old-settled','2025-09-30','{"date":"2025-09-30","evidence":"message 17","kind":"notice","outcome":"undelivered","stage":"sms","step":"gentle-sms"}');
INSERT INTO "history" VALUES(2,'case-old-byhand','customer-of-case-old-byhand','2025-09-29','{"date":"2025-09-29","evidence":"message 17","kind":"notice","outcome":"delivered","stage":"sms","step":"gentle-sms"}');
INSERT INTO "history" VALUES(3,'case-today-settled','customer-of-case-today-settled','2025-09-30','{"date":"2025-09-30","evidence":"message 17","kind":"notice","outcome":"delivered","stage":"sms","step":"gentle-sms"}');
INSERT INTO "history" VALUES(4,'case-today-promise','customer-of-case-today-promise','2025-09-30','{"amount":{"currency":"CNY","minorUnits":12000},"date":"2025-09-30","due":"2025-10-03","evidence":"message 17","kind":"contact","outcome":"promiseToPay","stage":"callQueue","step":"gentle-callQueue"}');
INSERT INTO "history" VALUES(5,'case-today-promise','customer-of-case-today-promise','2025-09-30','{"amount":{"currency":"CNY","minorUnits":2000},"date":"2025-09-30","evidence":"agency-north/7","kind":"payment","outcome":"agencyPayment","stage":"callQueue","step":"gentle-callQueue"}');
CREATE TABLE lease (
    id INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL UNIQUE,
    worker TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    stage TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    extended_at INTEGER NOT NULL
) STRICT;
INSERT INTO "lease" VALUES(-87110,11,'worker-1',-1,'agency',1759233660000,1759233660000);
INSERT INTO "lease" VALUES(-79191,10,'worker-1',-1,'agency',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-71272,9,'worker-1',-1,'callQueue',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-63353,8,'worker-1',-1,'callQueue',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-55434,7,'worker-1',-1,'callQueue',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-47515,6,'worker-1',-1,'sms',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-39596,5,'worker-1',-1,'sms',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-31677,4,'worker-1',-1,'sms',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-23758,3,'worker-1',-1,'sms',1759233600000,1759233600000);
INSERT INTO "lease" VALUES(-15839,2,'worker-1',-1,'sms',1759233660000,1759233660000);
INSERT INTO "lease" VALUES(-7920,1,'worker-1',-1,'sms',1759233600000,1759233600000);
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
INSERT INTO "overdue_case" VALUES('2025-09-29-1',2,'case-old-settled','customer-of-case-old-settled','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','old-settled','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-settled","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-settled","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 2"]},"id":"case-old-settled"}');
INSERT INTO "overdue_case" VALUES('2025-09-29-1',3,'case-old-uncertain','customer-of-case-old-uncertain','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','old-uncertain','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-uncertain","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-uncertain","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 3"]},"id":"case-old-uncertain"}');
INSERT INTO "overdue_case" VALUES('2025-09-29-1',4,'case-old-byhand','customer-of-case-old-byhand','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','old-byhand','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-byhand","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-byhand","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 4"]},"id":"case-old-byhand"}');
INSERT INTO "overdue_case" VALUES('2025-09-29-1',5,'case-old-withdrawn','customer-of-case-old-withdrawn','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','old-withdrawn','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-withdrawn","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-withdrawn","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 5"]},"id":"case-old-withdrawn"}');
INSERT INTO "overdue_case" VALUES('2025-09-29-1',6,'case-old-poison','customer-of-case-old-poison','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','old-poison','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-old-poison","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-old-poison","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 6"]},"id":"case-old-poison"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',2,'case-today-settled','customer-of-case-today-settled','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-settled','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-settled","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-settled","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 2"]},"id":"case-today-settled"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',3,'case-today-leased','customer-of-case-today-leased','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-leased','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-leased","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-leased","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 3"]},"id":"case-today-leased"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',4,'case-today-released','customer-of-case-today-released','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-released','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-released","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-released","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 4"]},"id":"case-today-released"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',5,'case-today-uncertain','customer-of-case-today-uncertain','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-uncertain','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-uncertain","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-uncertain","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 5"]},"id":"case-today-uncertain"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',6,'case-today-ready','customer-of-case-today-ready','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-ready','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-ready","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-ready","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 6"]},"id":"case-today-ready"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',7,'case-today-promise','customer-of-case-today-promise','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-promise','gentle-callQueue is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-promise","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-promise","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 7"]},"id":"case-today-promise"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',8,'case-today-poison','customer-of-case-today-poison','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-poison','gentle-callQueue is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-poison","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-poison","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 8"]},"id":"case-today-poison"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',9,'case-today-asked','customer-of-case-today-asked','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-asked','gentle-agency is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-asked","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-asked","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 9"]},"id":"case-today-asked"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',10,'case-today-withdrawn','customer-of-case-today-withdrawn','M1',5,6000,90000,'CNY',NULL,NULL,NULL,'','today-withdrawn','gentle-legal is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"customer-of-case-today-withdrawn","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-withdrawn","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 10"]},"id":"case-today-withdrawn"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',20,'case-today-planned','C20','M1',5,6000,90000,'CNY','standard','default',NULL,'','today-planned','gentle-sms is due','{"account":{"balance":{"currency":"CNY","minorUnits":90000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"C20","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-planned","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M1","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 20"]},"id":"case-today-planned"}');
INSERT INTO "overdue_case" VALUES('2025-09-30-1',21,'case-today-quiet','C20','M2',5,6000,1000,'CNY','tiny-balance','tiny-balance','hold','dispute',NULL,'a dispute is open','{"account":{"balance":{"currency":"CNY","minorUnits":1000},"basis":{"schedule":{"_0":{"instalments":[{"dueDate":"2025-09-25","fees":{"currency":"CNY","minorUnits":0},"interest":{"currency":"CNY","minorUnits":100},"number":1,"principal":{"currency":"CNY","minorUnits":9900}}],"payments":[{"amount":{"currency":"CNY","minorUnits":4000},"date":"2025-09-26"}]}}},"customer":"C20","documents":[],"hasHardshipEvidence":false,"holds":[{"kind":"dispute","until":"2025-09-29"}],"id":"case-today-quiet","isFirstTime":false,"name":"王芳","phone":"+8613800000000","portfolio":"default","previousOutcomes":["noAnswer"],"product":"card"},"bucket":"M2","delinquency":{"arrears":{"currency":"CNY","minorUnits":6000},"cycles":1,"dpd":5,"oldestUnpaidDueDate":"2025-09-25","working":["line 21"]},"id":"case-today-quiet"}');
CREATE TABLE portfolio (
            name TEXT NOT NULL PRIMARY KEY,
            last_date TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
INSERT INTO "portfolio" VALUES('default','2025-09-30');
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
INSERT INTO "reject" VALUES(1,'2025-09-30-1','badDate','book',30,'balance','an amount','abc');
INSERT INTO "reject" VALUES(2,'2025-09-30-1','badNumber','book',31,'','10 fields','9');
CREATE TABLE run (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    as_of TEXT NOT NULL,
    is_finished INTEGER NOT NULL CHECK (is_finished IN (0, 1)),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    run_order TEXT NOT NULL
) STRICT;
INSERT INTO "run" VALUES('2025-09-29-1','2025-09-30',1,1759107600000,1759269600000,'{}');
INSERT INTO "run" VALUES('2025-09-30-1','2025-09-30',0,1759194000000,NULL,'{}');
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
    content BLOB NOT NULL, attempt_lease_id INTEGER REFERENCES lease (id), attempt_epoch INTEGER, endpoint TEXT,
    FOREIGN KEY (run_id, case_id) REFERENCES overdue_case (run_id, case_id),
    CHECK ((lease_id IS NULL) = (epoch IS NULL)),
    CHECK (state NOT IN ('leased', 'uncertain', 'settled') OR lease_id IS NOT NULL),
    CHECK ((state = 'settled') = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (outcome_code IS NULL)),
    CHECK ((outcome_amount IS NULL) = (outcome_currency IS NULL))
) STRICT;
INSERT INTO "task" VALUES(1,'old-settled','2025-09-29-1','case-old-settled','customer-of-old-settled','default','sms','gentle-sms',1,1759219200000,1759269600000,'settled','attempt',-7920,1,1,0,1759233600000,'undelivered',NULL,NULL,'{"attempt":"made","code":"undelivered","details":{"segments":"2"},"evidence":"message 17","task":"old-settled"}',X'636F6E74656E74206F66206F6C642D736574746C656400FF',-7920,1,NULL);
INSERT INTO "task" VALUES(2,'old-uncertain','2025-09-29-1','case-old-uncertain','customer-of-old-uncertain','default','sms','gentle-sms',1,1759219200000,1759269600000,'uncertain','attempt',-7920,1,1,0,1759233600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F66206F6C642D756E6365727461696E00FF',-7920,1,NULL);
INSERT INTO "task" VALUES(3,'old-byhand','2025-09-29-1','case-old-byhand','customer-of-old-byhand','default','sms','gentle-sms',1,1759219200000,1759269600000,'settled','attempt',-7920,1,1,0,1759233600000,'delivered',NULL,NULL,'{"attempt":"made","code":"delivered","details":{"segments":"2"},"evidence":"message 17","task":"old-byhand"}',X'636F6E74656E74206F66206F6C642D627968616E6400FF',-7920,1,NULL);
INSERT INTO "task" VALUES(4,'old-withdrawn','2025-09-29-1','case-old-withdrawn','customer-of-old-withdrawn','default','sms','gentle-sms',1,1759219200000,1759269600000,'withdrawn','attempt',-7920,1,0,0,1759269600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F66206F6C642D77697468647261776E00FF',-7920,1,NULL);
INSERT INTO "task" VALUES(5,'old-poison','2025-09-29-1','case-old-poison','customer-of-old-poison','default','sms','gentle-sms',1,1759219200000,1759269600000,'withdrawn','attempt',-15839,2,1,0,1759269600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F66206F6C642D706F69736F6E00FF',-15839,2,NULL);
INSERT INTO "task" VALUES(6,'today-settled','2025-09-30-1','case-today-settled','customer-of-today-settled','default','sms','gentle-sms',1,1759219200000,1759269600000,'settled','attempt',-23758,3,1,0,1759233600000,'delivered',NULL,NULL,'{"attempt":"made","code":"delivered","details":{"segments":"2"},"evidence":"message 17","task":"today-settled"}',X'636F6E74656E74206F6620746F6461792D736574746C656400FF',-23758,3,NULL);
INSERT INTO "task" VALUES(7,'today-leased','2025-09-30-1','case-today-leased','customer-of-today-leased','default','sms','gentle-sms',2,1759219200000,1759269600000,'leased','attempt',-31677,4,1,0,1759233600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D6C656173656400FF',-31677,4,NULL);
INSERT INTO "task" VALUES(8,'today-released','2025-09-30-1','case-today-released','customer-of-today-released','default','sms','gentle-sms',3,1759219200000,1759269600000,'ready','attempt',-39596,5,0,0,1759233600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D72656C656173656400FF',-39596,5,NULL);
INSERT INTO "task" VALUES(9,'today-uncertain','2025-09-30-1','case-today-uncertain','customer-of-today-uncertain','default','sms','gentle-sms',4,1759219200000,1759269600000,'uncertain','attempt',-47515,6,1,0,1759233640000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D756E6365727461696E00FF',-47515,6,NULL);
INSERT INTO "task" VALUES(10,'today-ready','2025-09-30-1','case-today-ready','customer-of-today-ready','default','sms','gentle-sms',5,1759219200000,1759269600000,'ready','attempt',NULL,NULL,0,0,1759215600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D726561647900FF',NULL,NULL,NULL);
INSERT INTO "task" VALUES(11,'today-promise','2025-09-30-1','case-today-promise','customer-of-today-promise','default','callQueue','gentle-callQueue',1,1759219200000,1759269600000,'settled','attempt',-55434,7,1,0,1759233600000,'promiseToPay',12000,'CNY','{"amount":{"currency":"CNY","minorUnits":12000},"attempt":"made","code":"promiseToPay","date":"2025-10-03","details":{"segments":"2"},"evidence":"message 17","task":"today-promise"}',X'636F6E74656E74206F6620746F6461792D70726F6D69736500FF',-55434,7,NULL);
INSERT INTO "task" VALUES(12,'today-poison','2025-09-30-1','case-today-poison','customer-of-today-poison','default','callQueue','gentle-callQueue',2,1759219200000,1759269600000,'poison','attempt',-71272,9,2,0,1759233600000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D706F69736F6E00FF',-71272,9,NULL);
INSERT INTO "task" VALUES(13,'today-asked','2025-09-30-1','case-today-asked','customer-of-today-asked','default','agency','gentle-agency',5,1759219200000,1759269600000,'leased','inquire',-87110,11,2,1,1759233660000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D61736B656400FF',-79191,10,NULL);
INSERT INTO "task" VALUES(14,'today-withdrawn','2025-09-30-1','case-today-withdrawn','customer-of-today-withdrawn','default','legal','gentle-legal',5,1759219200000,1759233600000,'withdrawn','attempt',NULL,NULL,0,0,1759233660000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D77697468647261776E00FF',NULL,NULL,NULL);
INSERT INTO "task" VALUES(15,'today-planned','2025-09-30-1','case-today-planned','customer-of-today-planned','default','sms','gentle-sms',9,1759219200000,1759269600000,'planned','attempt',NULL,NULL,0,0,1759194000000,NULL,NULL,NULL,NULL,X'636F6E74656E74206F6620746F6461792D706C616E6E656400FF',NULL,NULL,NULL);
CREATE TABLE task_count (
    run_id TEXT NOT NULL REFERENCES run (id),
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    tasks INTEGER NOT NULL CHECK (tasks >= 0),
    PRIMARY KEY (run_id, stage, state)
) STRICT, WITHOUT ROWID;
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','leased',0);
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','planned',0);
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','ready',0);
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','settled',2);
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','uncertain',1);
INSERT INTO "task_count" VALUES('2025-09-29-1','sms','withdrawn',2);
INSERT INTO "task_count" VALUES('2025-09-30-1','agency','leased',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','agency','planned',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','agency','ready',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','agency','uncertain',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','callQueue','leased',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','callQueue','planned',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','callQueue','poison',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','callQueue','ready',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','callQueue','settled',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','legal','planned',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','legal','ready',0);
INSERT INTO "task_count" VALUES('2025-09-30-1','legal','withdrawn',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','sms','leased',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','sms','planned',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','sms','ready',2);
INSERT INTO "task_count" VALUES('2025-09-30-1','sms','settled',1);
INSERT INTO "task_count" VALUES('2025-09-30-1','sms','uncertain',1);
CREATE TABLE transition (
    number INTEGER PRIMARY KEY,
    task INTEGER NOT NULL REFERENCES task (number),
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    lease_id INTEGER REFERENCES lease (id),
    note TEXT NOT NULL
) STRICT;
INSERT INTO "transition" VALUES(1,3,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(2,5,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(3,1,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(4,2,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(5,4,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(6,3,1759233600000,'leased',-7920,'attempt');
INSERT INTO "transition" VALUES(7,5,1759233600000,'leased',-7920,'attempt');
INSERT INTO "transition" VALUES(8,1,1759233600000,'leased',-7920,'attempt');
INSERT INTO "transition" VALUES(9,2,1759233600000,'leased',-7920,'attempt');
INSERT INTO "transition" VALUES(10,4,1759233600000,'leased',-7920,'attempt');
INSERT INTO "transition" VALUES(11,1,1759233600000,'settled',-7920,'undelivered');
INSERT INTO "transition" VALUES(12,4,1759233600000,'ready',-7920,'released');
INSERT INTO "transition" VALUES(13,5,1759233600000,'ready',-7920,'never seen outside');
INSERT INTO "transition" VALUES(14,2,1759233600000,'uncertain',-7920,'lease ended');
INSERT INTO "transition" VALUES(15,3,1759233600000,'uncertain',-7920,'lease ended');
INSERT INTO "transition" VALUES(16,3,1759233600000,'settled',-7920,'delivered, by hand, li: on the gateway''s invoice');
INSERT INTO "transition" VALUES(17,5,1759233660000,'leased',-15839,'attempt');
INSERT INTO "transition" VALUES(18,5,1759233661000,'ready',-15839,'released');
INSERT INTO "transition" VALUES(19,5,1759269600000,'withdrawn',NULL,'contact window closed');
INSERT INTO "transition" VALUES(20,4,1759269600000,'withdrawn',NULL,'contact window closed');
INSERT INTO "transition" VALUES(21,13,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(22,11,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(23,12,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(24,14,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(25,6,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(26,7,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(27,8,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(28,9,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(29,10,1759215600000,'ready',NULL,'due');
INSERT INTO "transition" VALUES(30,6,1759233600000,'leased',-23758,'attempt');
INSERT INTO "transition" VALUES(31,6,1759233600000,'settled',-23758,'delivered');
INSERT INTO "transition" VALUES(32,7,1759233600000,'leased',-31677,'attempt');
INSERT INTO "transition" VALUES(33,8,1759233600000,'leased',-39596,'attempt');
INSERT INTO "transition" VALUES(34,9,1759233600000,'leased',-47515,'attempt');
INSERT INTO "transition" VALUES(35,8,1759233600000,'ready',-39596,'released');
INSERT INTO "transition" VALUES(36,9,1759233640000,'uncertain',-47515,'lease ended');
INSERT INTO "transition" VALUES(37,11,1759233600000,'leased',-55434,'attempt');
INSERT INTO "transition" VALUES(38,11,1759233600000,'settled',-55434,'promiseToPay');
INSERT INTO "transition" VALUES(39,12,1759233600000,'leased',-63353,'attempt');
INSERT INTO "transition" VALUES(40,12,1759233600000,'ready',-63353,'lease ended');
INSERT INTO "transition" VALUES(41,12,1759233600000,'leased',-71272,'attempt');
INSERT INTO "transition" VALUES(42,12,1759233600000,'ready',-71272,'lease ended');
INSERT INTO "transition" VALUES(43,12,1759233600000,'poison',NULL,'leased 2 times without an outcome');
INSERT INTO "transition" VALUES(44,13,1759233600000,'leased',-79191,'attempt');
INSERT INTO "transition" VALUES(45,13,1759233600000,'uncertain',-79191,'lease ended');
INSERT INTO "transition" VALUES(46,13,1759233660000,'leased',-87110,'inquiry');
INSERT INTO "transition" VALUES(47,14,1759233660000,'withdrawn',NULL,'contact window closed');
CREATE INDEX run_unfinished ON run (started_at, id) WHERE is_finished = 0;
CREATE INDEX reject_kind ON reject (run_id, kind);
CREATE INDEX overdue_case_customer ON overdue_case (run_id, customer, line);
CREATE INDEX task_held ON task (lease_id) WHERE state = 'leased';
CREATE INDEX task_uncertain ON task (run_id, stage, changed_at, id) WHERE state = 'uncertain';
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
CREATE INDEX transition_task ON transition (task);
CREATE INDEX event_run ON event (run_id);
CREATE INDEX task_open ON task (run_id, state, stage, portfolio, not_before, not_after, priority, id)
            WHERE state = 'planned' OR state = 'ready';
CREATE INDEX task_suspect ON task (run_id, stage) WHERE state = 'ready' AND deliveries > 0;
CREATE INDEX history_case ON history (case_id, date);
CREATE INDEX history_customer ON history (customer, date);
CREATE INDEX episode_case ON episode (case_id);
COMMIT;
PRAGMA application_id = 1380144464;
PRAGMA user_version = 3;
