-- SPDX-License-Identifier: Apache-2.0
-- Files that could not be opened, with the reason
-- from: trace_open
SELECT workload, comm, fname AS file, error, count(*) AS times
FROM trace_open WHERE error <> ''
GROUP BY workload, comm, file, error ORDER BY times DESC, workload, comm, file, error
