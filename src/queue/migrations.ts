/**
 * The schema of a queue, as steps that are only ever added to. The number of
 * steps that a file has taken is its `user_version`.
 *
 * @module
 */

const FIRST = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  project_uuid TEXT NOT NULL,
  node_id TEXT NOT NULL,
  build_id TEXT NOT NULL,
  seq INTEGER NOT NULL DEFAULT 0,
  lamport INTEGER NOT NULL DEFAULT 0,
  clock_epoch INTEGER NOT NULL DEFAULT 1,
  open_epoch INTEGER NOT NULL DEFAULT 0,
  allows_background INTEGER NOT NULL DEFAULT 1,
  claimed_seq INTEGER NOT NULL DEFAULT 0,
  live_rows INTEGER NOT NULL DEFAULT 0,
  live_bytes INTEGER NOT NULL DEFAULT 0,
  captured INTEGER NOT NULL DEFAULT 0,
  coalesced INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0,
  released INTEGER NOT NULL DEFAULT 0,
  skipped_ticks INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  dropped_pending INTEGER NOT NULL DEFAULT 0,
  dropped_since INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  class TEXT NOT NULL,
  lane TEXT NOT NULL,
  order_role TEXT NOT NULL,
  coalesce_key TEXT,
  coalesced_n INTEGER NOT NULL DEFAULT 0,
  dedupe_key TEXT,
  lamport INTEGER NOT NULL,
  clock_epoch INTEGER NOT NULL,
  occurred_at TEXT NOT NULL,
  captured_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  content_sha256 TEXT,
  body TEXT,
  consent_epoch INTEGER NOT NULL
) STRICT;
CREATE INDEX events_coalescing ON events (coalesce_key)
  WHERE coalesce_key IS NOT NULL;
CREATE INDEX events_dedupe ON events (dedupe_key)
  WHERE dedupe_key IS NOT NULL;

CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY REFERENCES events (seq) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL DEFAULT 1,
  has_body INTEGER NOT NULL DEFAULT 1,
  holds INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  reason_code TEXT,
  last_http INTEGER,
  error TEXT,
  first_at INTEGER,
  last_at INTEGER,
  batch_id TEXT
) STRICT;
CREATE INDEX deliveries_open ON deliveries (state, seq) WHERE is_open = 1;
CREATE INDEX deliveries_done ON deliveries (seq)
  WHERE is_open = 0 AND has_body = 1;
CREATE INDEX deliveries_lane ON deliveries (lane, seq) WHERE is_open = 1;

CREATE TABLE target (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  url TEXT,
  workspace TEXT,
  account TEXT,
  paused_reason TEXT,
  paused_detail TEXT,
  paused_at INTEGER,
  circuit TEXT NOT NULL DEFAULT 'closed',
  next_attempt_at INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  last_error_code TEXT,
  last_error TEXT,
  server_max_events INTEGER,
  server_max_bytes INTEGER,
  limits_at INTEGER,
  hint_events INTEGER,
  hint_bytes INTEGER,
  clean_batches INTEGER NOT NULL DEFAULT 0,
  last_pass_at INTEGER,
  last_success_at INTEGER,
  last_pass TEXT,
  acked_lamport INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO target (id) VALUES (1);

CREATE TABLE batches (
  batch_id TEXT PRIMARY KEY,
  lease_token INTEGER NOT NULL,
  seq_from INTEGER NOT NULL,
  seq_to INTEGER NOT NULL,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  url TEXT NOT NULL,
  workspace TEXT,
  account TEXT,
  sent_at INTEGER NOT NULL,
  outcome TEXT,
  http INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX batches_sent ON batches (sent_at);

CREATE TABLE quarantine (
  q_id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT,
  type TEXT NOT NULL,
  reason TEXT NOT NULL,
  field TEXT NOT NULL,
  rule TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  token INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  role TEXT NOT NULL
) STRICT;

CREATE TABLE consent (
  epoch INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  sealed_at INTEGER
) STRICT;

CREATE TABLE audit (
  a_id INTEGER PRIMARY KEY AUTOINCREMENT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  details TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
`;

/** SQL of each step, in order. */
export const MIGRATIONS: readonly string[] = [FIRST];
