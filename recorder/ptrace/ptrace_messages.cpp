// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_messages.h"

#include "recorder/ptrace/ptrace_memory.h"

namespace ig {
namespace {

constexpr std::int64_t kMostMessages = 1024;  // UIO_MAXIOV: no call takes more

// struct msghdr begins with the address and its length, of which the length is 32 bits everywhere.
std::optional<Endpoint> read_message_peer(pid_t tid, std::uint64_t header, std::size_t word) {
  const auto name = read_tracee_word(tid, header, word);
  const auto size = read_tracee_value<std::uint32_t>(tid, header + word);
  return name == 0 ? std::nullopt : read_endpoint(tid, name, size);
}

// struct mmsghdr is a msghdr (7 words) and the length, padded to whole words.
std::vector<Datagram> read_many(pid_t tid, std::uint64_t headers, std::size_t word,
                                std::int64_t count) {
  std::vector<Datagram> datagrams;
  const auto size = word * 8;
  for (std::int64_t i = 0; i < std::min(count, kMostMessages); ++i) {
    const auto header = headers + static_cast<std::uint64_t>(i) * size;
    const auto bytes = read_tracee_value<std::uint32_t>(tid, header + word * 7);
    datagrams.push_back({read_message_peer(tid, header, word), bytes});
  }
  return datagrams;
}

// recvfrom(2) has the size of the address in memory.
std::optional<Endpoint> read_sender(pid_t tid, const SyscallEntry& entry) {
  if (entry.args[4] == 0 || entry.args[5] == 0) return std::nullopt;
  const auto size = read_tracee_value<std::uint32_t>(tid, entry.args[5]);
  return read_endpoint(tid, entry.args[4], size);
}

}  // namespace

bool is_sending(Call call) {
  return call == Call::kSend || call == Call::kSendMessage || call == Call::kSendMessages ||
         call == Call::kWrite;
}

bool is_receiving(Call call) {
  return call == Call::kReceive || call == Call::kReceiveMessage ||
         call == Call::kReceiveMessages || call == Call::kRead;
}

std::vector<Datagram> read_datagrams(const TracedThread& thread, std::int64_t result) {
  const auto& entry = thread.entry;
  const auto& args = entry.args;
  const auto bytes = static_cast<std::uint64_t>(result);
  switch (entry.call) {
    case Call::kSend: {
      const bool addressed = args[4] != 0 && args[5] != 0;
      return {{addressed ? read_endpoint(thread.tid, args[4], args[5]) : std::nullopt, bytes}};
    }
    case Call::kReceive:
      return {{read_sender(thread.tid, entry), bytes}};
    case Call::kSendMessage:
    case Call::kReceiveMessage:
      return {{read_message_peer(thread.tid, args[1], entry.word()), bytes}};
    case Call::kSendMessages:
    case Call::kReceiveMessages:
      return read_many(thread.tid, args[1], entry.word(), result);
    default:
      return {{std::nullopt, bytes}};
  }
}

}  // namespace ig
