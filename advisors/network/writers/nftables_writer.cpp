// SPDX-License-Identifier: Apache-2.0
// A policy of blocks of addresses as an nftables table, for workloads that no Kubernetes looks
// after.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "advisors/advice_text.h"
#include "advisors/network/writers/policy_writer.h"
#include "base/text.h"

namespace ig {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

template <typename Function>
void each_port(const std::vector<PolicyRule>& rules, Function&& function) {
  for (const PolicyRule& rule : rules) {
    for (const PeerRule& peer : rule.peers) {
      if (!peer.block) continue;
      for (const PortRule& port : rule.ports) function(peer.block->network, rule, port);
    }
  }
}

std::string network_text(const IpNetwork& network) {
  return network.length() == (network.is_v6() ? 128U : 32U) ? network.address().text()
                                                            : network.text();
}

// What of a packet must be so: "tcp dport 80".
std::string port_match(const PortRule& port) {
  if (port.protocol == "ICMP") return "icmp type echo-request";
  if (port.protocol == "ICMPv6") return "icmpv6 type echo-request";
  const auto* number = std::get_if<std::uint16_t>(&port.port);
  return fmt::format("{} dport {}", lower(port.protocol), number ? *number : 0);
}

class Table {
 public:
  Table(const Policy& policy, const NftOptions& options)
      : policy_(policy), options_(options), name_("ig_" + policy.name) {
    std::ranges::replace(name_, '-', '_');
    for (const auto* rules : {&policy.egress, &policy.ingress}) {
      each_port(*rules, [&](const IpNetwork& network, const PolicyRule&, const PortRule& port) {
        if (!network.address().is_loopback()) {
          has_v6_ |= network.is_v6();
          return;
        }
        // Traffic to oneself passes both chains on the interface lo, whichever end was recorded.
        std::string& evidence = loopback_[port_match(port)];
        if (!evidence.empty()) evidence += "; ";
        evidence += fmt::format("{}: {}", network.address().text(), one_line(port.comment));
      });
    }
  }

  std::string text() {
    out_ += comment_lines(policy_.comments, "");
    if (options_.cgroup.empty()) {
      out_ += "# load it inside the workload's network namespace: nsenter -t PID -n nft -f FILE\n";
    }
    // Naming the table before deleting it makes loading the file again replace it, in one step.
    out_ += fmt::format("table inet {0}\ndelete table inet {0}\ntable inet {0} {{\n", name_);
    write_chain("input", "iif", "saddr", policy_.ingress);
    write_chain("output", "oif", "daddr", policy_.egress);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  // The hook's chain; for a cgroup it only sends that cgroup's packets to a chain of their own,
  // since everybody else's pass there too.
  void write_chain(std::string_view hook, std::string_view interface, std::string_view side,
                   const std::vector<PolicyRule>& rules) {
    if (rules.empty()) return;  // no evidence: the direction is left alone
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
    for (const auto& [match, evidence] : loopback_) {
      out_ += fmt::format("\t\t{} lo {} accept  # {}\n", interface, match, evidence);
    }
    write_rules(side, rules);
    if (options_.log_only) {
      out_ += fmt::format("\t\tlog prefix \"{} would drop {}: \"\n", name_.substr(0, 60), hook);
    } else if (shared) {
      out_ += "\t\tdrop\n";
    }
    out_ += "\t}\n";
  }

  void write_rules(std::string_view side, const std::vector<PolicyRule>& rules) {
    if (has_v6_) {
      out_ +=
          "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, "
          "nd-router-advert } accept  # IPv6 finds its neighbours by these\n";
    }
    each_port(rules, [&](const IpNetwork& network, const PolicyRule& rule, const PortRule& port) {
      if (network.address().is_loopback()) return;
      // A block of unseen needs says in its ports all that there is to say.
      const bool says_more = rule.block.empty() && !rule.comments.empty();
      const std::string who = says_more ? ", " + join(rule.comments, ", ") : "";
      out_ += fmt::format("\t\t{} {} {} {} accept{}\n", network.is_v6() ? "ip6" : "ip", side,
                          network_text(network), port_match(port), end_comment(port.comment + who));
    });
  }

  const Policy& policy_;
  const NftOptions& options_;
  std::string name_, out_;
  bool has_v6_ = false;  // whichever direction: neighbours are found by packets both ways
  std::map<std::string, std::string> loopback_;  // match → evidence
};

}  // namespace

std::string write_nftables(const Policy& policy, const NftOptions& options) {
  if (policy.ingress.empty() && policy.egress.empty()) return "";
  return Table(policy, options).text();
}

}  // namespace ig
