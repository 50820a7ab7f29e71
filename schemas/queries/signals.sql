-- SPDX-License-Identifier: Apache-2.0
-- Signals that were sent, and to whom
-- from: trace_signal
SELECT workload, comm, sig AS signal, tcomm AS to_comm, tpid AS to_pid, error, count(*) AS times
FROM trace_signal GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY times DESC, 1, 2, 3, 4, 5, 6
