-- SPDX-License-Identifier: Apache-2.0
-- Programs that were started, how often, and how many of the starts failed
-- from: trace_exec
SELECT workload, file, count(*) AS starts, sum(error <> '') AS failed,
  min(timestamp) AS first
FROM trace_exec GROUP BY workload, file ORDER BY starts DESC, workload, file
