// SPDX-License-Identifier: Apache-2.0
// Ends of traffic by name, for tests of policies: namespaces shop (team=a), ops (team=b) and
// default, with pods that are told apart by the label app.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "advisors/network/evaluator/policy_evaluator.h"
#include "advisors/network/readers/policy_reader.h"

namespace ig::test {

inline TrafficEnd pod_end(const std::string& place, const std::string& address,
                          const Labels& more = {}) {
  const auto slash = place.find('/');
  TrafficEnd end;
  end.kind = TrafficEnd::Kind::kPod;
  end.kube_namespace = place.substr(0, slash);
  const auto app = place.substr(slash + 1);
  end.pod = app + "-0";
  end.pod_uid = "uid-" + place;
  end.node = "node1";
  end.labels = more;
  end.labels["app"] = app;
  if (end.kube_namespace == "shop") end.namespace_labels = {{"team", "a"}};
  if (end.kube_namespace == "ops") end.namespace_labels = {{"team", "b"}};
  end.owner = {"Deployment", app, "owner-" + place};
  end.address = IpAddress::parse(address);
  end.ports = {{"http", "TCP", 8080}, {"dns", "UDP", 5353}};
  end.labels_known = end.namespace_known = end.ports_known = true;
  return end;
}

inline TrafficEnd end_of(TrafficEnd::Kind kind, const std::string& address) {
  TrafficEnd end;
  end.kind = kind;
  end.address = IpAddress::parse(address);
  if (kind == TrafficEnd::Kind::kUnknown) end.reason = "no inventory";
  return end;
}

// "web", "ops/prom", "node1", "node2", "198.51.100.7", "?10.9.9.9", "svc 10.96.0.1".
inline TrafficEnd named_end(const std::string& name) {
  if (name == "web") return pod_end("shop/web", "10.1.0.1", {{"tier", "front"}});
  if (name == "db") return pod_end("shop/db", "10.1.0.2", {{"tier", "back"}});
  if (name == "db6") return pod_end("shop/db", "fd00:1::2", {{"tier", "back"}});
  if (name == "cache") return pod_end("shop/cache", "10.1.0.3", {{"tier", "back"}});
  if (name == "ops/prom") return pod_end("ops/prom", "10.2.0.1");
  if (name == "default/client") return pod_end("default/client", "10.3.0.1");
  if (name == "node1" || name == "node2") {
    auto end = end_of(TrafficEnd::Kind::kHost, name == "node1" ? "192.168.0.1" : "192.168.0.2");
    end.node = name;
    return end;
  }
  if (name == "loopback") return end_of(TrafficEnd::Kind::kLoopback, "127.0.0.1");
  if (name.starts_with("?")) return end_of(TrafficEnd::Kind::kUnknown, name.substr(1));
  if (name.starts_with("svc ")) {
    auto end = end_of(TrafficEnd::Kind::kService, name.substr(4));
    end.service = "shop/db";
    return end;
  }
  EXPECT_TRUE(IpAddress::parse(name)) << name;
  return end_of(TrafficEnd::Kind::kOutside, name);
}

// "web > db TCP 5432", "web > 8.8.8.8 ICMP".
inline Traffic traffic_of(const std::string& text) {
  const auto arrow = text.find(" > ");
  auto rest = text.substr(arrow + 3);
  Traffic traffic;
  traffic.source = named_end(text.substr(0, arrow));
  const auto last = rest.rfind(' ');
  if (rest.find_first_not_of("0123456789", last + 1) == rest.npos) {
    traffic.port = static_cast<std::uint16_t>(std::stoi(rest.substr(last + 1)));
    rest.resize(last);
  }
  const auto blank = rest.rfind(' ');
  traffic.protocol = rest.substr(blank + 1);
  traffic.destination = named_end(rest.substr(0, blank));
  traffic.seen_at_source = traffic.seen_at_destination = true;
  traffic.count = 3;
  traffic.first_ns = 1'762'178'400'000'000'000;
  traffic.last_ns = 1'762'178'500'000'000'000;
  return traffic;
}

// "allowed", "denied", "undecided".
inline std::string word_of(const PolicyDecision& decision) {
  if (!decision.undecided_because.empty()) return "undecided";
  return decision.allowed ? "allowed" : "denied";
}

inline std::string word_of(const PolicyVerdict& verdict) {
  if (!verdict.allowed()) return "denied";
  const bool open =
      !verdict.egress.undecided_because.empty() || !verdict.ingress.undecided_because.empty();
  return open ? "undecided" : "allowed";
}

inline std::vector<Policy> policies_of(const std::string& text) {
  if (text.empty()) return {};
  auto policies = read_policies(text, "test.yaml");
  EXPECT_TRUE(policies) << policies.error().message << "\n" << text;
  return policies ? *policies : std::vector<Policy>{};
}

}  // namespace ig::test
