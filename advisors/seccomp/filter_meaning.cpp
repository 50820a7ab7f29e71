// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/filter_meaning.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace ig {
namespace {

using Node = DecisionDiagrams::Node;
using Half = DecisionDiagrams::Half;
using Relation = DecisionDiagrams::Relation;
using Word = std::variant<std::uint32_t, Half>;  // the accumulator: known, or a half of an argument

std::unexpected<Error> unsupported(std::string_view what) {
  return fail(ErrorCode::kUnsupported, "cannot read this filter: " + std::string(what));
}

class Reader {
 public:
  Reader(DecisionDiagrams& diagrams, std::span<const sock_filter> program, std::uint32_t audit_arch,
         std::uint32_t number)
      : diagrams_(diagrams), program_(program), audit_arch_(audit_arch), number_(number) {}

  // What comes of running on from `at`; jumps only go forward, so this ends.
  Result<Node> run(std::size_t at, Word word) {
    for (; at < program_.size(); ++at) {
      const sock_filter& code = program_[at];
      switch (code.code) {
        case BPF_RET | BPF_K:
          return diagrams_.leaf(code.k);
        case BPF_LD | BPF_W | BPF_ABS: {
          IG_ASSIGN(word, load(code.k));
          break;
        }
        case BPF_ALU | BPF_AND | BPF_K:
          if (auto* known = std::get_if<std::uint32_t>(&word)) *known &= code.k;
          if (auto* half = std::get_if<Half>(&word)) half->mask &= code.k;
          break;
        case BPF_JMP | BPF_JA:
          at += code.k;
          break;
        default: {
          IG_ASSIGN(const Relation relation, relation_of(code.code));
          if (const auto* half = std::get_if<Half>(&word)) return branch(at, *half, relation);
          at += holds(relation, std::get<std::uint32_t>(word), code.k) ? code.jt : code.jf;
        }
      }
    }
    return unsupported("it runs past its end");
  }

 private:
  Result<Word> load(std::uint32_t offset) const {
    constexpr std::uint32_t kArguments = offsetof(seccomp_data, args);
    if (offset == offsetof(seccomp_data, nr)) return number_;
    if (offset == offsetof(seccomp_data, arch)) return audit_arch_;
    if (offset < kArguments || offset >= sizeof(seccomp_data) || offset % 4 != 0) {
      return unsupported("it looks at what is no argument");
    }
    const std::uint32_t word = (offset - kArguments) / 4;
    return Half{.argument = word / 2, .upper = word % 2 == 1};  // little-endian
  }

  static Result<Relation> relation_of(std::uint16_t code) {
    switch (code) {
      case BPF_JMP | BPF_JEQ | BPF_K:
        return Relation::kEqual;
      case BPF_JMP | BPF_JGT | BPF_K:
        return Relation::kGreater;
      case BPF_JMP | BPF_JGE | BPF_K:
        return Relation::kGreaterOrEqual;
      case BPF_JMP | BPF_JSET | BPF_K:
        return Relation::kAnyBit;
      default:
        return unsupported("an instruction that libseccomp does not make");
    }
  }

  static bool holds(Relation relation, std::uint32_t word, std::uint32_t value) {
    switch (relation) {
      case Relation::kEqual:
        return word == value;
      case Relation::kGreater:
        return word > value;
      case Relation::kGreaterOrEqual:
        return word >= value;
      case Relation::kAnyBit:
        return (word & value) != 0;
    }
    return false;
  }

  Result<Node> branch(std::size_t at, Half half, Relation relation) {
    const auto key = std::pair(at, half);
    if (const auto found = branches_.find(key); found != branches_.end()) return found->second;
    const sock_filter& code = program_[at];
    IG_ASSIGN(const Node yes, run(at + 1 + code.jt, half));
    IG_ASSIGN(const Node no, run(at + 1 + code.jf, half));
    if (diagrams_.overflowed()) return unsupported("its rules on arguments are too many");
    return branches_[key] = diagrams_.choose(diagrams_.test(half, relation, code.k), yes, no);
  }

  DecisionDiagrams& diagrams_;
  std::span<const sock_filter> program_;
  std::uint32_t audit_arch_, number_;
  std::map<std::pair<std::size_t, Half>, Node> branches_;
};

}  // namespace

Result<Node> filter_meaning(DecisionDiagrams& diagrams, std::span<const sock_filter> program,
                            std::uint32_t audit_arch, std::uint32_t number) {
  // What the kernel does not take need not be read; it also bounds how deep run() calls itself.
  if (program.size() > BPF_MAXINSNS) {
    return fail(ErrorCode::kInvalid, "the filter would be larger than the kernel takes: " +
                                         std::to_string(program.size()) + " instructions");
  }
  IG_ASSIGN(const Node meaning, Reader(diagrams, program, audit_arch, number).run(0, 0U));
  if (diagrams.overflowed()) return unsupported("its rules on arguments are too many");
  return meaning;
}

}  // namespace ig
