// SPDX-License-Identifier: Apache-2.0
// The forms of a seccomp profile read back, each by what its own documentation says, so that a
// test can ask whether a call is allowed. They share nothing with the writers.
#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "tests/support/seccomp_meaning.h"

namespace ig::test {

using Allows = std::function<bool(const Call&)>;

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline std::vector<std::string> split_at(std::string text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; (at = text.find(separator)) != std::string::npos;) {
    parts.push_back(text.substr(0, at));
    text.erase(0, at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// What a command of the shell prints.
inline std::string output_of(const std::string& command) {
  std::string text;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get())) {
    text.append(part.data(), size);
  }
  return text;
}

[[noreturn]] inline void not_understood(const std::string& what) {
  throw std::runtime_error("not understood: " + what);
}

// The resource of the Security Profiles Operator.
inline SeccompProfile profile_of_spo(const std::string& text) {
  const auto documents = YAML::LoadAll(text);
  if (documents.size() != 1) not_understood("several documents");
  const YAML::Node root = documents[0];
  if (root.size() != 4 || root["kind"].as<std::string>() != "SeccompProfile" ||
      root["apiVersion"].as<std::string>() != "security-profiles-operator.x-k8s.io/v1beta1") {
    not_understood("kind");
  }
  const YAML::Node spec = root["spec"];
  SeccompProfile profile;
  profile.default_action.name = spec["defaultAction"].as<std::string>();
  for (const auto& arch : spec["architectures"]) {
    profile.architectures.push_back(arch.as<std::string>());
  }
  for (const auto& entry : spec["syscalls"]) {
    SeccompRule rule{.names = entry["names"].as<std::vector<std::string>>(),
                     .action = {.name = entry["action"].as<std::string>()}};
    for (const auto& argument : entry["args"]) {
      rule.arguments.push_back({.index = argument["index"].as<unsigned>(),
                                .value = argument["value"].as<std::uint64_t>(),
                                .value_two = argument["valueTwo"].as<std::uint64_t>(),
                                .op = argument["op"].as<std::string>()});
    }
    profile.rules.push_back(std::move(rule));
  }
  return profile;
}

// systemd.exec(5). A list that is empty, or that begins with ~, is one of denied calls.
class SystemdReader {
 public:
  SystemdReader(const std::string& text, std::set<std::string> always)
      : always_(std::move(always)) {
    bool in_service = false;
    for (const std::string& line : lines_of(text)) {
      if (line.empty() || line[0] == '#' || line[0] == ';') continue;
      if (line[0] == '[') {
        in_service = line == "[Service]";
        if (!in_service) not_understood(line);
        continue;
      }
      const auto equals = line.find('=');
      if (!in_service || equals == std::string::npos) not_understood(line);
      assign(line.substr(0, equals), line.substr(equals + 1));
    }
  }

  bool has_options() const { return !families_.empty() || namespaces_ || personality_ || wx_; }

  bool allows(const Call& call) const {
    static const std::map<std::string_view, std::string> archs = {{"x86_64", "x86-64"},
                                                                  {"i386", "x86"},
                                                                  {"x32", "x32"},
                                                                  {"aarch64", "arm64"},
                                                                  {"arm", "arm"}};
    if (!archs_.empty() && !archs_.contains(archs.at(call.arch->name))) return false;
    const bool listed = listed_.contains(call.name);
    const bool let_pass = allow_list_ ? listed || always_.contains(call.name) : !listed;
    return let_pass && options_allow(call);
  }

 private:
  void assign(const std::string& option, const std::string& value) {
    const std::vector<std::string> words = words_of(value);
    if (option == "SystemCallArchitectures") {
      archs_ = {words.begin(), words.end()};
    } else if (option == "SystemCallFilter") {
      add_to_filter(value);
    } else if (option == "RestrictAddressFamilies") {
      families_ = {words.begin(), words.end()};
    } else if (option == "RestrictNamespaces") {
      namespaces_.reset();
      if (!value.empty()) namespaces_.emplace();
      for (const std::string& word : words) {
        if (word != "yes") namespaces_->insert(word);
      }
    } else if (option == "LockPersonality") {
      personality_ = value == "yes";
    } else if (option == "MemoryDenyWriteExecute") {
      wx_ = value == "yes";
    } else if (option != "SystemCallErrorNumber" && option != "SystemCallLog") {
      not_understood(option);
    }
  }

  void add_to_filter(std::string value) {
    if (value.empty()) {
      listed_.clear();
      filter_begun_ = allow_list_ = false;
      return;
    }
    const bool inverted = value[0] == '~';
    if (inverted) value.erase(0, 1);
    if (!filter_begun_) allow_list_ = !inverted;
    filter_begun_ = true;
    for (const std::string& word : words_of(value)) {
      const std::string name = word.substr(0, word.find(':'));
      if (name != word && !inverted) not_understood(word);
      if (inverted != allow_list_) {
        listed_.insert(name);
      } else {
        listed_.erase(name);
        always_.erase(name);
      }
    }
  }

  bool options_allow(const Call& call) const {
    static const std::map<std::string, std::uint64_t> families = {
        {"AF_UNIX", 1}, {"AF_INET", 2}, {"AF_INET6", 10}, {"AF_NETLINK", 16}, {"AF_VSOCK", 40}};
    static const std::map<std::string, std::uint64_t> flags = {
        {"cgroup", 0x02000000}, {"ipc", 0x08000000},  {"net", 0x40000000}, {"mnt", 0x00020000},
        {"pid", 0x20000000},    {"user", 0x10000000}, {"uts", 0x04000000}};
    const auto& arguments = call.arguments;
    if (!families_.empty() && call.name == "socket" && call.arch->name != "i386") {
      const auto is = [&](const std::string& name) { return families.at(name) == arguments[0]; };
      if (std::ranges::none_of(families_, is)) return false;
    }
    if (personality_ && call.name == "personality" && arguments[0] != 0) return false;
    if (namespaces_ && (call.name == "clone" || call.name == "unshare" || call.name == "setns")) {
      const std::uint64_t given = arguments[call.name == "setns" ? 1 : 0];
      if (call.name == "setns" && (given == 0 || namespaces_->empty())) return false;
      for (const auto& [name, flag] : flags) {
        if ((given & flag) != 0 && !namespaces_->contains(name)) return false;
      }
    }
    if (!wx_) return true;
    if (call.name == "mmap" || call.name == "mmap2") {
      return (arguments[2] & 6) != 6 && (call.arch->name != "i386" || call.name == "mmap2");
    }
    if (call.name == "mprotect" || call.name == "pkey_mprotect") return (arguments[2] & 4) == 0;
    return call.name != "shmat" || (arguments[2] & 0100000) == 0;
  }

  std::set<std::string> always_, archs_, listed_, families_;
  std::optional<std::set<std::string>> namespaces_;
  bool filter_begun_ = false, allow_list_ = false, personality_ = false, wx_ = false;
};

// minijail0(5): a line for each call, a disjunction of conjunctions of "argN OP NUMBER".
class MinijailReader {
 public:
  MinijailReader(const std::string& text, std::string arch) : arch_(std::move(arch)) {
    for (const std::string& line : lines_of(text)) {
      if (line.ends_with('\\')) not_understood(line);
      if (line.empty() || line[0] == '#') continue;
      const auto colon = line.find(": ");
      if (colon == std::string::npos) not_understood(line);
      const std::string name = line.substr(0, colon);
      // An unknown or repeated name makes the whole file void.
      if (!number_of(arch_, name) || !lines_.emplace(name, line.substr(colon + 2)).second) {
        not_understood(line);
      }
    }
  }

  bool allows(const Call& call) const {
    const auto found = lines_.find(call.name);
    if (call.arch->name != arch_ || found == lines_.end()) return false;
    const std::string& line = found->second;
    if (line == "1") return true;
    if (line.starts_with("return ")) return false;
    for (const std::string& group : split_at(line.substr(0, line.find(';')), "||")) {
      const auto atoms = split_at(group, "&&");
      if (std::ranges::all_of(atoms, [&](const auto& atom) { return holds(atom, call); })) {
        return true;
      }
    }
    return false;
  }

 private:
  static bool holds(const std::string& atom, const Call& call) {
    const auto words = words_of(atom);
    if (words.size() != 3 || !words[0].starts_with("arg")) not_understood(atom);
    const std::uint64_t argument = call.arguments.at(std::stoul(words[0].substr(3)));
    const std::uint64_t number = std::stoull(words[2], nullptr, 0);
    if (words[1] == "==") return argument == number;
    if (words[1] == "!=") return argument != number;
    if (words[1] == "<") return argument < number;
    if (words[1] == "<=") return argument <= number;
    if (words[1] == ">") return argument > number;
    if (words[1] == ">=") return argument >= number;
    if (words[1] == "&") return (argument & number) != 0;
    if (words[1] == "in") return (argument & ~number) == 0;
    not_understood(atom);
  }

  std::string arch_;
  std::map<std::string, std::string> lines_;
};

// firejail-profile(5): the lines of a profile by their first word.
inline std::map<std::string, std::string> firejail_lines(const std::string& text) {
  std::map<std::string, std::string> lines;
  for (const std::string& line : lines_of(text)) {
    if (line.empty() || line[0] == '#') continue;
    const auto space = line.find(' ');
    if (!lines.emplace(line.substr(0, space), space == line.npos ? "" : line.substr(space + 1))
             .second) {
      not_understood(line);
    }
  }
  return lines;
}

class FirejailReader {
 public:
  FirejailReader(const std::string& text, std::string native) : native_(std::move(native)) {
    for (const auto& [key, value] : firejail_lines(text)) {
      if (key == "seccomp.keep") add(value, native_);
      if (key == "seccomp.32.keep") add(value, native_ == "x86_64" ? "i386" : "arm");
      if (key == "seccomp.block-secondary") blocks_personality_ = true;
      if (key == "seccomp-error-action") let_pass_ = value == "log";
    }
  }

  bool allows(const Call& call) const {
    const std::string_view compat = native_ == "x86_64" ? "i386" : "arm";
    if (call.arch->name == "x32") return let_pass_ && native_ == "x86_64";
    if (call.arch->name != native_ && call.arch->name != compat) return false;
    if (let_pass_) return true;
    if (blocks_personality_ && call.name == "personality" && call.arguments[0] != 0) return false;
    return kept_.contains({std::string(call.arch->name), call.number});
  }

 private:
  void add(const std::string& list, const std::string& arch) {
    auto items = split_at(list, ",");
    items.insert(items.end(), {"execve", "execveat", "prctl"});
    for (const std::string& item : items) {
      if (item.starts_with('$')) {
        kept_.emplace(arch, static_cast<std::uint32_t>(std::stoul(item.substr(1))));
        continue;
      }
      const auto number = number_of(arch, item);
      if (!number) not_understood(item);
      if (*number <= 440) kept_.emplace(arch, *number);
    }
  }

  std::string native_;
  std::set<std::pair<std::string, std::uint32_t>> kept_;
  bool blocks_personality_ = false, let_pass_ = false;
};

// libseccomp's pseudo filter code: blocks by indentation. Two architectures that the kernel gives
// one number (x86_64 and x32) are told apart by the comment above the block.
class PfcReader {
 public:
  explicit PfcReader(const std::string& text) {
    std::string arch;
    for (const std::string& line : lines_of(text)) {
      const auto begin = line.find_first_not_of(' ');
      if (begin == std::string::npos) continue;
      if (line.starts_with("# filter for arch ")) arch = words_of(line).at(4);
      if (line[begin] == '#') continue;
      Line parsed{.depth = begin / 2, .words = words_of(line.substr(begin))};
      if (parsed.words[0] == "if") parse_condition(parsed, arch);
      lines_.push_back(std::move(parsed));
    }
  }

  bool allows(const Call& call) const {
    std::size_t at = 0;
    const std::string action = run(at, 0, call);
    return action == "ALLOW;" || action == "LOG;";
  }

 private:
  struct Line {
    std::size_t depth = 0;
    std::vector<std::string> words = {};
    std::string arch = {}, left = {}, op = {};  // of an if
    std::uint64_t mask = ~std::uint64_t{0}, right = 0;
  };

  // if ($a0.lo32 & 0xffffffff == 2)
  static void parse_condition(Line& line, const std::string& arch) {
    const auto& words = line.words;
    const bool masked = words.at(2) == "&";
    line.left = words.at(1).substr(2);
    line.op = words.at(masked ? 4 : 2);
    if (masked) line.mask = std::stoull(words.at(3), nullptr, 0);
    line.right = std::stoull(words.at(masked ? 5 : 3), nullptr, 0);
    if (line.left == "arch") line.arch = arch == "x86" ? "i386" : arch;
  }

  // The action of the block at `depth` that begins at `at`, "" where it comes to none.
  std::string run(std::size_t& at, std::size_t depth, const Call& call) const {
    while (at < lines_.size() && lines_[at].depth == depth) {
      const Line& line = lines_[at++];
      if (line.words[0] == "action") return line.words[1];
      const bool taken = is_true(line, call);
      std::string action = branch(at, depth + 1, taken, call);
      if (action.empty() && at < lines_.size() && lines_[at].depth == depth &&
          lines_[at].words[0] == "else") {
        ++at;
        action = branch(at, depth + 1, !taken, call);
      }
      if (!action.empty()) return action;
    }
    return "";
  }

  std::string branch(std::size_t& at, std::size_t depth, bool taken, const Call& call) const {
    std::size_t end = at;
    while (end < lines_.size() && lines_[end].depth >= depth) ++end;
    std::string action;
    if (taken) action = run(at, depth, call);
    at = end;
    return action;
  }

  static bool is_true(const Line& line, const Call& call) {
    if (!line.arch.empty()) return line.arch == call.arch->name;
    std::uint64_t value = call.number;
    if (line.left != "syscall") {
      value = call.arguments.at(line.left.at(1) - '0');
      value = line.left.ends_with(".hi32") ? value >> 32 : value & 0xffffffff;
    }
    value &= line.mask;
    if (line.op == "==") return value == line.right;
    if (line.op == ">") return value > line.right;
    if (line.op == ">=") return value >= line.right;
    not_understood(line.op);
  }

  std::vector<Line> lines_;
};

}  // namespace ig::test
