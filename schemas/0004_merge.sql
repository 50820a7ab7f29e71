-- SPDX-License-Identifier: Apache-2.0
-- Several recordings in one file: what `ig session merge` makes. Workloads and all that is not of
-- a workload say which recording they are of. Two machines may number their records alike and know
-- the same objects, so keys of these say it too. A table is made anew through a copy and not
-- renamed, which would change the views that name it.

CREATE TABLE session_before AS SELECT * FROM session;
DROP TABLE session;
-- A row for each recording: what was recorded, where, with what, and whether it ended in order. A
-- file as ig record wrote it has one.
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  complete INTEGER NOT NULL,         -- 1 once it was closed in order; 0 = running, killed or out of space
  end_reason TEXT NOT NULL,          -- duration, signal, command ended, disk full, size limit; '' while running
  started_ns INTEGER NOT NULL,       -- when the recording began
  ended_ns INTEGER NOT NULL,         -- when it was closed; 0 = never was
  clock_offset_ns INTEGER NOT NULL,  -- wall clock minus CLOCK_BOOTTIME, measured once: wall times here = boot time + this
  tool_version TEXT NOT NULL,        -- of ig
  host_name TEXT NOT NULL,           -- of the machine
  kernel_release TEXT NOT NULL,      -- as uname -r gives it
  architecture TEXT NOT NULL,        -- native syscall architecture: x86_64, aarch64
  command_line TEXT NOT NULL,        -- of the recorder
  boot_id TEXT NOT NULL,             -- /proc/sys/kernel/random/boot_id
  machine_id TEXT NOT NULL,          -- /etc/machine-id
  btf TEXT NOT NULL,                 -- where kernel types came from: vmlinux or none
  preset TEXT NOT NULL,              -- as given to ig record
  selectors TEXT NOT NULL,           -- as given to ig record; '' = the whole host
  backend TEXT NOT NULL,             -- bpf or ptrace
  merged_from TEXT NOT NULL DEFAULT ''  -- what the recording is called in a merged file: after its own file; '' = it is alone
);
INSERT INTO session (
  id, complete, end_reason, started_ns, ended_ns, clock_offset_ns, tool_version, host_name,
  kernel_release, architecture, command_line, boot_id, machine_id, btf, preset, selectors, backend)
SELECT * FROM session_before;
DROP TABLE session_before;

ALTER TABLE gadget_run ADD COLUMN session_id INTEGER NOT NULL DEFAULT 1;  -- session.id
ALTER TABLE workload ADD COLUMN session_id INTEGER NOT NULL DEFAULT 1;  -- session.id
ALTER TABLE loss ADD COLUMN session_id INTEGER NOT NULL DEFAULT 1;  -- session.id
ALTER TABLE enrichment ADD COLUMN session_id INTEGER NOT NULL DEFAULT 1;  -- session.id
ALTER TABLE inventory_source ADD COLUMN session_id INTEGER NOT NULL DEFAULT 1;  -- session.id

CREATE TABLE denied_syscall_before AS SELECT * FROM denied_syscall;
DROP TABLE denied_syscall;
CREATE TABLE denied_syscall (
  session_id INTEGER NOT NULL DEFAULT 1,  -- session.id
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
  PRIMARY KEY (session_id, time_ns, serial)
) WITHOUT ROWID;
INSERT INTO denied_syscall (
  time_ns, serial, enrichment_id, workload_id, matched_by, arch, syscall, code, pid, uid, comm,
  exe)
SELECT * FROM denied_syscall_before;
DROP TABLE denied_syscall_before;

CREATE TABLE inventory_before AS SELECT * FROM inventory;
DROP TABLE inventory;
CREATE TABLE inventory (
  session_id INTEGER NOT NULL DEFAULT 1,  -- session.id
  kind TEXT NOT NULL,              -- Pod, Service, EndpointSlice, Endpoints, Namespace, Node, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, ReplicationController
  kube_namespace TEXT NOT NULL,    -- '' = of the cluster
  name TEXT NOT NULL,              -- of the object
  uid TEXT NOT NULL,               -- never used again; '' = not known
  valid_from_ns INTEGER NOT NULL,  -- it was so from then
  valid_to_ns INTEGER NOT NULL,    -- to then; 9223372036854775807 = its end is not known
  seen_ns INTEGER NOT NULL,        -- when it was first seen so
  source_id INTEGER NOT NULL,      -- inventory_source.id: who told it
  labels TEXT NOT NULL,            -- JSON object of strings
  owner_kind TEXT NOT NULL,        -- of its controller; '' = it has none
  owner_name TEXT NOT NULL,        -- of its controller
  owner_uid TEXT NOT NULL,         -- of its controller
  addresses TEXT NOT NULL,         -- JSON array: of a pod, a node; of a service its own; of endpoints all of them
  containers TEXT NOT NULL,        -- JSON array of ids, of a pod: workload.container_id
  spec TEXT NOT NULL,              -- JSON object: what else is known, see above
  PRIMARY KEY (session_id, kind, kube_namespace, name, uid, valid_from_ns)
) WITHOUT ROWID;
INSERT INTO inventory (
  kind, kube_namespace, name, uid, valid_from_ns, valid_to_ns, seen_ns, source_id, labels,
  owner_kind, owner_name, owner_uid, addresses, containers, spec)
SELECT * FROM inventory_before;
DROP TABLE inventory_before;
