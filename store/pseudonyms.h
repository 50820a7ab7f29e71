// SPDX-License-Identifier: Apache-2.0
// Pseudonyms: other words for those that a session recorded, from a random key that is kept
// nowhere. Equal words get equal pseudonyms wherever they stand, so that what belongs together
// still does: a pod and its address, a service and its DNS name, a process and the flows that it
// made.
//
// A text is taken for what it looks like, since a column of somebody else's gadget says little of
// what it holds: an address, a path, a name of several words ("web-7d4b.shop.svc"), or anything
// else, of which nothing is left. Names and paths are replaced word by word; words that every
// machine has (usr, lib, svc, kube-system) stay.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ip_address.h"

namespace ig {

// What may be left as it is.
enum class Secret { kArguments, kPaths, kAddresses, kNames };

class Pseudonyms {
 public:
  using Key = std::array<unsigned char, 32>;
  static Key random_key();

  explicit Pseudonyms(const Key& key, std::set<Secret> kept = {}) : key_(key), kept_(kept) {}

  std::string of_text(std::string_view text);
  // Of a gadget's text that may be anything: a single word need not be a name.
  std::string of_unknown(std::string_view text);
  // Texts in a JSON document, names of members included; else as of_text().
  std::string of_document(std::string_view text);
  // Frames with ';' between them.
  std::string of_stack(std::string_view text);
  // "key=value key=value": numbers stay.
  std::string of_parameters(std::string_view text);
  // Our own sentences stay, but for addresses, paths and names that of_document() was asked for.
  std::string of_prose(std::string_view text);
  std::string of_prose_document(std::string_view text);  // a JSON array of sentences

 private:
  enum class Look { kAddress, kPath, kName, kOther };

  bool is_kept(Secret secret) const { return kept_.contains(secret); }
  std::string word(std::string_view text);
  std::string words(std::string_view text);  // between separators
  std::string address(const IpAddress& address);
  // "" where it is none, or a list with something else in it.
  std::string addresses(std::string_view text);
  std::string replaced(std::string_view text, Secret otherwise);
  std::string sentence_word(std::string_view text);
  bool flips(const std::array<unsigned char, 16>& bytes, bool is_v6, unsigned bit) const;

  Key key_;
  std::set<Secret> kept_;
  std::unordered_map<std::string, std::string> words_;
  std::unordered_map<std::string, std::string> addresses_;
  std::set<std::string, std::less<>> names_;  // that of_document() replaced
  bool learning_ = false;
};

}  // namespace ig
