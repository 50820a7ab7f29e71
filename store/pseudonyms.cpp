// SPDX-License-Identifier: Apache-2.0
#include "store/pseudonyms.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "store/known_words.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSeparators = "/.:@=,-";
constexpr std::size_t kWordLength = 8;
constexpr std::size_t kMostCached = 1 << 20;  // pseudonyms; the key makes them again
constexpr std::size_t kIdLength = 12;         // as the runtimes cut the ids of containers

using Digest = std::array<unsigned char, 32>;

Digest hmac(const Pseudonyms::Key& key, std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  IG_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
                &size) != nullptr &&
           size == digest.size());
  return digest;
}

// Letters that may begin a DNS label, a Kubernetes name and a file's name alike.
std::string spelled(const Digest& digest) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) number = number << 8 | digest[i];
  std::string text = "x";
  for (std::size_t i = 0; i < kWordLength; ++i, number /= kLetters.size()) {
    text += kLetters[number % kLetters.size()];
  }
  return text;
}

// Blocks that stay what they are, so that a private address is one afterwards; of `whole` ones
// every address stays.
struct Block {
  IpNetwork network;
  bool whole;
};

const std::vector<Block>& blocks() {
  static const std::vector<Block> list = [] {
    std::vector<Block> made;
    for (const char* text :
         {"10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4",
          "2000::/3", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"}) {
      made.push_back({*IpNetwork::parse(text), false});
    }
    for (const char* text : {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/24",
                             "255.255.255.255/32", "::/127", "ff02::/112"}) {
      made.push_back({*IpNetwork::parse(text), true});
    }
    return made;
  }();
  return list;
}

unsigned common_bits(const IpAddress& address, const IpNetwork& block) {
  unsigned bits = 0;
  while (bits < block.length() && IpNetwork(address, bits + 1).contains(block.address())) ++bits;
  return bits;
}

// Behind these bits no block begins or ends any more.
unsigned fixed_bits(const IpAddress& address) {
  unsigned fixed = 0;
  for (const auto& [network, whole] : blocks()) {
    if (network.is_v6() != address.is_v6()) continue;
    if (whole && network.contains(address)) return 128;
    fixed = std::max(fixed, std::min(common_bits(address, network) + 1, network.length()));
  }
  return fixed;
}

bool is_other(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7f || std::string_view("'\"\\`$;|&<>(){}").contains(c);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Of the pods of a StatefulSet the number that tells them apart: "db-0".
bool is_ordinal(std::string_view word, std::string_view before, std::string_view after) {
  return after.empty() && before.ends_with('-') && word.size() == 1 && is_number(word);
}

// Labels of the system: what they are called is known to everybody, and to advisors.
bool is_system_label(std::string_view key) {
  const auto domain = key.substr(0, key.find('/'));
  return domain.size() < key.size() &&
         (domain.ends_with("kubernetes.io") || domain.ends_with("k8s.io"));
}

using Replacement = std::function<std::string(std::string_view)>;

// What is nested deeper than anything of ours is left out.
Json with_texts(const Json& json, const Replacement& of_text, const Replacement& of_key,
                int depth = 0) {
  constexpr int kDeepest = 32;
  if (depth > kDeepest) return nullptr;
  if (json.is_string()) return of_text(json.get_ref<const std::string&>());
  if (json.is_array()) {
    auto list = Json::array();
    for (const auto& item : json) list.push_back(with_texts(item, of_text, of_key, depth + 1));
    return list;
  }
  if (!json.is_object()) return json;
  auto object = Json::object();
  for (const auto& [key, value] : json.items()) {
    object[of_key(key)] = with_texts(value, of_text, of_key, depth + 1);
  }
  return object;
}

// "" where it is no document.
std::string replaced_document(std::string_view text, const Replacement& of_text,
                              const Replacement& of_key) {
  if (!text.starts_with('{') && !text.starts_with('[')) return {};
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return {};
  return with_texts(json, of_text, of_key).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Each part between `separator`s on its own.
std::string by_parts(std::string_view text, char separator, const Replacement& of_part) {
  std::string out;
  for (const auto part : split(text, separator)) {
    if (part.data() != text.data()) out += separator;
    out += of_part(part);
  }
  return out;
}

}  // namespace

Pseudonyms::Key Pseudonyms::random_key() {
  Key key{};
  IG_CHECK(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
  return key;
}

std::string Pseudonyms::word(std::string_view text) {
  if (learning_) names_.emplace(text);
  if (words_.size() == kMostCached) words_.clear();
  auto [entry, is_new] = words_.try_emplace(std::string(text));
  if (is_new) entry->second = spelled(hmac(key_, "word " + entry->first));
  return entry->second;
}

std::string Pseudonyms::words(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const auto end = std::min(text.find_first_of(kSeparators, at), text.size());
    const auto one = text.substr(at, end - at);
    const bool stays =
        one.empty() || is_known_word(one) || is_ordinal(one, text.substr(0, at), text.substr(end));
    out += stays ? std::string(one) : word(one);
    if (end == text.size()) return out;
    out += text[end];
    at = end + 1;
  }
}

bool Pseudonyms::flips(const std::array<unsigned char, 16>& bytes, bool is_v6, unsigned bit) const {
  std::string prefix = is_v6 ? "v6 " : "v4 ";
  prefix += static_cast<char>(bit);
  prefix.append(reinterpret_cast<const char*>(bytes.data()), bit / 8);
  prefix += static_cast<char>(bytes[bit / 8] & (0xff00U >> (bit % 8)));
  return (hmac(key_, prefix)[0] & 1U) != 0;
}

// A bit is turned over or not by all the bits before it: addresses that share a prefix share one
// afterwards, and no two become one.
std::string Pseudonyms::address(const IpAddress& address) {
  const auto text = address.text();
  if (addresses_.size() == kMostCached) addresses_.clear();
  auto [entry, is_new] = addresses_.try_emplace(text);
  if (!is_new) return entry->second;
  std::array<unsigned char, 16> bytes{}, out{};
  ::inet_pton(address.is_v6() ? AF_INET6 : AF_INET, text.c_str(), bytes.data());
  out = bytes;
  for (unsigned bit = fixed_bits(address); bit < (address.is_v6() ? 128U : 32U); ++bit) {
    if (flips(bytes, address.is_v6(), bit))
      out[bit / 8] ^= static_cast<unsigned char>(0x80U >> (bit % 8));
  }
  return entry->second = IpAddress::of_bytes(out.data(), address.is_v6()).text();
}

std::string Pseudonyms::addresses(std::string_view text) {
  constexpr std::string_view kMapped = "::ffff:";
  if (text.find_first_of(".:") == text.npos) return {};
  std::string out;
  for (const auto part : split(text, ',')) {
    const auto slash = part.find('/');
    const auto network = IpNetwork::parse(part);
    if (!network) return {};
    if (!out.empty()) out += ',';
    const bool mapped = !network->is_v6() && part.starts_with(kMapped);
    if (mapped && slash != part.npos) return {};
    const auto pseudonym = address(*IpAddress::parse(part.substr(0, slash)));
    if (slash == part.npos) {
      out += mapped ? std::string(kMapped) + pseudonym : pseudonym;
    } else {
      out += IpNetwork(*IpAddress::parse(pseudonym), network->length()).text();
    }
  }
  return out;
}

std::string Pseudonyms::replaced(std::string_view text, Secret otherwise) {
  if (text.empty()) return {};
  if (auto address = addresses(text); !address.empty()) {
    return is_kept(Secret::kAddresses) ? std::string(text) : address;
  }
  if (std::ranges::any_of(text, is_other)) {
    return is_kept(Secret::kArguments) ? std::string(text) : word(text);
  }
  const bool kept = is_kept(text.starts_with('/') ? Secret::kPaths : otherwise);
  return kept ? std::string(text) : words(text);
}

std::string Pseudonyms::of_text(std::string_view text) { return replaced(text, Secret::kNames); }
std::string Pseudonyms::of_unknown(std::string_view text) {
  return replaced(text, Secret::kArguments);
}

std::string Pseudonyms::of_document(std::string_view text) {
  learning_ = true;
  const auto of_each = [this](std::string_view part) { return of_text(part); };
  const auto of_key = [this](std::string_view key) {
    return is_system_label(key) ? std::string(key) : of_text(key);
  };
  auto document = replaced_document(text, of_each, of_key);
  if (document.empty()) document = of_text(text);
  learning_ = false;
  return document;
}

std::string Pseudonyms::of_stack(std::string_view text) {
  if (text.empty() || is_kept(Secret::kNames)) return std::string(text);
  return by_parts(text, ';', [this](std::string_view frame) {
    const bool nameless = frame == "[exited]" || frame.starts_with("[0x");
    return nameless ? std::string(frame) : word(frame);
  });
}

std::string Pseudonyms::of_parameters(std::string_view text) {
  if (is_kept(Secret::kArguments)) return std::string(text);
  return by_parts(text, ' ', [this](std::string_view part) -> std::string {
    const auto equals = part.find('=');
    if (part.empty()) return {};
    if (equals == part.npos) return word(part);
    const auto key = part.substr(0, equals), value = part.substr(equals + 1);
    const bool plain = is_number(value) || value == "true" || value == "false" ||
                       key == "variant" || value.empty();
    const bool is_key = std::ranges::all_of(
        key, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    return (is_key ? std::string(key) : word(key)) + '=' +
           (plain ? std::string(value) : of_unknown(value));
  });
}

std::string Pseudonyms::sentence_word(std::string_view text) {
  constexpr std::string_view kMarks = "()[],;:.?!";  // what is quoted may be anything
  const auto begin = std::min(text.find_first_not_of(kMarks), text.size());
  const auto end = std::min(text.find_last_not_of(kMarks), text.size() - 1) + 1;
  if (begin >= end) return std::string(text);
  const auto core = text.substr(begin, end - begin);
  const bool plain = std::ranges::all_of(core, [](char c) {
    return c == '_' || c == '-' || c == '+' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
  if (is_number(core)) return std::string(text);
  const bool is_id = core.size() >= kIdLength && core.find_first_of("0123456789") != core.npos;
  bool is_name = !plain || is_id || names_.contains(core);
  for (const auto part : split(core, '-')) is_name = is_name || names_.contains(part);
  return std::string(text.substr(0, begin)) + (is_name ? of_text(core) : std::string(core)) +
         std::string(text.substr(end));
}

std::string Pseudonyms::of_prose(std::string_view text) {
  return by_parts(text, ' ', [this](std::string_view part) {
    return part.empty() ? std::string() : sentence_word(part);
  });
}

std::string Pseudonyms::of_prose_document(std::string_view text) {
  const auto of_each = [this](std::string_view part) { return of_prose(part); };
  auto document = replaced_document(text, of_each, of_each);
  return document.empty() ? of_prose(text) : document;
}

}  // namespace ig
