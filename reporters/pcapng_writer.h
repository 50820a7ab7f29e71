// SPDX-License-Identifier: Apache-2.0
// The packets of a session as a pcap-ng file (draft-ietf-opsawg-pcapng), which Wireshark, tshark
// and tcpdump read. A workload is an interface, so that `frame.interface_name == "web"` chooses
// one; each packet has its process as a comment; what the recording lost is in the section's
// comment.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "store/session_reader.h"

namespace ig {

class PcapngWriter {
 public:
  // Writes the head of the file.
  static Result<PcapngWriter> open(SessionReader& session, std::FILE* out);

  // Whether the table holds packets: bytes called `payload`, beside the packet's size and time.
  static bool holds_packets(const EventSchema& schema);

  Result<> packets(const EventSchema& schema);

 private:
  PcapngWriter(SessionReader& session, std::FILE* out) : session_(session), out_(out) {}
  void write_head(const SessionInfo& info, const std::vector<Loss>& losses);
  // The number of the interface, which is made when it is first asked for.
  std::uint32_t interface_of(WorkloadId workload, std::uint16_t link_type);

  SessionReader& session_;
  std::FILE* out_;
  std::map<WorkloadId, Workload> workloads_;
  std::map<std::pair<WorkloadId, std::uint16_t>, std::uint32_t> interfaces_;
};

}  // namespace ig
