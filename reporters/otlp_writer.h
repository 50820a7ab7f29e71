// SPDX-License-Identifier: Apache-2.0
// A session as OpenTelemetry's collector reads it: OTLP/JSON, one object a line, as the protocol's
// file exporter writes it. Each workload is a resource, each gadget a scope; events are log
// records, histograms and counters metrics. The protocol wants a file to hold one of the two.
//
// Rows are written some hundred a line, so a session may be larger than memory.
#pragma once

#include <cstdio>
#include <map>

#include "reporters/otlp_names.h"
#include "store/session_reader.h"

namespace ig {

class OtlpWriter {
 public:
  static Result<OtlpWriter> open(SessionReader& session);

  // Whether the table holds histograms or counters, which are metrics.
  static bool is_metrics(const EventSchema& schema);

  Result<> events(const EventSchema& schema, std::FILE* out);
  Result<> metrics(const EventSchema& schema, std::FILE* out);
  // Whatever could not be recorded, as warnings.
  Result<> losses(std::FILE* out);

 private:
  // Finished records by workload, and within it by what they are put into.
  using Batch = std::map<WorkloadId, std::map<std::size_t, otlp::Json>>;

  explicit OtlpWriter(SessionReader& session) : session_(session) {}
  const Workload* workload(WorkloadId id) const;
  otlp::Json scope(const std::string& name) const;
  otlp::Json line(const char* resources, const char* scopes, const char* records,
                  const std::string& scope_name, Batch& batch) const;

  SessionReader& session_;
  SessionInfo info_;
  std::map<WorkloadId, Workload> workloads_;
  std::int64_t end_ns_ = 0;
};

}  // namespace ig
