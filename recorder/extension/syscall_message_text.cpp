// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_message_text.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_struct_text.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Printer = ArgumentPrinter;

const ConstantTable& constants(std::string_view name) { return *find_constants(name); }

// The elements of an array that was copied, with "..." where it has more of them.
template <typename T, typename AppendOne>
void append_array(std::string& text, const CapturedChunk& chunk, AppendOne append_one) {
  text += '[';
  std::size_t count = 0;
  for (std::size_t offset = 0; const auto element = chunk.read<T>(offset); offset += sizeof(T)) {
    if (count++ > 0) text += ", ";
    append_one(*element);
  }
  if (count < chunk.total) text += count > 0 ? ", ..." : "...";
  text += ']';
}

struct Vector {
  std::uint64_t base, length;
};

// `first`: the part with what the first vector points to.
void append_vectors(Printer& printer, const CapturedChunk& vectors, std::uint8_t first) {
  std::uint8_t part = first;
  append_array<Vector>(printer.text, vectors, [&](const Vector& vector) {
    printer.text += "{iov_base=";
    if (const auto* bytes = printer.chunk(0, part); bytes != nullptr) {
      append_quoted(printer.text, bytes->bytes, bytes->total > bytes->bytes.size());
    } else if (part > first && printer.call.finished && vector.length > 0) {
      printer.text += "\"\"";  // beyond what was read
    } else {
      printer.pointer(vector.base);
    }
    append(printer.text, ", iov_len={}}}", vector.length);
    ++part;
  });
}

struct PollFd {
  std::int32_t fd;
  std::uint16_t events, revents;
};

struct EpollEvent {
  std::uint32_t events;
  std::uint64_t data;
};

std::optional<EpollEvent> read_epoll_event(const CapturedChunk& chunk, std::size_t offset) {
  const auto events = chunk.read<std::uint32_t>(offset);
  const auto data = chunk.read<std::uint64_t>(offset + kEpollEventBytes - sizeof(std::uint64_t));
  if (!events || !data) return std::nullopt;
  return EpollEvent{*events, *data};
}

void append_epoll_event(std::string& text, const EpollEvent& event) {
  text += "{events=";
  append_flags(text, constants("epoll"), event.events);
  append(text, ", data={{u32={}, u64={}}}}}", static_cast<std::uint32_t>(event.data), event.data);
}

const ConstantTable* option_names(std::uint64_t level) {
  switch (static_cast<std::uint32_t>(level)) {
    case SOL_SOCKET:
      return find_constants("so");
    case IPPROTO_IP:
      return find_constants("so_ip");
    case IPPROTO_IPV6:
      return find_constants("so_ipv6");
    case IPPROTO_TCP:
      return find_constants("so_tcp");
    case 270 /* SOL_NETLINK */:
      return find_constants("so_netlink");
    default:
      return nullptr;
  }
}

bool is_option(const Printer& printer, std::uint64_t level, std::uint64_t option) {
  return printer.call.args[1] == level && printer.call.args[2] == option;
}

bool append_linger(std::string& text, const CapturedChunk& chunk) {
  struct Linger {
    std::int32_t on, seconds;
  };
  const auto linger = chunk.read<Linger>();
  if (linger) append(text, "{{l_onoff={}, l_linger={}}}", linger->on, linger->seconds);
  return linger.has_value();
}

}  // namespace

void print_ids(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr || printer.value == 0) return printer.pointer();
  append_array<std::uint32_t>(printer.text, *chunk,
                              [&](std::uint32_t id) { append(printer.text, "{}", id); });
}

void print_cpus(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr) return printer.pointer();
  printer.text += '[';
  bool first = true;
  for (std::size_t cpu = 0; cpu < chunk->bytes.size() * 8; ++cpu) {
    if ((static_cast<unsigned char>(chunk->bytes[cpu / 8]) >> cpu % 8 & 1) == 0) continue;
    if (!first) printer.text += ' ';
    first = false;
    append(printer.text, "{}", cpu);
  }
  printer.text += ']';
}

void print_sockaddr(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr || chunk->bytes.empty()) return printer.pointer();
  append_socket_address(printer.text, chunk->bytes);
}

// What the program had room for, and how much there was, where that is not the same.
void print_length(Printer& printer) {
  const auto* before = printer.chunk(0);
  const auto* after = printer.chunk(1);
  const auto room = before != nullptr ? before->read<std::int32_t>() : std::nullopt;
  const auto used = after != nullptr ? after->read<std::int32_t>() : std::nullopt;
  if (!room) return printer.pointer();
  if (used && *used != *room) {
    append(printer.text, "[{} => {}]", *room, *used);
  } else {
    append(printer.text, "[{}]", *room);
  }
}

void print_socket_option(Printer& printer) {
  if (const auto* names = option_names(printer.reference()); names != nullptr) {
    append_constant(printer.text, *names, static_cast<std::uint32_t>(printer.value));
  } else {
    append(printer.text, "{:#x}", printer.value);
  }
}

void print_option_value(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr) return printer.pointer();
  auto& text = printer.text;
  if (is_option(printer, SOL_SOCKET, SO_LINGER) && append_linger(text, *chunk)) return;
  if ((is_option(printer, SOL_SOCKET, 20) || is_option(printer, SOL_SOCKET, 21)) &&
      append_timeval(text, *chunk)) {
    return;
  }
  if (const auto number = chunk->read<std::int32_t>();
      number && chunk->bytes.size() == sizeof *number) {
    text += '[';
    if (is_option(printer, SOL_SOCKET, SO_ERROR) && *number > 0 &&
        strerrorname_np(*number) != nullptr) {
      text += strerrorname_np(*number);
    } else {
      append(text, "{}", *number);
    }
    text += ']';
    return;
  }
  append_quoted(text, chunk->bytes, chunk->total > chunk->bytes.size());
}

void print_iovec(Printer& printer) {
  const auto* vectors = printer.chunk(0, 0);
  if (vectors == nullptr || !printer.call.is_native()) return printer.pointer();
  append_vectors(printer, *vectors, 1);
}

void print_message(Printer& printer) {
  struct Message {
    std::uint64_t name;
    std::uint32_t name_size, padding;
    std::uint64_t vectors, count, control, control_size;
    std::uint32_t flags, padding2;
  };
  const auto* chunk = printer.chunk(0, 0);
  const auto message = chunk != nullptr ? chunk->read<Message>() : std::nullopt;
  if (!message || !printer.call.is_native()) return printer.pointer();
  auto& text = printer.text;
  text += "{msg_name=";
  if (const auto* name = printer.chunk(0, 1); name != nullptr) {
    append_socket_address(text, name->bytes);
  } else {
    append_address(text, message->name);
  }
  append(text, ", msg_namelen={}, msg_iov=", message->name_size);
  if (const auto* vectors = printer.chunk(0, 2); vectors != nullptr) {
    append_vectors(printer, *vectors, 4);
  } else {
    append_address(text, message->vectors);
  }
  append(text, ", msg_iovlen={}", message->count);
  if (const auto* control = printer.chunk(0, 3); control != nullptr) {
    text += ", msg_control=";
    append_quoted(text, control->bytes, control->total > control->bytes.size());
  }
  append(text, ", msg_controllen={}, msg_flags=", message->control_size);
  append_flags(text, constants("msg"), message->flags);
  text += '}';
}

void print_pollfds(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr) return printer.pointer();
  append_array<PollFd>(printer.text, *chunk, [&](const PollFd& one) {
    append(printer.text, "{{fd={}", one.fd);
    if (one.fd >= 0) {
      printer.text += ", events=";
      append_flags(printer.text, constants("poll"), one.events);
    }
    printer.text += '}';
  });
}

// How many are ready, and which.
void print_poll_result(Printer& printer) {
  auto& text = printer.text;
  append(text, "{}", static_cast<std::int64_t>(printer.value));
  if (printer.value == 0) text += " (Timeout)";
  const auto* chunk = printer.call.find(printer.signature.parameters.front().first_capture + 1);
  if (chunk == nullptr || printer.value == 0) return;
  std::string_view separator = " ([";
  for (std::size_t offset = 0; const auto one = chunk->read<PollFd>(offset);
       offset += sizeof(PollFd)) {
    if (one->revents == 0) continue;
    text += separator;
    append(text, "{{fd={}, revents=", one->fd);
    append_flags(text, constants("poll"), one->revents);
    text += '}';
    separator = ", ";
  }
  if (separator == ", ") text += "])";
}

void print_fd_set(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr || printer.value == 0) return printer.pointer();
  const auto most = std::min<std::uint64_t>(printer.reference(), chunk->bytes.size() * 8);
  printer.text += '[';
  bool first = true;
  for (std::size_t fd = 0; fd < most; ++fd) {
    if ((static_cast<unsigned char>(chunk->bytes[fd / 8]) >> fd % 8 & 1) == 0) continue;
    if (!first) printer.text += ' ';
    first = false;
    append(printer.text, "{}", fd);
  }
  printer.text += ']';
}

void print_select_result(Printer& printer) {
  append(printer.text, "{}", static_cast<std::int64_t>(printer.value));
  if (printer.value == 0) printer.text += " (Timeout)";
}

void print_epoll_event(Printer& printer) {
  constexpr std::uint64_t kDelete = 2;
  const auto* chunk = printer.chunk();
  const auto event = chunk != nullptr ? read_epoll_event(*chunk, 0) : std::nullopt;
  if (!event || printer.call.args[1] == kDelete) return printer.pointer();
  append_epoll_event(printer.text, *event);
}

void print_epoll_events(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (printer.call.succeeded() && printer.call.retval == 0) {
    printer.text += "[]";
    return;
  }
  if (chunk == nullptr) return printer.pointer();
  printer.text += '[';
  std::size_t count = 0;
  while (const auto event = read_epoll_event(*chunk, count * kEpollEventBytes)) {
    if (count++ > 0) printer.text += ", ";
    append_epoll_event(printer.text, *event);
  }
  if (count < chunk->total) printer.text += count > 0 ? ", ..." : "...";
  printer.text += ']';
}

bool append_file_lock(std::string& text, const CapturedChunk& chunk) {
  struct Lock {
    std::uint16_t type, whence;
    std::int64_t start, length;
    std::int32_t pid;
  };
  const auto lock = chunk.read<Lock>();
  if (!lock) return false;
  text += "{l_type=";
  append_constant(text, constants("lock_type"), lock->type);
  text += ", l_whence=";
  append_constant(text, constants("seek"), lock->whence);
  append(text, ", l_start={}, l_len={}}}", lock->start, lock->length);
  return true;
}

}  // namespace ig
