-- SPDX-License-Identifier: Apache-2.0
-- Peers to which TCP had to send again
-- from: trace_tcpretrans
SELECT workload, dst_addr AS peer, dst_port AS port, type, count(*) AS times, sum(bytes) AS bytes
FROM trace_tcpretrans GROUP BY 1, 2, 3, 4 ORDER BY times DESC, 1, 2, 3, 4
