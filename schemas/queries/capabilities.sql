-- SPDX-License-Identifier: Apache-2.0
-- Capabilities that were asked for, and whether they were there
-- from: trace_capabilities_uses trace_capabilities
SELECT workload, cap AS capability, CASE capable WHEN 1 THEN 'granted' ELSE 'refused' END AS answer,
  comm, syscall, sum(count) AS times
FROM trace_capabilities_uses GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, times DESC, 4, 5
