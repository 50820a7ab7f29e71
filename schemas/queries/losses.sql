-- SPDX-License-Identifier: Apache-2.0
-- What could not be recorded
-- from: every session
SELECT gadget, l.kind, coalesce(w.name, '') AS workload, sum(count) AS events, detail
FROM loss l LEFT JOIN workload w ON w.id = workload_id
GROUP BY 1, 2, 3, detail ORDER BY events DESC, 1, 2, 3, detail
