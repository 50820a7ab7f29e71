-- SPDX-License-Identifier: Apache-2.0
-- Names that were asked of DNS servers, and how often they were not found
-- from: trace_dns
SELECT workload, name, qtype AS type, sum(qr = 'Q') AS questions,
  sum(qr = 'R' AND rcode = 'NoError') AS answers, sum(qr = 'R' AND rcode <> 'NoError') AS failures
FROM trace_dns GROUP BY workload, name, type ORDER BY questions DESC, workload, name, type
