-- SPDX-License-Identifier: Apache-2.0
-- The objects of a cluster, or the containers of a machine, that say who an address is.

-- Who told of the inventory's objects, and what it could not see.
CREATE TABLE inventory_source (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,          -- kubernetes api, file, container runtime
  source TEXT NOT NULL,        -- URL of the API server; the file, as it was named; standard input; '' = this machine
  sha256 TEXT NOT NULL,        -- of the file; '' = it was none
  from_ns INTEGER NOT NULL,    -- since when it was watched; of a file when it was written
  to_ns INTEGER NOT NULL,      -- until when; the same where it was looked at once
  caveats TEXT NOT NULL,       -- JSON array of sentences: what it could not see
  tool_version TEXT NOT NULL,  -- of ig
  added_ns INTEGER NOT NULL    -- when it was added to this file
);

-- What objects were, and from when to when: a row for each object and each state of it. Addresses
-- and names are used again, so ask with a time: ? BETWEEN valid_from_ns AND valid_to_ns.
-- An object is there since its creationTimestamp, a pod that has addresses since its startTime. A
-- pod ends when all its containers have finished, else when it is gone; the older of two objects
-- ends when the younger has its name, or, of pods, its address. Since when an object is as it is, is
-- known where it was watched; else it is taken to have always been so. A container without
-- Kubernetes is a Pod without a namespace, with the container's name. What `spec` has (a member
-- that is empty, false or 0 is left out):
-- - Pod: node, hostNetwork, ports [{name, protocol, port}], probes [{kind, protocol, port}] where
--   kind is liveness, readiness, startup or metrics
-- - Service: type, selector {}, ports [{name, protocol, port, targetPort (number or name), nodePort}]
-- - EndpointSlice, Endpoints: service, subsets [{endpoints [{addresses, notReady, pod, podUid, node}]
--   and ports [{name, protocol, port}]}]
-- - Node: podCIDRs []
-- - what makes pods: templateLabels {}, selector {matchLabels {} and
--   matchExpressions [{key, operator, values}]}
CREATE TABLE inventory (
  kind TEXT NOT NULL,              -- Pod, Service, EndpointSlice, Endpoints, Namespace, Node, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, ReplicationController
  kube_namespace TEXT NOT NULL,    -- '' = of the cluster
  name TEXT NOT NULL,              -- of the object
  uid TEXT NOT NULL,               -- never used again; '' = not known
  valid_from_ns INTEGER NOT NULL,  -- it was so from then
  valid_to_ns INTEGER NOT NULL,    -- to then; 9223372036854775807 = its end is not known
  seen_ns INTEGER NOT NULL,        -- when it was first seen so
  source_id INTEGER NOT NULL,      -- inventory_source.id: who told it
  labels TEXT NOT NULL,            -- JSON object of strings
  owner_kind TEXT NOT NULL,        -- of its controller; '' = it has none
  owner_name TEXT NOT NULL,        -- of its controller
  owner_uid TEXT NOT NULL,         -- of its controller
  addresses TEXT NOT NULL,         -- JSON array: of a pod, a node; of a service its own; of endpoints all of them
  containers TEXT NOT NULL,        -- JSON array of ids, of a pod: workload.container_id
  spec TEXT NOT NULL,              -- JSON object: what else is known, see above
  PRIMARY KEY (kind, kube_namespace, name, uid, valid_from_ns)
) WITHOUT ROWID;
