/**
 * The schema of a file of jobs, as steps that are only ever added to. The
 * number of steps that a file has taken is its `user_version`.
 *
 * Every index costs each commit a page, so there is one for each question that
 * a worker asks and none besides. What is small stays in the row of its job;
 * long texts have a table of their own, so that they are written once and not
 * again with every claim.
 *
 * @module
 */

/** "Reev" as SQLite keeps it: the file is ours. */
export const APPLICATION_ID = 0x52656576;

/** Longest body that stays in the row of its job, in characters. */
export const SHORT_BODY = 1024;

const FIRST = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  tenant TEXT NOT NULL,
  moved_to TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE queues (
  q INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  is_paused INTEGER NOT NULL DEFAULT 0,
  had_jobs INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  ready INTEGER NOT NULL DEFAULT 0,
  scheduled INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 0,
  completed INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY,
  q INTEGER NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  stalls INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL,
  backoff TEXT,
  timeout_ms INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  body TEXT,
  dedupe_key TEXT,
  token TEXT,
  lease_ms INTEGER,
  lease_until INTEGER,
  started_at INTEGER,
  finished_at INTEGER,
  ended INTEGER,
  progress TEXT,
  result TEXT,
  error TEXT,
  dead_reason TEXT
) STRICT;
CREATE UNIQUE INDEX jobs_id ON jobs (q, id);
CREATE INDEX jobs_ready ON jobs (q, priority DESC, run_at)
  WHERE state = 'ready';
CREATE INDEX jobs_scheduled ON jobs (q, run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_active ON jobs (q, lease_until) WHERE state = 'active';
CREATE INDEX jobs_ended ON jobs (q, state, ended) WHERE ended IS NOT NULL;

CREATE TABLE bodies (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TRIGGER bodies_end AFTER DELETE ON jobs WHEN old.body IS NULL
BEGIN DELETE FROM bodies WHERE seq = old.seq; END;

CREATE TABLE dedupes (
  q INTEGER NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  until INTEGER,
  PRIMARY KEY (q, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX dedupes_until ON dedupes (q, until) WHERE until IS NOT NULL;
`;

/** SQL of each step, in order. */
export const STEPS: readonly string[] = [FIRST];
