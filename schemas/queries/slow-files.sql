-- SPDX-License-Identifier: Apache-2.0
-- Operations on files that took long, the slowest first
-- from: trace_fsslower
SELECT timestamp, workload, comm, pid, op, file, size, delta_us
FROM trace_fsslower ORDER BY delta_us DESC, timestamp
