-- SPDX-License-Identifier: Apache-2.0
-- Files that were opened for writing
-- from: trace_open
SELECT workload, comm, fname AS file, count(*) AS times
FROM trace_open
WHERE error = '' AND (flags LIKE '%O_WRONLY%' OR flags LIKE '%O_RDWR%')
GROUP BY workload, comm, file ORDER BY times DESC, workload, comm, file
