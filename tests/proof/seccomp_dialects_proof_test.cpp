// SPDX-License-Identifier: Apache-2.0
// All forms of a profile allow the same calls. Profiles are made at random, written in each form,
// read back by readers that share nothing with the writers, and asked about every call of every
// architecture. A form may allow more where it says so of the call by name; less it never may, but
// on an architecture that it says it has not.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <random>
#include <regex>

#include "advisors/seccomp/seccomp_dialect.h"
#include "tests/support/need.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/seccomp_dialect_readers.h"

namespace ig::test {
namespace {

constexpr const char* kFseccomp = "/usr/lib/x86_64-linux-gnu/firejail/fseccomp";

// i386 has these calls twice: alone, and as operations of one that takes an argument. libseccomp
// writes rules for both, other writers for the named one.
bool is_multiplexer(const Call& call) {
  return call.arch->name == "i386" && (call.name == "socketcall" || call.name == "ipc");
}

// What systemd allows to every service; from the tool itself where it is here.
const std::set<std::string>& always_by_systemd() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all;
    for (const std::string& line :
         lines_of(output_of("systemd-analyze syscall-filter @default 2>/dev/null"))) {
      const auto words = words_of(line);
      if (words.size() == 1 && words[0][0] != '@') all.insert(words[0]);
    }
    return all;
  }();
  return names;
}

class RandomProfile {
 public:
  explicit RandomProfile(unsigned seed) : random_(seed) {
    arm_ = pick(8) == 0;
    profile_.architectures = {arm_ ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"};
    if (pick(3) == 0) profile_.architectures.push_back(arm_ ? "SCMP_ARCH_ARM" : "SCMP_ARCH_X86");
    if (!arm_ && pick(6) == 0) profile_.architectures.push_back("SCMP_ARCH_X32");
    choose_default();
    for (const Call& call : all_calls()) {
      if (call.arch->name == native() || (call.arch->name == "i386" && !arm_)) {
        names_.insert(call.name);
      }
    }
    SeccompRule allowed, denied;
    denied.action = {.name = "SCMP_ACT_ERRNO", .errno_ret = pick(4) == 0 ? 13U : 1U};
    const bool has_denied = pick(2) == 0 && profile_.default_action.name != "SCMP_ACT_LOG";
    for (const std::string& name : names_) sort_in(name, allowed, has_denied ? &denied : nullptr);
    for (const std::string& name : conditional_) add_conditions(name);
    allowed.names.emplace_back("no_such_call");
    profile_.rules.push_back(allowed);
    if (!denied.names.empty()) profile_.rules.push_back(denied);
  }

  const SeccompProfile& profile() const { return profile_; }
  std::string native() const { return arm_ ? "aarch64" : "x86_64"; }
  std::vector<Call> grid() const;

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  void choose_default() {
    static const std::vector<SeccompAction> actions = {{.name = "SCMP_ACT_ERRNO", .errno_ret = 1},
                                                       {.name = "SCMP_ACT_ERRNO", .errno_ret = 38},
                                                       {.name = "SCMP_ACT_ERRNO", .errno_ret = 38},
                                                       {.name = "SCMP_ACT_KILL_PROCESS"},
                                                       {.name = "SCMP_ACT_KILL"},
                                                       {.name = "SCMP_ACT_TRAP"},
                                                       {.name = "SCMP_ACT_LOG"}};
    profile_.default_action = actions[pick(static_cast<unsigned>(actions.size()))];
  }

  void sort_in(const std::string& name, SeccompRule& allowed, SeccompRule* denied) {
    static const std::set<std::string> limited = {
        "socket", "personality", "clone", "unshare", "setns", "mmap", "mprotect", "ioctl", "prctl"};
    if (limited.contains(name) && pick(4) != 0) {
      conditional_.insert(name);
    } else if (pick(4) == 0) {
      allowed.names.push_back(name);
    } else if (denied && pick(3) != 0) {
      denied->names.push_back(name);
    }
  }

  SeccompArgument compare(unsigned index, std::uint64_t value) {
    static const std::vector<std::string> others = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",
                                                    "SCMP_CMP_GE", "SCMP_CMP_GT"};
    if (pick(12) == 0) return {index, value, 0, others[pick(5)]};
    if (pick(4) == 0) return {index, value, 0, "SCMP_CMP_EQ"};
    return {index, 0xffffffff, value, "SCMP_CMP_MASKED_EQ"};
  }

  // One kind of condition for a call: libseccomp 2.5 weakens filters where 64-bit comparisons of
  // different kinds are merged into one call (GHSA-4q85-33p6-j5g6).
  void add_conditions(const std::string& name) {
    static const std::map<std::string, std::vector<std::uint64_t>> values = {
        {"socket", {1, 2, 10, 16, 40, 3000}},
        {"personality", {0, 0, 0, 8, 0xffffffff}},
        {"ioctl", {0x5401, 0x5413, 0x80045430, 0xc0206911}},
        {"prctl", {1, 4, 15, 38}}};
    const auto found = values.find(name);
    const unsigned index = name == "ioctl" || name == "setns"        ? 1
                           : found == values.end() && name[0] == 'm' ? 2
                                                                     : 0;
    const unsigned count = 1 + pick(3);
    std::set<std::uint64_t> used;
    for (unsigned i = 0; i < count; ++i) {
      SeccompRule rule{.names = {name}};
      if (found == values.end()) {
        rule.arguments.push_back(mask(name, index));
      } else {
        const std::uint64_t value =
            found->second[pick(static_cast<unsigned>(found->second.size()))];
        if (!used.insert(value).second) continue;
        rule.arguments.push_back(compare(index, value));
        if (name == "socket" && pick(3) == 0) {
          rule.arguments.push_back({1, 0xf, 1 + pick(3), "SCMP_CMP_MASKED_EQ"});
        }
      }
      profile_.rules.push_back(std::move(rule));
    }
  }

  SeccompArgument mask(const std::string& name, unsigned index) {
    if (name == "mmap") return {index, 6, pick(2) == 0 ? 0U : 2U, "SCMP_CMP_MASKED_EQ"};
    if (name == "mprotect") return {index, 4, pick(3) == 0 ? 4U : 0U, "SCMP_CMP_MASKED_EQ"};
    if (name == "setns") return {index, 0x7e020000, 0x20000, "SCMP_CMP_MASKED_EQ"};
    return {index, 0x7e020000, pick(2) == 0 ? 0U : 0x10000000U, "SCMP_CMP_MASKED_EQ"};
  }

  std::mt19937 random_;
  bool arm_ = false;
  SeccompProfile profile_;
  std::set<std::string> names_, conditional_;
};

// Each call with some arguments, and those with conditions at both sides of each value.
std::vector<Call> RandomProfile::grid() const {
  std::map<std::string, std::vector<std::array<std::uint64_t, 6>>> arguments;
  for (const SeccompRule& rule : profile_.rules) {
    if (rule.arguments.empty()) continue;
    auto& list = arguments[rule.names[0]];
    std::array<std::uint64_t, 6> base{};
    for (const SeccompArgument& argument : rule.arguments) {
      base[argument.index] =
          argument.op == "SCMP_CMP_MASKED_EQ" ? argument.value_two : argument.value;
    }
    list.push_back(base);
    for (const SeccompArgument& argument : rule.arguments) {
      for (const std::uint64_t other :
           {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{6}, base[argument.index] + 1,
            base[argument.index] - 1, base[argument.index] | 0x40, 0xffffffffUL,
            base[argument.index] | 0x7e020000, base[argument.index] | 0xffffffff00000000,
            base[argument.index] | 0x500000000}) {
        list.push_back(base);
        list.back()[argument.index] = other;
      }
    }
  }
  std::vector<Call> grid;
  for (const Call& call : all_calls()) {
    if (is_multiplexer(call)) continue;
    grid.push_back(call);
    grid.push_back(call);
    grid.back().arguments = {7, 0x12345678, 3, 0xffffffff, 9, 1};
    for (const auto& list : arguments[call.name]) {
      grid.push_back(call);
      grid.back().arguments = list;
    }
  }
  // Of calls with 32-bit arguments libseccomp compares no more.
  for (Call& call : grid) {
    if (call.arch->name == "x86_64" || call.arch->name == "aarch64") continue;
    for (std::uint64_t& argument : call.arguments) argument &= 0xffffffff;
  }
  return grid;
}

struct Written {
  std::string text;
  std::set<std::string> named;          // every word of the caveats
  std::set<std::string> without, open;  // architectures of which they say that no or all calls pass
};

Written write(const std::string& dialect, const RandomProfile& random) {
  const DialectContext context{.name = "web", .native_arch = random.native(), .header = {"web"}};
  const auto text = find_seccomp_dialect(dialect)->write(random.profile(), context);
  EXPECT_TRUE(text) << dialect << ": " << text.error().message;
  if (!text) return {};
  static const std::regex word("[a-z0-9_]+"),
      others("calls of ([a-z0-9_]+(?: and [a-z0-9_]+)*)( pass)?");
  Written written{.text = text->text, .named = {}, .without = {}, .open = {}};
  const auto add_words = [](const std::string& from, std::set<std::string>& words) {
    for (std::sregex_iterator at(from.begin(), from.end(), word), end; at != end; ++at) {
      words.insert(at->str());
    }
  };
  for (const std::string& caveat : text->caveats) {
    add_words(caveat, written.named);
    std::smatch found;
    if (std::regex_search(caveat, found, others)) {
      add_words(found[1], found[2].matched ? written.open : written.without);
    }
  }
  return written;
}

std::string text_of(const Call& call) {
  return fmt::format("{} {} ({:#x})", call.arch->name, call.name, fmt::join(call.arguments, ", "));
}

// Nothing less than the profile, and nothing more but for calls that a caveat names.
void compare(const RandomProfile& random, const Written& written, const Allows& allows,
             const std::function<bool(const Call&)>& skip = {}) {
  const Meaning meaning(random.profile(), random.native());
  std::size_t failures = 0;
  for (const Call& call : random.grid()) {
    if (skip && skip(call)) continue;
    const bool expected = meaning.allows(call), allowed = allows(call);
    if (expected == allowed) continue;
    const std::string arch(call.arch->name);
    const bool said = allowed ? written.named.contains(call.name) || written.open.contains(arch)
                              : written.without.contains(arch);
    if (said) continue;
    ADD_FAILURE() << (allowed ? "wider: " : "narrower: ") << text_of(call);
    if (++failures == 5) {
      ADD_FAILURE() << written.text << random.profile().to_json();
      return;
    }
  }
}

void for_each_profile(const std::function<void(const RandomProfile&)>& test) {
  for (unsigned seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    test(RandomProfile(seed));
  }
}

TEST(SeccompDialectProof, OciSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    const Written oci = write("oci", random);
    const auto profile =
        SeccompProfile::from_json(oci.text, {.capabilities = {}, .arch = random.native()});
    ASSERT_TRUE(profile) << profile.error().message;
    const Meaning read(*profile, random.native());
    compare(random, oci, [&](const Call& call) { return read.allows(call); });
  });
}

TEST(SeccompDialectProof, SpoSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    const Written spo = write("spo", random);
    const Meaning read(profile_of_spo(spo.text), random.native());
    compare(random, spo, [&](const Call& call) { return read.allows(call); });
  });
}

TEST(SeccompDialectProof, BpfSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    const Written bpf = write("bpf", random);
    const auto program = filter_of(bpf.text);
    compare(random, bpf,
            [&](const Call& call) { return permits_answer(run_filter(program, call)); });
  });
}

TEST(SeccompDialectProof, PfcSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    const Written pfc = write("pfc", random);
    const PfcReader read(pfc.text);
    compare(random, pfc, [&](const Call& call) { return read.allows(call); });
  });
}

// Its own options compare all 64 bits, of which the kernel uses 32 for these arguments.
TEST(SeccompDialectProof, SystemdSaysTheSame) {
  IG_NEED(!always_by_systemd().empty(), "systemd-analyze is not installed");
  std::map<std::string, unsigned> options;
  for_each_profile([&](const RandomProfile& random) {
    const Written systemd = write("systemd", random);
    for (const std::string& line : lines_of(systemd.text)) {
      if (!line.ends_with('=')) ++options[line.substr(0, line.find('='))];
    }
    const SystemdReader read(systemd.text, always_by_systemd());
    const auto is_large = [](std::uint64_t value) { return value > 0xffffffff; };
    compare(
        random, systemd, [&](const Call& call) { return read.allows(call); },
        [&](const Call& call) {
          return read.has_options() && std::ranges::any_of(call.arguments, is_large);
        });
  });
  for (const char* option : {"RestrictAddressFamilies", "RestrictNamespaces", "LockPersonality",
                             "MemoryDenyWriteExecute", "SystemCallLog"}) {
    EXPECT_GT(options[option], 2U) << option << " was hardly tried";
  }
}

TEST(SeccompDialectProof, MinijailSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    if (random.profile().default_action.name == "SCMP_ACT_LOG") return;  // it has no such default
    const Written minijail = write("minijail", random);
    const MinijailReader read(minijail.text, random.native());
    compare(random, minijail, [&](const Call& call) { return read.allows(call); });
  });
}

TEST(SeccompDialectProof, FirejailSaysTheSame) {
  for_each_profile([](const RandomProfile& random) {
    const Written firejail = write("firejail", random);
    const FirejailReader read(firejail.text, random.native());
    compare(random, firejail, [&](const Call& call) { return read.allows(call); });
  });
}

std::vector<sock_filter> by_fseccomp(const std::string& arguments, const std::string& action,
                                     const ScratchFolder& folder) {
  const std::string file = folder.path() / "filter", second = folder.path() / "second";
  std::string command = arguments;  // a list has a second file, for what must wait for the exec
  command.replace(command.find("FILES"), 5,
                  arguments.starts_with("keep") ? file + " " + second : file);
  const std::string said = output_of(
      fmt::format("FIREJAIL_SECCOMP_ERROR_ACTION={} {} {} 2>&1", action, kFseccomp, command));
  EXPECT_EQ(said, "") << command;
  std::ifstream in(file);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return filter_of(bytes.str());
}

// The lists as firejail itself compiles them, for the machine's own architecture.
TEST(SeccompDialectProof, FirejailsOwnCompilerSaysTheSame) {
  IG_NEED(::access(kFseccomp, X_OK) == 0, "firejail is not installed");
  const ScratchFolder folder;
  for_each_profile([&](const RandomProfile& random) {
    if (random.native() != "x86_64") return;
    const Written firejail = write("firejail", random);
    const auto lines = firejail_lines(firejail.text);
    std::vector<std::vector<sock_filter>> filters;
    for (const auto& [key, value] : lines) {
      std::string arguments;
      if (key == "seccomp.keep") arguments = "keep FILES '" + value + "'";
      if (key == "seccomp.32.keep") arguments = "keep32 FILES '" + value + "'";
      if (key == "seccomp.block-secondary") arguments = "secondary block FILES";
      if (arguments.empty()) continue;
      filters.push_back(by_fseccomp(arguments, lines.at("seccomp-error-action"), folder));
    }
    ASSERT_EQ(filters.size(), 2U) << firejail.text;
    const auto allows = [&](const Call& call) {
      return std::ranges::all_of(
          filters, [&](const auto& filter) { return permits_answer(run_filter(filter, call)); });
    };
    compare(random, firejail, allows, [](const Call& call) {
      return call.arch->name == "aarch64" || call.arch->name == "arm";
    });
  });
}

// The proof must be able to fail.
TEST(SeccompDialectProofItself, FindsACallThatIsTakenAwayOrAdded) {
  unsigned seed = 1;
  while (RandomProfile(seed).profile().default_action.name != "SCMP_ACT_ERRNO") ++seed;
  const RandomProfile random(seed);
  const Meaning meaning(random.profile(), random.native());
  const auto differences = [&](const SeccompProfile& other) {
    const Meaning read(other, random.native());
    return std::ranges::count_if(
        random.grid(), [&](const Call& call) { return meaning.allows(call) != read.allows(call); });
  };
  SeccompProfile more = random.profile(), less = more;
  more.rules.push_back({.names = {"no_such_call"}});
  EXPECT_EQ(differences(more), 0);
  more.rules.push_back({.names = {"kexec_load", "init_module", "bpf", "ptrace"}});
  EXPECT_GT(differences(more), 0);
  for (SeccompRule& rule : less.rules) {
    if (rule.arguments.empty() && permits_name(rule.action.name))
      rule.names.erase(rule.names.begin());
  }
  EXPECT_GT(differences(less), 0);
}

}  // namespace
}  // namespace ig::test
