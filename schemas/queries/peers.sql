-- SPDX-License-Identifier: Apache-2.0
-- Who talked to whom: connections and bytes of each peer
-- from: advise_networkpolicy
SELECT workload, CASE egress WHEN 1 THEN 'to' ELSE 'from' END AS way,
  endpoint_addr AS peer, endpoint_port AS port, endpoint_proto AS protocol, error,
  sum(count) AS connections, sum(bytes_sent) AS sent, sum(bytes_received) AS received
FROM advise_networkpolicy GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY connections DESC, 1, 2, 3, 4, 5, 6
