// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/bpf_interpreter.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <optional>

namespace ig {
namespace {

using Word = std::optional<std::uint32_t>;  // nullopt: depends on an argument

struct State {
  std::size_t at = 0;
  Word a = 0, x = 0;
  std::array<Word, BPF_MEMWORDS> memory{};
  auto operator<=>(const State&) const = default;
};

// More states than any program that runtimes load ever reaches.
constexpr std::size_t kMostStates = 1 << 20;

std::unexpected<Error> refuse(std::string_view what) {
  return fail(ErrorCode::kInvalid, "not a seccomp filter: " + std::string(what));
}

Result<Word> load(std::uint32_t offset, std::uint32_t audit_arch, std::uint32_t number) {
  if (offset % 4 != 0 || offset >= sizeof(seccomp_data)) return refuse("load outside of the data");
  if (offset == offsetof(seccomp_data, nr)) return number;
  if (offset == offsetof(seccomp_data, arch)) return audit_arch;
  return Word();
}

Result<Word> compute(unsigned operation, Word left, Word right) {
  if (operation == BPF_NEG) return left ? Word(0U - *left) : Word();
  if (!left || !right) return Word();
  const std::uint32_t a = *left, b = *right;
  switch (operation) {
    case BPF_ADD:
      return Word(a + b);
    case BPF_SUB:
      return Word(a - b);
    case BPF_MUL:
      return Word(a * b);
    case BPF_DIV:
      return b == 0 ? Word(0) : Word(a / b);
    case BPF_OR:
      return Word(a | b);
    case BPF_AND:
      return Word(a & b);
    case BPF_XOR:
      return Word(a ^ b);
    case BPF_LSH:
      return Word(b < 32 ? a << b : 0);
    case BPF_RSH:
      return Word(b < 32 ? a >> b : 0);
    default:
      return refuse("unknown arithmetic");
  }
}

Result<bool> compare(unsigned operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case BPF_JEQ:
      return a == b;
    case BPF_JGT:
      return a > b;
    case BPF_JGE:
      return a >= b;
    case BPF_JSET:
      return (a & b) != 0;
    default:
      return refuse("unknown jump");
  }
}

class Interpreter {
 public:
  Interpreter(std::span<const sock_filter> program, std::uint32_t audit_arch, std::uint32_t number)
      : program_(program), audit_arch_(audit_arch), number_(number) {}

  Result<std::set<std::uint32_t>> run() {
    open_.push_back({});
    while (!open_.empty()) {
      const State state = open_.back();
      open_.pop_back();
      if (!seen_.insert(state).second) continue;
      if (seen_.size() > kMostStates) return refuse("too many ways through it");
      if (state.at >= program_.size()) return refuse("it runs past its end");
      IG_TRY(step(state, program_[state.at]));
    }
    return answers_;
  }

 private:
  Result<> step(State state, const sock_filter& code) {
    const unsigned from = BPF_SRC(code.code);
    ++state.at;
    switch (BPF_CLASS(code.code)) {
      case BPF_LD:
      case BPF_LDX:
        return step_load(state, code);
      case BPF_ST:
      case BPF_STX:
        return step_store(state, code);
      case BPF_ALU: {
        IG_ASSIGN(state.a,
                  compute(BPF_OP(code.code), state.a, from == BPF_X ? state.x : Word(code.k)));
        open_.push_back(state);
        return {};
      }
      case BPF_JMP:
        return step_jump(state, code);
      case BPF_RET:
        return step_return(state, code);
      default:  // BPF_MISC
        if (BPF_MISCOP(code.code) == BPF_TAX) {
          state.x = state.a;
        } else {
          state.a = state.x;
        }
        open_.push_back(state);
        return {};
    }
  }

  Result<> step_load(State state, const sock_filter& code) {
    Word word;
    if (BPF_SIZE(code.code) != BPF_W) return refuse("load of less than a word");
    switch (BPF_MODE(code.code)) {
      case BPF_ABS: {
        IG_ASSIGN(word, load(code.k, audit_arch_, number_));
        break;
      }
      case BPF_IMM:
        word = code.k;
        break;
      case BPF_LEN:
        word = static_cast<std::uint32_t>(sizeof(seccomp_data));
        break;
      case BPF_MEM:
        if (code.k >= BPF_MEMWORDS) return refuse("memory out of range");
        word = state.memory[code.k];
        break;
      default:
        return refuse("unknown load");
    }
    (BPF_CLASS(code.code) == BPF_LD ? state.a : state.x) = word;
    open_.push_back(state);
    return {};
  }

  Result<> step_store(State state, const sock_filter& code) {
    if (code.k >= BPF_MEMWORDS) return refuse("memory out of range");
    state.memory[code.k] = BPF_CLASS(code.code) == BPF_ST ? state.a : state.x;
    open_.push_back(state);
    return {};
  }

  Result<> step_jump(State state, const sock_filter& code) {
    const auto go = [&](std::size_t distance) {
      State next = state;
      next.at += distance;
      open_.push_back(next);
    };
    if (BPF_OP(code.code) == BPF_JA) {
      go(code.k);
      return {};
    }
    const Word right = BPF_SRC(code.code) == BPF_X ? state.x : Word(code.k);
    if (!state.a || !right) {
      go(code.jt);
      go(code.jf);
      return {};
    }
    IG_ASSIGN(const bool taken, compare(BPF_OP(code.code), *state.a, *right));
    go(taken ? code.jt : code.jf);
    return {};
  }

  Result<> step_return(const State& state, const sock_filter& code) {
    const Word answer = BPF_RVAL(code.code) == BPF_A ? state.a : Word(code.k);
    if (!answer) return refuse("its answer is an argument");
    answers_.insert(*answer);
    return {};
  }

  std::span<const sock_filter> program_;
  std::uint32_t audit_arch_, number_;
  std::vector<State> open_;
  std::set<State> seen_;
  std::set<std::uint32_t> answers_;
};

}  // namespace

Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               std::uint32_t audit_arch, std::uint32_t number) {
  return Interpreter(program, audit_arch, number).run();
}

}  // namespace ig
