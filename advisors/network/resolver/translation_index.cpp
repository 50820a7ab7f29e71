// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/resolver/translation_index.h"

namespace ig {

TranslationIndex::TranslationIndex(std::span<const Translation> translations) {
  for (const Translation& one : translations) {
    const auto dialed = IpAddress::parse(one.dialed), backend = IpAddress::parse(one.backend);
    if (!dialed || !backend) continue;
    entries_[{*dialed, one.dialed_port, one.protocol}].push_back(
        {IpAddress::parse(one.source), *backend, one.backend_port, {one.first_ns, one.last_ns}});
  }
}

std::span<const TranslationIndex::Entry> TranslationIndex::of(const IpAddress& dialed,
                                                              std::uint16_t port,
                                                              const std::string& protocol) const {
  const auto found = entries_.find({dialed, port, protocol});
  return found == entries_.end() ? std::span<const Entry>() : found->second;
}

}  // namespace ig
