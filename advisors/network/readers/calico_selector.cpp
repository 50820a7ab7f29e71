// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/calico_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace ig {
namespace {

constexpr std::size_t kMostBytes = 16 << 10;
constexpr std::size_t kMostTerms = 256;  // && of || multiplies
constexpr int kMostDepth = 64;

using Terms = std::vector<CalicoTerm>;

bool is_key(unsigned char c) {
  return std::isalnum(c) || c == '_' || c == '.' || c == '/' || c == '-';
}

const char* opposite(std::string_view op) {
  constexpr std::pair<std::string_view, const char*> kOpposites[] = {
      {"In", "NotIn"},
      {"Exists", "DoesNotExist"},
      {"StartsWith", "NotStartsWith"},
      {"EndsWith", "NotEndsWith"},
      {"Contains", "NotContains"}};
  for (const auto& [positive, negative] : kOpposites) {
    if (op == positive) return negative;
    if (op == negative) return positive.data();
  }
  return "";
}

bool has_opposites(const LabelRequirement& one, const LabelRequirement& other) {
  return one.key == other.key && one.values == other.values && one.op == opposite(other.op);
}

// Recursive descent. "!" is carried down to the leaves, where && and || change places, so that
// each step returns terms and nothing has to be turned round later.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Terms> all() {
    if (rest_.size() > kMostBytes) return refuse("the selector is too long");
    skip_blanks();
    if (rest_.empty()) return Terms{{}};
    IG_ASSIGN(auto terms, any_of(false, 0));
    if (!rest_.empty()) return refuse(fmt::format("'{}' is left over", rest_.substr(0, 20)));
    return terms;
  }

 private:
  static std::unexpected<Error> refuse(std::string what) {
    return fail(ErrorCode::kInvalid, std::move(what));
  }

  void skip_blanks() {
    const auto first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == rest_.npos ? rest_.size() : first);
  }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    skip_blanks();
    return true;
  }

  static Result<Terms> combine(Terms left, const Terms& right, bool both) {
    if (!both) {
      left.insert(left.end(), right.begin(), right.end());
      if (left.size() > kMostTerms) return refuse("the selector has too many alternatives");
      return left;
    }
    Terms terms;
    for (const auto& one : left) {
      for (const auto& other : right) {
        if (add_both(terms, one, other) > kMostTerms) {
          return refuse("the selector has too many alternatives");
        }
      }
    }
    return terms;
  }

  // What contradicts itself never holds.
  static std::size_t add_both(Terms& terms, const CalicoTerm& one, const CalicoTerm& other) {
    CalicoTerm both = one;
    both.global |= other.global;
    for (const auto& requirement : other.requirements) {
      const auto clashes = [&](const auto& had) { return has_opposites(had, requirement); };
      if (std::ranges::any_of(both.requirements, clashes)) return terms.size();
      if (std::ranges::find(both.requirements, requirement) == both.requirements.end()) {
        both.requirements.push_back(requirement);
      }
    }
    terms.push_back(std::move(both));
    return terms.size();
  }

  Result<Terms> any_of(bool negated, int depth) {
    if (depth > kMostDepth) return refuse("the selector is too deep");
    IG_ASSIGN(auto terms, all_of(negated, depth));
    while (take("||")) {
      IG_ASSIGN(const auto more, all_of(negated, depth));
      IG_ASSIGN(terms, combine(std::move(terms), more, negated));
    }
    return terms;
  }

  Result<Terms> all_of(bool negated, int depth) {
    IG_ASSIGN(auto terms, operation(negated, depth));
    while (take("&&")) {
      IG_ASSIGN(const auto more, operation(negated, depth));
      IG_ASSIGN(terms, combine(std::move(terms), more, !negated));
    }
    return terms;
  }

  Result<Terms> operation(bool negated, int depth) {
    while (rest_.starts_with('!') && !rest_.starts_with("!=")) {
      take("!");
      negated = !negated;
    }
    if (take("(")) {
      IG_ASSIGN(auto terms, any_of(negated, depth + 1));
      if (!take(")")) return refuse("a ')' is missing");
      return terms;
    }
    if (take("all(")) return close_constant(negated ? Terms{} : Terms{{}});
    if (take("global(")) return global(negated);
    if (take("has(")) {
      IG_ASSIGN(auto name, key());
      if (!take(")")) return refuse("a ')' is missing behind has(");
      return leaf({std::move(name), "Exists", {}}, negated);
    }
    return comparison(negated);
  }

  Result<Terms> close_constant(Terms terms) {
    if (!take(")")) return refuse("a ')' is missing");
    return terms;
  }

  // Every pod has a namespace, so "not global" asks nothing of it.
  Result<Terms> global(bool negated) {
    Terms terms{{}};
    terms.front().global = !negated;
    return close_constant(std::move(terms));
  }

  static Terms leaf(LabelRequirement requirement, bool negated) {
    if (negated) requirement.op = opposite(requirement.op);
    Terms terms{{}};
    terms.front().requirements.push_back(std::move(requirement));
    return terms;
  }

  Result<Terms> comparison(bool negated) {
    IG_ASSIGN(auto name, key());
    if (take("==")) return compare(std::move(name), "In", negated);
    if (take("!=")) return compare(std::move(name), "In", !negated);
    if (take("contains")) return compare(std::move(name), "Contains", negated);
    if (take("starts")) {
      if (!take("with")) return refuse("'with' is missing behind 'starts'");
      return compare(std::move(name), "StartsWith", negated);
    }
    if (take("ends")) {
      if (!take("with")) return refuse("'with' is missing behind 'ends'");
      return compare(std::move(name), "EndsWith", negated);
    }
    const bool opposed = take("not");
    if (take("in")) return one_of(std::move(name), negated != opposed);
    return refuse(fmt::format("an operator is missing behind '{}'", name));
  }

  Result<Terms> compare(std::string name, const char* op, bool negated) {
    IG_ASSIGN(auto value, literal());
    return leaf({std::move(name), op, {std::move(value)}}, negated);
  }

  Result<Terms> one_of(std::string name, bool negated) {
    if (!take("{")) return refuse("a '{' is missing behind 'in'");
    std::vector<std::string> values;
    while (!rest_.starts_with('}')) {
      IG_ASSIGN(auto value, literal());
      values.push_back(std::move(value));
      if (!take(",")) break;
    }
    if (!take("}")) return refuse("a '}' is missing");
    std::ranges::sort(values);
    return leaf({std::move(name), "In", std::move(values)}, negated);
  }

  Result<std::string> key() {
    const auto end = std::ranges::find_if_not(rest_, is_key);
    std::string name(rest_.begin(), end);
    if (name.empty()) {
      return refuse(rest_.empty() ? "the selector ends too early"
                                  : fmt::format("'{}' is no label", rest_.substr(0, 20)));
    }
    rest_.remove_prefix(name.size());
    skip_blanks();
    return name;
  }

  Result<std::string> literal() {
    const char quote = rest_.empty() ? ' ' : rest_.front();
    if (quote != '\'' && quote != '"') return refuse("a value must be in quotes");
    const auto end = rest_.find(quote, 1);
    if (end == rest_.npos) return refuse("a quote is not closed");
    std::string value(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    skip_blanks();
    return value;
  }

  std::string_view rest_;
};

}  // namespace

Result<std::vector<CalicoTerm>> parse_calico_selector(std::string_view text) {
  return Parser(text).all();
}

}  // namespace ig
