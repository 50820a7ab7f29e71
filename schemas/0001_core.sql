-- SPDX-License-Identifier: Apache-2.0
-- The tables that every session file has. docs/session-schema.md is made from these comments.
-- All times are wall-clock nanoseconds since 1970 (UTC) unless the column says otherwise.
-- A released migration is never edited, not even its comments: what a file says of itself is
-- compared with this text when it is opened. A change is a further schemas/NNNN_*.sql.

-- One row: what was recorded, where, with what, and whether it ended in order.
CREATE TABLE session (
  id INTEGER PRIMARY KEY CHECK (id = 1),
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
  backend TEXT NOT NULL              -- bpf or ptrace
);

-- How each gadget ran.
CREATE TABLE gadget_run (
  id INTEGER PRIMARY KEY,
  gadget TEXT NOT NULL,        -- trace_open
  origin TEXT NOT NULL,        -- built-in, a path or an image
  backend TEXT NOT NULL,       -- bpf or ptrace
  variant TEXT NOT NULL,       -- the rung of its ladder that this kernel offers; '' = it has no ladder
  parameters TEXT NOT NULL,    -- key=value, separated by spaces
  ring_bytes INTEGER NOT NULL  -- size of its ring; 0 = it has none
);

-- The programs of a gadget: which the kernel took, and what stays empty without the others.
CREATE TABLE gadget_program (
  gadget_run_id INTEGER NOT NULL,  -- gadget_run.id
  position INTEGER NOT NULL,       -- order within the gadget
  name TEXT NOT NULL,              -- of the function
  section TEXT NOT NULL,           -- tp_btf/sys_enter
  attached INTEGER NOT NULL,       -- 1 = it ran
  reason TEXT NOT NULL,            -- why it was not attached
  leaves_empty TEXT NOT NULL,      -- columns that are empty without it, comma separated
  PRIMARY KEY (gadget_run_id, position)
) WITHOUT ROWID;

-- What the gadgets delivered: each row stands for a table <view>_rows and a view <view>, which are
-- made from `schema` and nothing else.
CREATE TABLE data_source (
  id INTEGER PRIMARY KEY,
  gadget TEXT NOT NULL,       -- trace_open
  name TEXT NOT NULL,         -- of the data source within the gadget: open
  view TEXT NOT NULL UNIQUE,  -- what to SELECT from
  schema TEXT NOT NULL        -- JSON: columns with types, meanings, descriptions; enums
);

-- Who did it: a container instance, a systemd unit, the recorded command, or the host. Every event
-- row has a workload_id. Kernel numbers are used again by the kernel; `id` is not.
CREATE TABLE workload (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                  -- host, unit, container, command
  name TEXT NOT NULL,                  -- container name or id, unit, command line, host
  runtime TEXT NOT NULL,               -- runc, crun, podman, containerd, docker; '' = not a container
  container_id TEXT NOT NULL,          -- as the runtime calls it
  image TEXT NOT NULL,                 -- of the container
  bundle TEXT NOT NULL,                -- folder of the OCI bundle
  no_new_privileges INTEGER NOT NULL,  -- 1 = its OCI config asks for it
  has_seccomp INTEGER NOT NULL,        -- 1 = it ran under a seccomp profile while recorded
  kube_namespace TEXT NOT NULL,        -- Kubernetes namespace
  pod TEXT NOT NULL,                   -- Kubernetes pod
  pod_uid TEXT NOT NULL,               -- Kubernetes UID of the pod
  container TEXT NOT NULL,             -- name of the container within the pod
  labels TEXT NOT NULL,                -- JSON object of strings
  cgroup_path TEXT NOT NULL,           -- below the cgroup2 root
  mntns_id INTEGER NOT NULL,           -- inode number of the mount namespace
  mntns_gen INTEGER NOT NULL,          -- never reused number of the mount namespace; 0 = unknown
  cgroup_id INTEGER NOT NULL,          -- inode number of the cgroup2 folder
  netns_id INTEGER NOT NULL,           -- inode number of the network namespace
  pid INTEGER NOT NULL,                -- of the first process that was seen
  first_seen_ns INTEGER NOT NULL,      -- wall clock
  last_seen_ns INTEGER NOT NULL,       -- wall clock
  partial INTEGER NOT NULL,            -- 1 = it ran before the recording, so its start was not seen
  exit_known INTEGER NOT NULL          -- 1 = its end was seen
);

-- Process identities, stored once and referred to by process_id of event rows. A process has a row
-- for each identity it had (exec changes comm, setuid the uid), and may have equal rows where it
-- was silent while very many others were not.
CREATE TABLE process (
  id INTEGER PRIMARY KEY,
  workload_id INTEGER NOT NULL,  -- workload.id
  pid INTEGER,                   -- thread group id, in the initial namespace
  start_time INTEGER,            -- as the kernel keeps it: ns since boot
  comm TEXT,                     -- of the thread that was seen
  uid INTEGER,                   -- real user id
  gid INTEGER,                   -- real group id
  parent_pid INTEGER,            -- thread group id of the parent
  parent_tid INTEGER,            -- thread id of the parent
  parent_comm TEXT,              -- of the parent
  mntns_id INTEGER,              -- inode number of the mount namespace
  mntns_gen INTEGER,             -- never reused number of the mount namespace
  cgroup_id INTEGER              -- inode number of the cgroup2 folder
);

-- Long texts (paths, arguments), stored once and referred to by event rows. Equal texts may have
-- several rows when they are rare.
CREATE TABLE path (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL  -- without the NUL; bytes as the kernel had them, so not always UTF-8
);

-- Whatever could not be recorded. An advisor refuses where its own gadget has rows with a count.
CREATE TABLE loss (
  id INTEGER PRIMARY KEY,
  gadget TEXT NOT NULL,          -- '' = all
  kind TEXT NOT NULL,            -- ring full, map full, skipped, malformed, not attached, unresolved, writer failed, backend limit
  workload_id INTEGER NOT NULL,  -- workload.id; 0 = any
  count INTEGER NOT NULL,        -- events; 0 = not countable
  from_ns INTEGER NOT NULL,      -- between these two readings
  to_ns INTEGER NOT NULL,        -- wall clock
  detail TEXT NOT NULL           -- what a person should know
);

-- Names of numbers, used by the views. `enum` is errno, signal, open_flags or protocol, or
-- <view>.<enum type> for a gadget's own.
CREATE TABLE enum_name (
  enum TEXT NOT NULL,
  value INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (enum, value)
) WITHOUT ROWID;

-- Names of system calls, for each architecture that was seen.
CREATE TABLE syscall_name (
  arch TEXT NOT NULL,       -- x86_64, i386, x32, aarch64, arm
  number INTEGER NOT NULL,  -- as the kernel counts; x32 with and without its bit
  name TEXT NOT NULL,       -- as libseccomp spells it
  PRIMARY KEY (arch, number)
) WITHOUT ROWID;
