// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/audit_socket.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "recorder/gadget/network_namespaces.h"

namespace ig {
namespace {

constexpr int kReceiveBytes = 8 << 20;  // of memory for records that wait
// Without it the losses since the machine started would be taken for this recording's.
constexpr std::chrono::milliseconds kFirstAnswer{200};

Result<> in_initial_network(const std::function<void()>& deed) {
  bool done = false;
  const auto try_here = [&] {
    if (!is_initial_network_namespace()) return;
    deed();
    done = true;
  };
  try_here();
  if (done) return {};
  for (const auto& network : other_network_namespaces()) {
    // Another one may be over by now, or not ours to enter.
    const auto entered = within_network_namespace(network, try_here);
    if (done) return entered;
  }
  return fail(ErrorCode::kUnsupported,
              "audit records are heard in the initial network namespace only, and none of the "
              "processes here is in it");
}

Result<UniqueFd> audit_socket(std::uint32_t group) {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT));
  if (!socket) return std::unexpected(system_error(errno, "open an audit socket"));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = group == 0 ? 0 : 1U << (group - 1);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  return std::unexpected(system_error(errno, "listen to audit records", "it needs CAP_AUDIT_READ"));
}

}  // namespace

Result<AuditSocket> AuditSocket::open() {
  AuditSocket audit;
  Result<UniqueFd> socket, control;
  IG_TRY(in_initial_network([&] {
    socket = audit_socket(AUDIT_NLGRP_READLOG);
    control = audit_socket(AUDIT_NLGRP_NONE);
  }));
  if (!socket) return std::unexpected(socket.error());
  audit.socket_ = *std::move(socket);
  if (control) audit.control_ = *std::move(control);
  ::setsockopt(audit.socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes,
               sizeof kReceiveBytes);
  audit.last_queue_losses_ = audit.queue_losses(kFirstAnswer);
  return audit;
}

bool AuditSocket::receive(int most, const OnRecord& on_record) {
  for (int i = 0; i < most; ++i) {
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const auto size = ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0,
                                 reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size < 0 && (errno == ENOBUFS || errno == EINTR)) continue;  // the drops are counted
    if (size < 0) return false;
    nlmsghdr header{};
    // Nobody but the kernel has the number 0.
    if (static_cast<std::size_t>(size) < sizeof header || sender.nl_pid != 0) continue;
    std::memcpy(&header, buffer_.data(), sizeof header);
    // One record a datagram. The length in the header is not the record's (the kernel keeps an old
    // mistake there for the audit daemon's sake).
    on_record(
        header.nlmsg_type,
        std::string_view(buffer_.data(), static_cast<std::size_t>(size)).substr(NLMSG_HDRLEN));
  }
  return true;
}

std::uint64_t AuditSocket::take_drops() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  std::uint64_t drops = 0;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0) {
    const auto now = memory[SK_MEMINFO_DROPS];
    drops += now - std::exchange(last_socket_drops_, now);
  }
  const auto losses = queue_losses(std::chrono::milliseconds(0));
  if (losses > last_queue_losses_) drops += losses - last_queue_losses_;
  last_queue_losses_ = losses;
  return drops;
}

// The answer comes from a thread of the kernel's: without waiting for it, what is read is that to
// an earlier question.
std::uint32_t AuditSocket::queue_losses(std::chrono::milliseconds wait) const {
  if (!control_) return 0;
  const nlmsghdr request{.nlmsg_len = sizeof(nlmsghdr),
                         .nlmsg_type = AUDIT_GET,
                         .nlmsg_flags = NLM_F_REQUEST,
                         .nlmsg_seq = 1,
                         .nlmsg_pid = 0};
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ::sendto(control_.get(), &request, sizeof request, 0, reinterpret_cast<sockaddr*>(&kernel),
           sizeof kernel);
  std::array<char, 4096> answer{};
  pollfd wanted{.fd = control_.get(), .events = POLLIN, .revents = 0};
  ::poll(&wanted, 1, static_cast<int>(wait.count()));
  const auto size = ::recv(control_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  nlmsghdr header{};
  audit_status status{};
  constexpr auto kLeast = NLMSG_HDRLEN + offsetof(audit_status, lost) + sizeof status.lost;
  if (size < static_cast<ssize_t>(kLeast)) return last_queue_losses_;
  std::memcpy(&header, answer.data(), sizeof header);
  std::memcpy(&status.lost, answer.data() + NLMSG_HDRLEN + offsetof(audit_status, lost),
              sizeof status.lost);
  return header.nlmsg_type == AUDIT_GET ? status.lost : last_queue_losses_;
}

}  // namespace ig
