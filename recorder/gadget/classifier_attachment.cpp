// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/classifier_attachment.h"

#include <fmt/format.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/log.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/gadget/network_namespaces.h"

namespace ig {
namespace {

// The last to be asked: it must not keep a packet from anybody else's filter.
constexpr std::uint32_t kLastPriority = 0xffff;

constexpr auto kBothPoints = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);

bpf_tc_hook hook_at(int interface, bpf_tc_attach_point point) {
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface, .attach_point = point);
  return hook;
}

// Whether anybody has a filter there. If that cannot be told, as if somebody had.
bool has_filters(int interface, std::uint32_t direction) {
  struct {
    nlmsghdr header;
    tcmsg filter;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETTFILTER;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.filter.tcm_ifindex = interface;
  request.filter.tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction);
  const UniqueFd route(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!route || ::send(route.get(), &request, sizeof request, 0) < 0) return true;
  alignas(nlmsghdr) std::array<char, 32 * 1024> answer{};
  const auto size = ::recv(route.get(), answer.data(), answer.size(), 0);
  nlmsghdr first{};
  if (size < static_cast<ssize_t>(sizeof first)) return true;
  std::memcpy(&first, answer.data(), sizeof first);
  return first.nlmsg_type != NLMSG_DONE;
}

// Of the namespace that the thread is in.
std::vector<int> interfaces_but_loopback() {
  constexpr std::string_view kLoopback = "lo";
  std::vector<int> interfaces;
  const Handle<struct if_nameindex, if_freenameindex> names(if_nameindex());
  if (!names) return interfaces;
  for (const auto* name = names.get(); name->if_index != 0; ++name) {
    if (name->if_name != kLoopback) interfaces.push_back(static_cast<int>(name->if_index));
  }
  return interfaces;
}

}  // namespace

Result<std::unique_ptr<ClassifierAttachment>> ClassifierAttachment::open(
    const std::string& interface) {
  const auto index = interface.empty() ? 0 : static_cast<int>(if_nametoindex(interface.c_str()));
  if (!interface.empty() && index == 0) {
    return fail(ErrorCode::kUsage, fmt::format("there is no interface '{}'", interface),
                "ip link lists them");
  }
  std::unique_ptr<ClassifierAttachment> attachment(new ClassifierAttachment(index));
  const auto own = open_network_namespace(getpid());
  attachment->own_inode_ = network_namespace_inode(own);
  return attachment;
}

ClassifierAttachment::~ClassifierAttachment() {
  for (const auto& [inode, network] : networks_) detach(network);
}

Result<> ClassifierAttachment::add(const bpf_program* program) {
  const std::string_view section = bpf_program__section_name(program);
  const bool is_ingress = section.starts_with("classifier/ingress/");
  if (!is_ingress && !section.starts_with("classifier/egress/")) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is neither classifier/ingress/… nor classifier/egress/…", section));
  }
  IG_ASSIGN(auto dispatcher, PacketDispatcher::open(program));
  IG_ASSIGN(const auto probe, dispatcher.load_for(own_inode_));  // does this kernel take it?
  classifiers_.push_back({is_ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS, std::move(dispatcher)});
  return {};
}

void ClassifierAttachment::follow(pid_t pid) {
  auto netns = open_network_namespace(pid);
  const auto inode = network_namespace_inode(netns);
  // Interfaces come later than the first process does: each round looks again.
  if (inode == 0 || !seen_.insert(inode).second) return;
  if ((inode == own_inode_) != (own_interface_ != 0)) return;
  auto& network = networks_[inode];
  if (!network.netns) network.netns = std::move(netns);
  attach_everywhere(inode, network);
}

void ClassifierAttachment::attach_everywhere(std::uint32_t inode, Network& network) {
  while (network.dispatchers.size() < classifiers_.size()) {
    auto loaded = classifiers_[network.dispatchers.size()].dispatcher.load_for(inode);
    if (!loaded) return log::debug("network namespace {}: {}", inode, loaded.error().message);
    network.dispatchers.push_back(std::move(*loaded));
  }
  const auto entered = within_network_namespace(network.netns, [&] {
    if (own_interface_ != 0) return attach(own_interface_, network);
    if (is_initial_network_namespace()) return;  // of the machine, if we are not in it ourselves
    const auto interfaces = interfaces_but_loopback();
    for (const int interface : interfaces) attach(interface, network);
  });
  if (!entered) log::debug("network namespace {}: {}", inode, entered.error().message);
}

void ClassifierAttachment::attach(int interface, Network& network) {
  auto [known, is_new] = network.interfaces.try_emplace(interface);
  auto& [has_our_qdisc, filters] = known->second;
  const LibbpfLog words;  // that a qdisc is there already is no news
  if (is_new) {
    auto qdisc = hook_at(interface, kBothPoints);
    const int err = bpf_tc_hook_create(&qdisc);
    has_our_qdisc = err == 0;
    if (err != 0 && err != -EEXIST) return tell_refusal(interface, err);
  }
  for (auto i = filters.size(); i < classifiers_.size(); ++i) {
    const auto hook = hook_at(interface, classifiers_[i].point);
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = network.dispatchers[i].get(),
                .priority = kLastPriority);
    if (const int err = bpf_tc_attach(&hook, &options); err != 0) {
      return tell_refusal(interface, err);
    }
    filters.push_back({classifiers_[i].point, options.handle});
  }
}

// Once: it is tried again every second, and the next interface will say the same.
void ClassifierAttachment::tell_refusal(int interface, int err) {
  if (std::exchange(told_refusal_, true)) return;
  log::warning("interface {} takes no classifier, so its packets are not seen: {}", interface,
               std::strerror(-err));
}

void ClassifierAttachment::forget_unseen() {
  std::erase_if(networks_, [this](const auto& entry) {
    if (seen_.contains(entry.first)) return false;
    detach(entry.second);
    return true;
  });
  seen_.clear();
}

void ClassifierAttachment::detach(const Network& network) {
  const auto entered = within_network_namespace(network.netns, [&] {
    const LibbpfLog words;  // the interface may be gone, and the filters with it
    for (const auto& [interface, put] : network.interfaces) {
      for (const auto& filter : put.filters) {
        const auto hook = hook_at(interface, filter.point);
        LIBBPF_OPTS(bpf_tc_opts, options, .handle = filter.handle, .priority = kLastPriority);
        bpf_tc_detach(&hook, &options);
      }
      // With it go the filters of others who came later.
      if (!put.has_our_qdisc || has_filters(interface, TC_H_MIN_INGRESS) ||
          has_filters(interface, TC_H_MIN_EGRESS)) {
        continue;
      }
      auto qdisc = hook_at(interface, kBothPoints);
      bpf_tc_hook_destroy(&qdisc);
    }
  });
  if (!entered) log::debug("{}", entered.error().message);
}

}  // namespace ig
