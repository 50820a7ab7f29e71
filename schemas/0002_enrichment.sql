-- SPDX-License-Identifier: Apache-2.0
-- What was added to a session after it was recorded (ig session enrich).

-- The files that calls were learned from.
CREATE TABLE enrichment (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,          -- audit log
  source TEXT NOT NULL,        -- the file, as it was named; standard input
  sha256 TEXT NOT NULL,        -- of all that was read
  lines INTEGER NOT NULL,      -- that were read
  records INTEGER NOT NULL,    -- about seccomp among them, each counted once
  tool_version TEXT NOT NULL,  -- of ig
  added_ns INTEGER NOT NULL    -- when
);

-- System calls that a seccomp filter denied or logged, from audit records: a row for each record.
-- Advisors take them for made, as those that were recorded.
CREATE TABLE denied_syscall (
  time_ns INTEGER NOT NULL,        -- of the record, to the millisecond
  serial INTEGER NOT NULL,         -- of the record: with the time it tells it from all others
  enrichment_id INTEGER NOT NULL,  -- enrichment.id
  workload_id INTEGER NOT NULL,    -- workload.id
  matched_by TEXT NOT NULL,        -- process: its number and the time say whose it was; name: somebody said so
  arch TEXT NOT NULL,              -- x86_64, i386, x32, aarch64, arm
  syscall INTEGER NOT NULL,        -- number, as in advise_seccomp
  code INTEGER NOT NULL,           -- what the filter answered: SECCOMP_RET_*
  pid INTEGER NOT NULL,            -- thread group id, in the initial namespace
  uid INTEGER NOT NULL,            -- real user id
  comm TEXT NOT NULL,              -- of the thread
  exe TEXT NOT NULL,               -- path of the program; '' = the record does not say it
  PRIMARY KEY (time_ns, serial)
) WITHOUT ROWID;
