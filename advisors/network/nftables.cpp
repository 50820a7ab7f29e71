// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy as an nftables table, for workloads that no Kubernetes looks after.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "advisors/advice_text.h"
#include "advisors/network/network_policy.h"
#include "base/text.h"

namespace ig {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

// Traffic to oneself passes both chains on the interface lo, whichever end was recorded.
struct LoopbackPort {
  std::string protocol;
  std::uint16_t port = 0;
  auto operator<=>(const LoopbackPort&) const = default;
};
using LoopbackPorts = std::map<LoopbackPort, std::string>;  // → evidence

void collect_loopback(const std::vector<PolicyPeer>& peers, LoopbackPorts& ports) {
  for (const PolicyPeer& peer : peers) {
    if (!peer.address.is_loopback()) continue;
    for (const PolicyPort& port : peer.ports) {
      std::string& evidence = ports[{port.protocol, port.port}];
      if (!evidence.empty()) evidence += "; ";
      evidence += fmt::format("{}: {}", peer.address.text(), port.evidence());
    }
  }
}

bool has_v6_peer(const std::vector<PolicyPeer>& peers) {
  return std::ranges::any_of(peers, [](const PolicyPeer& peer) {
    return peer.address.is_v6() && !peer.address.is_loopback();
  });
}

class Table {
 public:
  Table(const NetworkPolicy& policy, const NftOptions& options)
      : policy_(policy), options_(options), name_("ig_" + policy.name) {
    std::ranges::replace(name_, '-', '_');
    has_v6_ = has_v6_peer(policy.egress) || has_v6_peer(policy.ingress);
    collect_loopback(policy.egress, loopback_);
    collect_loopback(policy.ingress, loopback_);
  }

  std::string text() {
    write_head();
    // Naming the table before deleting it makes loading the file again replace it, in one step.
    out_ += fmt::format("table inet {0}\ndelete table inet {0}\ntable inet {0} {{\n", name_);
    write_chain("input", "iif", "saddr", policy_.ingress);
    write_chain("output", "oif", "daddr", policy_.egress);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  void write_head() {
    out_ += fmt::format("# {}, {}\n", policy_.title, policy_.window);
    for (const std::string& caveat : policy_.caveats) out_ += "# caveat: " + caveat + "\n";
    for (const std::string& flow : policy_.left_out) out_ += "# no rule for " + flow + "\n";
    if (options_.cgroup.empty()) {
      out_ += "# load it inside the workload's network namespace: nsenter -t PID -n nft -f FILE\n";
    }
  }

  // The hook's chain; for a cgroup it only sends that cgroup's packets to a chain of their own,
  // since everybody else's pass there too.
  void write_chain(std::string_view hook, std::string_view interface, std::string_view address,
                   const std::vector<PolicyPeer>& peers) {
    if (peers.empty()) return;  // no evidence: the direction is left alone
    const bool shared = !options_.cgroup.empty();
    const bool drops = !shared && !options_.log_only;
    out_ += fmt::format("\tchain {0} {{\n\t\ttype filter hook {0} priority filter; policy {1};\n",
                        hook, drops ? "drop" : "accept");
    if (shared) {
      const auto level = split(options_.cgroup, '/').size();
      out_ += fmt::format("\t\tsocket cgroupv2 level {} \"{}\" jump workload_{}\n\t}}\n", level,
                          options_.cgroup, hook);
      out_ += fmt::format("\tchain workload_{} {{\n", hook);
    }
    out_ += "\t\tct state established,related accept\n";
    write_loopback(interface);
    write_peers(address, peers);
    if (options_.log_only) {
      out_ += fmt::format("\t\tlog prefix \"{} would drop {}: \"\n", name_.substr(0, 60), hook);
    } else if (shared) {
      out_ += "\t\tdrop\n";
    }
    out_ += "\t}\n";
  }

  void write_loopback(std::string_view interface) {
    for (const auto& [port, evidence] : loopback_) {
      out_ += fmt::format("\t\t{} lo {} dport {} accept  # {}\n", interface, lower(port.protocol),
                          port.port, evidence);
    }
  }

  void write_peers(std::string_view side, const std::vector<PolicyPeer>& peers) {
    if (has_v6_) {
      out_ +=
          "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, "
          "nd-router-advert } accept  # IPv6 finds its neighbours by these\n";
    }
    for (const PolicyPeer& peer : peers) {
      if (peer.address.is_loopback()) continue;
      for (const PolicyPort& port : peer.ports) {
        out_ += fmt::format("\t\t{} {} {} {} dport {} accept  # {}\n",
                            peer.address.is_v6() ? "ip6" : "ip", side, peer.address.text(),
                            lower(port.protocol), port.port, port.evidence());
      }
    }
  }

  const NetworkPolicy& policy_;
  const NftOptions& options_;
  std::string name_, out_;
  bool has_v6_ = false;  // whichever direction: neighbours are found by packets both ways
  LoopbackPorts loopback_;
};

}  // namespace

std::string to_nftables(const NetworkPolicy& policy, const NftOptions& options) {
  return Table(policy, options).text();
}

}  // namespace ig
