-- SPDX-License-Identifier: Apache-2.0
-- Why the kernel threw TCP packets away
-- from: trace_tcpdrop
SELECT reason, state, count(*) AS packets, min(timestamp) AS first, max(timestamp) AS last
FROM trace_tcpdrop GROUP BY reason, state ORDER BY packets DESC, reason, state
