// SPDX-License-Identifier: Apache-2.0
// DnsMessage: what a recorder wants to know of a DNS message, read from bytes that somebody else's
// machine made up and that may have been cut when they were caught.
//
// Our own parser, not ldns: that one takes whole messages only, while of a long one we have the
// first part, and allocates for each record of it. What is needed here is the header, one question
// and the addresses among the answers; it is bounds-checked, never loops and is fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ig {

struct DnsMessage {
  std::uint16_t id = 0;
  bool is_response = false, is_cut = false, wants_recursion = false, has_recursion = false;
  std::uint16_t rcode = 0;         // with the upper bits of EDNS, where that was reached
  std::uint16_t answer_count = 0;  // as the header says
  std::uint16_t qtype = 0;         // of the first question; 0 = none
  std::string name;                // of the first question: "example.com."
  std::string addresses;           // A and AAAA of the answers, joined by commas

  // Reads as much as there is; false if not even the header is. Keeps its strings' memory.
  bool read(std::span<const std::byte> message);
};

}  // namespace ig
