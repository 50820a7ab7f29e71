// SPDX-License-Identifier: Apache-2.0
#include "cli/selectors.h"

#include <fmt/format.h>

#include <charconv>

namespace ig {
namespace {

Result<std::int64_t> parse_pid(const std::string& text) {
  std::int64_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc{} || end != text.data() + text.size() || pid <= 0) {
    return fail(ErrorCode::kUsage, fmt::format("--pid: '{}' is not a process id", text),
                "write numbers with commas between them; --comm takes names and !");
  }
  return pid;
}

Result<> check_labels(const std::vector<std::string>& labels) {
  for (const auto& label : labels) {
    const auto equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::kUsage, fmt::format("--selector: '{}' is not a label", label),
                  "write it like app=web");
    }
  }
  return {};
}

}  // namespace

OptionGroup selector_options() {
  return {"Selectors (comma = or, ! before a name = not, * and ? match any characters)",
          {{"workload", "NAME", "container, unit or command, as reports call it"},
           {"container", "NAME", "name or id of a container"},
           {"pod", "NAME", "Kubernetes pod"},
           {"namespace", "NAME", "Kubernetes namespace"},
           {"selector", "KEY=VALUE", "label"},
           {"unit", "NAME", "systemd unit"},
           {"pid", "PID", "process, and what it starts"},
           {"comm", "NAME", "name of a process"},
           {"command", "", "the command after --"},
           {"host", "", "the host itself: what is in no container, unit or command"}}};
}

Result<Selector> parse_selector(const Arguments& arguments) {
  Selector selector;
  selector.workload = arguments.list("workload");
  selector.container = arguments.list("container");
  selector.pod = arguments.list("pod");
  selector.kube_namespace = arguments.list("namespace");
  selector.label = arguments.list("selector");
  selector.unit = arguments.list("unit");
  selector.comm = arguments.list("comm");
  selector.host = arguments.has("host");
  selector.command = arguments.has("command");
  IG_TRY(check_labels(selector.label));
  for (const auto& text : arguments.list("pid")) {
    IG_ASSIGN(const auto pid, parse_pid(text));
    selector.pid.push_back(pid);
  }
  return selector;
}

std::string selector_text(const Arguments& arguments) {
  std::string text;
  for (const auto& option : selector_options().options) {
    if (!arguments.has(option.name)) continue;
    text += fmt::format("{}--{}", text.empty() ? "" : " ", option.name);
    for (const auto& value : arguments.values(option.name)) text += fmt::format(" {}", value);
  }
  return text;
}

}  // namespace ig
