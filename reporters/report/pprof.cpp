// SPDX-License-Identifier: Apache-2.0
// pprof's profile: a protocol buffer of a dozen fields, written by hand, and gzipped. Numbers of
// fields are those of profile.proto.
#include <zlib.h>

#include <algorithm>
#include <map>

#include "reporters/report/stack_formats.h"
#include "reporters/report/stack_walk.h"

namespace ig {
namespace {

using namespace report;

class Message {
 public:
  void number(unsigned field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  void bytes(unsigned field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
  }
  void packed(unsigned field, const std::vector<std::uint64_t>& values) {
    Message all;
    for (const auto value : values) all.varint(value);
    bytes(field, all.bytes_);
  }
  const std::string& text() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

class Profile {
 public:
  Profile() { string(""); }

  void add(const std::vector<std::string>& frames, std::uint64_t samples, std::uint64_t period) {
    std::vector<std::uint64_t> locations;  // the leaf first
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      locations.push_back(location(*frame));
    }
    Message sample;
    sample.packed(1, locations);
    sample.packed(2, {samples, samples * period});
    body_.bytes(2, sample.text());
  }

  std::string finish(const SessionInfo& info, std::uint64_t period) {
    Message profile;
    profile.bytes(1, value_type("samples", "count"));
    profile.bytes(1, value_type("cpu", "nanoseconds"));
    profile.number(9, static_cast<std::uint64_t>(info.started_ns));
    if (info.ended_ns > info.started_ns) {
      profile.number(10, static_cast<std::uint64_t>(info.ended_ns - info.started_ns));
    }
    profile.bytes(11, value_type("cpu", "nanoseconds"));
    profile.number(12, period);
    return profile.text() + body_.text();
  }

 private:
  std::uint64_t string(const std::string& text) {
    const auto [place, is_new] = strings_.try_emplace(text, strings_.size());
    if (is_new) body_.bytes(6, text);
    return place->second;
  }

  std::string value_type(const std::string& type, const std::string& unit) {
    Message message;
    message.number(1, string(type));
    message.number(2, string(unit));
    return message.text();
  }

  // A function and a location with the same number: there are no addresses.
  std::uint64_t location(const std::string& name) {
    const auto [place, is_new] = locations_.try_emplace(name, locations_.size() + 1);
    if (!is_new) return place->second;
    Message function, line, location;
    function.number(1, place->second);
    function.number(2, string(name));
    function.number(3, string(name));
    body_.bytes(5, function.text());
    line.number(1, place->second);
    location.number(1, place->second);
    location.bytes(4, line.text());
    body_.bytes(4, location.text());
    return place->second;
  }

  Message body_;
  std::map<std::string, std::uint64_t> strings_, locations_;
};

Result<std::string> gzip(std::string_view bytes) {
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return fail(ErrorCode::kFailed, "no memory to compress the profile");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return fail(ErrorCode::kFailed, "the profile cannot be compressed");
  return out;
}

}  // namespace

Result<std::string> pprof_profile(std::span<const Report> reports) {
  Profile profile;
  std::uint64_t period = 0;
  for (const auto& report : reports) {
    const auto* graph = flame_graph_of(report);
    if (graph == nullptr) continue;
    period = static_cast<std::uint64_t>(1e9 / std::max(graph->frequency, 1.0));
    each_stack(*graph, [&](const std::vector<std::string>& frames, std::uint64_t samples) {
      profile.add(frames, samples, period);
    });
  }
  return gzip(profile.finish(reports.front().info, period));
}

}  // namespace ig
