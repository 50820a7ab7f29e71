-- SPDX-License-Identifier: Apache-2.0
-- System calls of each workload, the most frequent first
-- from: advise_seccomp
SELECT workload, syscall, sum(count) AS calls, group_concat(DISTINCT phase) AS phases
FROM advise_seccomp GROUP BY workload, syscall ORDER BY workload, calls DESC, syscall
