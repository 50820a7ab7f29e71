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
  int a_from = -1;  // the word of an argument that A was loaded from, masked or not; -1 = none
  auto operator<=>(const State&) const = default;
};

// More states than any program that runtimes load ever reaches.
constexpr std::size_t kMostStates = 1 << 20;

std::unexpected<Error> refuse(std::string_view what) {
  return fail(ErrorCode::kInvalid, "not a seccomp filter: " + std::string(what));
}

constexpr std::uint32_t kArguments = offsetof(seccomp_data, args);

Result<Word> load(std::uint32_t offset, const FilteredCall& call) {
  if (offset % 4 != 0 || offset >= sizeof(seccomp_data)) return refuse("load outside of the data");
  if (offset == offsetof(seccomp_data, nr)) return call.number;
  if (offset == offsetof(seccomp_data, arch)) return call.audit_arch;
  if (offset >= kArguments) return call.arguments[(offset - kArguments) / 4];
  return Word();  // the instruction pointer
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
  Interpreter(std::span<const sock_filter> program, const FilteredCall& call)
      : program_(program), call_(call) {}

  Result<FilterReach> run() {
    open_.push_back({});
    while (!open_.empty()) {
      State state = open_.back();
      open_.pop_back();
      bool goes_on = true;
      while (goes_on) {
        if (state.at >= program_.size()) return refuse("it runs past its end");
        IG_ASSIGN(goes_on, step(state, program_[state.at++]));
      }
    }
    return reach_;
  }

 private:
  // Whether this way goes on; where it parts, the other one is put to the open ones.
  Result<bool> step(State& state, const sock_filter& code) {
    switch (BPF_CLASS(code.code)) {
      case BPF_LD:
      case BPF_LDX:
        return step_load(state, code);
      case BPF_ST:
      case BPF_STX:
        return step_store(state, code);
      case BPF_ALU:
        return step_compute(state, code);
      case BPF_JMP:
        return step_jump(state, code);
      case BPF_RET:
        return step_return(state, code);
      default:  // BPF_MISC
        if (BPF_MISCOP(code.code) == BPF_TAX) {
          state.x = state.a;
        } else {
          state.a = state.x;
          state.a_from = -1;
        }
        return true;
    }
  }

  Result<bool> step_compute(State& state, const sock_filter& code) {
    const bool by_constant = BPF_SRC(code.code) != BPF_X;
    IG_ASSIGN(state.a, compute(BPF_OP(code.code), state.a, by_constant ? Word(code.k) : state.x));
    if (BPF_OP(code.code) == BPF_AND && by_constant) {
      note_constant(state, code.k);
    } else {
      state.a_from = -1;
    }
    return true;
  }

  Result<bool> step_load(State& state, const sock_filter& code) {
    Word word;
    if (BPF_SIZE(code.code) != BPF_W) return refuse("load of less than a word");
    switch (BPF_MODE(code.code)) {
      case BPF_ABS: {
        IG_ASSIGN(word, load(code.k, call_));
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
    if (BPF_CLASS(code.code) == BPF_LD) {
      const bool argument = BPF_MODE(code.code) == BPF_ABS && code.k >= kArguments;
      state.a = word;
      state.a_from = argument ? static_cast<int>((code.k - kArguments) / 4) : -1;
    } else {
      state.x = word;
    }
    return true;
  }

  static Result<bool> step_store(State& state, const sock_filter& code) {
    if (code.k >= BPF_MEMWORDS) return refuse("memory out of range");
    state.memory[code.k] = BPF_CLASS(code.code) == BPF_ST ? state.a : state.x;
    return true;
  }

  Result<bool> step_jump(State& state, const sock_filter& code) {
    if (BPF_OP(code.code) == BPF_JA) {
      state.at += code.k;
      return true;
    }
    const bool by_constant = BPF_SRC(code.code) != BPF_X;
    const Word right = by_constant ? Word(code.k) : state.x;
    if (by_constant) note_constant(state, code.k);
    if (state.a && right) {
      IG_ASSIGN(const bool taken, compare(BPF_OP(code.code), *state.a, *right));
      state.at += taken ? code.jt : code.jf;
      return true;
    }
    // Ways part only here, and jumps go forward only: so this is where they can multiply.
    if (!seen_.insert(state).second) return false;
    if (seen_.size() > kMostStates) return refuse("too many ways through it");
    open_.push_back(state);
    open_.back().at += code.jt;
    state.at += code.jf;
    return true;
  }

  Result<bool> step_return(const State& state, const sock_filter& code) {
    const Word answer = BPF_RVAL(code.code) == BPF_A ? state.a : Word(code.k);
    if (!answer) return refuse("its answer is an argument");
    reach_.answers.insert(*answer);
    return false;
  }

  void note_constant(const State& state, std::uint32_t constant) {
    if (state.a_from >= 0 && !state.a)
      reach_.constants[static_cast<unsigned>(state.a_from)].insert(constant);
  }

  std::span<const sock_filter> program_;
  const FilteredCall& call_;
  std::vector<State> open_;
  std::set<State> seen_;
  FilterReach reach_;
};

}  // namespace

void FilteredCall::set_argument(unsigned index, std::uint64_t value) {
  arguments[2UZ * index] = static_cast<std::uint32_t>(value);
  arguments[2UZ * index + 1] = static_cast<std::uint32_t>(value >> 32);
}

Result<FilterReach> filter_reach(std::span<const sock_filter> program, const FilteredCall& call) {
  return Interpreter(program, call).run();
}

Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               const FilteredCall& call) {
  IG_ASSIGN(auto reach, filter_reach(program, call));
  return std::move(reach.answers);
}

Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               std::uint32_t audit_arch, std::uint32_t number) {
  return filter_answers(program, {.audit_arch = audit_arch, .number = number});
}

}  // namespace ig
