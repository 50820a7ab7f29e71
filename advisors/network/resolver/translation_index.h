// SPDX-License-Identifier: Apache-2.0
// TranslationIndex: what the recorded machine's connection tracking sent on, as flows ask it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/ip_address.h"
#include "store/session_reader.h"

namespace ig {

class TranslationIndex {
 public:
  struct Entry {
    std::optional<IpAddress> source;
    IpAddress backend;
    std::uint16_t port = 0;  // at the backend
    Validity seen;
  };

  TranslationIndex() = default;
  explicit TranslationIndex(std::span<const Translation> translations);

  // Whoever dialed it, whenever that was.
  std::span<const Entry> of(const IpAddress& dialed, std::uint16_t port,
                            const std::string& protocol) const;

 private:
  std::map<std::tuple<IpAddress, std::uint16_t, std::string>, std::vector<Entry>> entries_;
};

}  // namespace ig
