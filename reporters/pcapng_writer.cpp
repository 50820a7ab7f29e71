// SPDX-License-Identifier: Apache-2.0
#include "reporters/pcapng_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "reporters/display_text.h"
#include "reporters/event_rows.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A, kInterface = 1, kPacket = 6;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kEthernet = 1;
constexpr std::size_t kMostText = 4000;  // of an option; its length has 16 bits

// A block in this machine's order of bytes, which its section header tells. Block and options are
// padded to 32 bits.
class Block {
 public:
  explicit Block(std::uint32_t type) {
    number(type);
    number(std::uint32_t{0});  // length: see finish()
  }

  template <typename Number>
  void number(Number value) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(value)>>(value);
    bytes_.append(bytes.data(), bytes.size());
  }

  void bytes(std::string_view bytes) {
    bytes_ += bytes;
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
  }

  void option(std::uint16_t code, std::string_view value) {
    number(code);
    number(static_cast<std::uint16_t>(value.size()));
    bytes(value);
  }

  // In UTF-8, as the format wants it; "" is no option.
  void text(std::uint16_t code, std::string_view text) {
    if (!text.empty()) option(code, printable(text.substr(0, kMostText)));
  }

  const std::string& finish() {
    number(std::uint32_t{0});  // end of the options
    const auto length = static_cast<std::uint32_t>(bytes_.size() + sizeof(std::uint32_t));
    number(length);
    std::ranges::copy(std::bit_cast<std::array<char, sizeof(length)>>(length),
                      bytes_.begin() + sizeof(std::uint32_t));
    return bytes_;
  }

 private:
  std::string bytes_;
};

// The columns that matter, by the names that gadgets of packets give them.
struct PacketColumns {
  int time = -1, payload = -1, size = -1;
  int type = -1, link_type = -1;  // optional
  int comm = -1, pid = -1;        // optional

  explicit PacketColumns(const EventSchema& schema) {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      const auto& column = schema.columns[i];
      const auto name = column.display_name();
      const auto index = static_cast<int>(i);
      if (column.meaning == Meaning::kTimestamp && time < 0) time = index;
      if (column.type == ColumnType::kBlob && name == "payload") payload = index;
      if (name == "packet_size") size = index;
      if (name == "pkt_type" || name == "packet_type") type = index;
      if (name == "link_type") link_type = index;
      if (column.process_part == ProcessPart::kComm && comm < 0) comm = index;
      if (column.process_part == ProcessPart::kPid && pid < 0) pid = index;
    }
  }
  bool complete() const { return time >= 0 && payload >= 0 && size >= 0; }
};

// A row as far as a packet is concerned; what a damaged file says may be anything.
struct Packet {
  std::span<const Value> row;
  const PacketColumns& at;

  const Value* cell(int column) const {
    return column < 0 ? nullptr : &row[static_cast<std::size_t>(column)];
  }
  std::int64_t number(int column, std::int64_t otherwise) const {
    const auto* value = cell(column);
    return value != nullptr && value->kind == Value::Kind::kInteger ? value->integer : otherwise;
  }
  std::string_view text(int column) const {
    const auto* value = cell(column);
    return value == nullptr ? std::string_view{} : value->text;
  }

  std::uint16_t link_type() const {
    return static_cast<std::uint16_t>(number(at.link_type, kEthernet));
  }
  std::string process() const {
    const auto comm = text(at.comm);
    const auto pid = number(at.pid, 0);
    return comm.empty() && pid == 0 ? "" : fmt::format("{} ({})", comm, pid);
  }
  // Direction and how it was received, as epb_flags has them.
  std::uint32_t flags() const {
    constexpr std::uint32_t kIn = 1, kOut = 2;
    constexpr std::array<std::uint32_t, 5> kOfType = {kIn | 1 << 2, kIn | 3 << 2, kIn | 2 << 2,
                                                      kIn | 4 << 2, kOut};
    const auto type = number(at.type, -1);
    return type >= 0 && type < 5 ? kOfType[static_cast<std::size_t>(type)] : 0;
  }
};

std::string packet_block(const Packet& packet, std::uint32_t interface) {
  constexpr std::uint16_t kFlags = 2;
  constexpr std::size_t kMostBytes = 1 << 20;
  const auto payload = packet.text(packet.at.payload).substr(0, kMostBytes);
  const auto captured = static_cast<std::uint32_t>(payload.size());
  const auto time =
      static_cast<std::uint64_t>(std::max<std::int64_t>(packet.number(packet.at.time, 0), 0));
  const auto size = std::clamp<std::int64_t>(packet.number(packet.at.size, 0), captured,
                                             std::numeric_limits<std::uint32_t>::max());
  Block block(kPacket);
  block.number(interface);
  block.number(static_cast<std::uint32_t>(time >> 32));
  block.number(static_cast<std::uint32_t>(time));
  block.number(captured);
  block.number(static_cast<std::uint32_t>(size));
  block.bytes(payload);
  block.text(kComment, packet.process());
  if (const auto flags = packet.flags(); flags != 0) {
    block.option(kFlags, {reinterpret_cast<const char*>(&flags), sizeof(flags)});
  }
  return block.finish();
}

std::string loss_text(const std::vector<Loss>& losses) {
  std::string text;
  for (const auto& loss : losses) {
    text += fmt::format("; lost by {}: {}", loss.gadget.empty() ? "all" : loss.gadget,
                        to_string(loss.kind));
    if (loss.count > 0) text += fmt::format(", {}", loss.count);
    if (!loss.detail.empty()) text += fmt::format(", {}", loss.detail);
  }
  return losses.empty() ? "; nothing was lost" : text;
}

}  // namespace

Result<PcapngWriter> PcapngWriter::open(SessionReader& session, std::FILE* out) {
  PcapngWriter writer(session, out);
  IG_ASSIGN(auto workloads, session.workloads({}));
  for (auto& workload : workloads) writer.workloads_[workload.id] = std::move(workload);
  IG_ASSIGN(const auto info, session.info());
  IG_ASSIGN(const auto losses, session.losses());
  writer.write_head(info, losses);
  return writer;
}

bool PcapngWriter::holds_packets(const EventSchema& schema) {
  return schema.kind == EventSchema::Kind::kTracer && PacketColumns(schema).complete();
}

Result<> PcapngWriter::packets(const EventSchema& schema) {
  const PacketColumns columns(schema);
  IG_TRY(each_event(session_, schema, [&](WorkloadId workload, std::span<const Value> row) {
    const Packet packet{row, columns};
    put(out_, packet_block(packet, interface_of(workload, packet.link_type())));
    return std::ferror(out_) == 0;
  }));
  return flush_output(out_);
}

void PcapngWriter::write_head(const SessionInfo& info, const std::vector<Loss>& losses) {
  constexpr std::uint16_t kHardware = 2, kSystem = 3, kProgram = 4;
  Block block(kSectionHeader);
  block.number(std::uint32_t{0x1A2B3C4D});  // by which a reader knows the order of bytes
  block.number(std::uint16_t{1});           // version 1.0
  block.number(std::uint16_t{0});
  block.number(std::int64_t{-1});  // length of the section: not said
  block.text(kHardware, info.architecture);
  block.text(kSystem, "Linux " + info.kernel_release);
  block.text(kProgram, "ig " + info.tool_version);
  block.text(kComment, "recorded on " + info.host_name + loss_text(losses));
  put(out_, block.finish());
}

std::uint32_t PcapngWriter::interface_of(WorkloadId id, std::uint16_t link_type) {
  constexpr std::uint16_t kName = 2, kDescription = 3, kResolution = 9;
  const auto number = static_cast<std::uint32_t>(interfaces_.size());
  const auto [found, is_new] = interfaces_.try_emplace({id, link_type}, number);
  if (!is_new) return found->second;
  Block block(kInterface);
  block.number(link_type);
  block.number(std::uint16_t{0});
  block.number(std::uint32_t{0});  // no limit to what is kept of a packet
  if (const auto workload = workloads_.find(id); workload != workloads_.end()) {
    block.text(kName, workload->second.name);
    block.text(kDescription, to_string(workload->second.kind));
  }
  block.option(kResolution, "\x09");  // nanoseconds
  put(out_, block.finish());
  return number;
}

}  // namespace ig
