// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>

#include "base/check.h"
#include "base/text.h"

namespace ig {
namespace {

namespace po = boost::program_options;

constexpr auto kOperands = "operands";

po::options_description boost_options(const Syntax& syntax) {
  po::options_description description;
  for (const auto& group : syntax.groups) {
    for (const auto& option : group.options) {
      const auto name =
          option.letter == 0 ? option.name : fmt::format("{},{}", option.name, option.letter);
      if (option.value_name.empty()) {
        description.add_options()(name.c_str(), "");
      } else {
        description.add_options()(name.c_str(), po::value<std::vector<std::string>>(), "");
      }
    }
  }
  description.add_options()(kOperands, po::value<std::vector<std::string>>(), "");
  return description;
}

Error unknown_option(const Syntax& syntax, const std::string& written) {
  std::vector<std::string_view> names;
  for (const auto& group : syntax.groups) {
    for (const auto& option : group.options) names.push_back(option.name);
  }
  const auto plain = written.substr(std::min(written.find_first_not_of('-'), written.size()));
  const auto near = nearest_name(plain, names);
  return {ErrorCode::kUsage, fmt::format("unknown option '{}'", written),
          near.empty() ? "--help lists the options" : fmt::format("did you mean --{}?", near)};
}

// The one place where Boost's exceptions are caught.
Result<po::variables_map> parse_words(const Syntax& syntax, const std::vector<std::string>& words) {
  const auto description = boost_options(syntax);
  po::positional_options_description positions;
  positions.add(kOperands, -1);
  // No guessing from prefixes: a script must not change its meaning when an option is added.
  const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::variables_map map;
    po::store(po::command_line_parser(words)
                  .options(description)
                  .positional(positions)
                  .style(style)
                  .run(),
              map);
    return map;
  } catch (const po::unknown_option& error) {
    return std::unexpected(unknown_option(syntax, error.get_option_name()));
  } catch (const po::error& error) {
    return fail(ErrorCode::kUsage, error.what(), "--help lists the options");
  }
}

Result<> check_choice(const Option& option, const std::string& value) {
  if (option.choices.empty() || std::ranges::count(option.choices, value) > 0) return {};
  return fail(ErrorCode::kUsage, fmt::format("--{} cannot be '{}'", option.name, value),
              "it is one of " + join(option.choices, ", "));
}

Result<> check_operands(const Syntax& syntax, const std::vector<std::string>& operands) {
  const bool repeated = !syntax.operands.empty() && syntax.operands.back().repeated;
  if (operands.size() > syntax.operands.size() && !repeated) {
    const auto& extra = operands[syntax.operands.size()];
    return fail(
        ErrorCode::kUsage, fmt::format("unexpected argument '{}'", extra),
        syntax.takes_command ? "write a command to run after --" : "--help shows the usage");
  }
  // Optional ones may stand before those that are not: what is written fills the latter first.
  const auto required =
      static_cast<std::size_t>(std::ranges::count(syntax.operands, false, &Operand::optional));
  if (operands.size() >= required) return {};
  auto missing = syntax.operands.begin();
  for (auto left = operands.size(); missing->optional || left > 0; ++missing) {
    if (!missing->optional) --left;
  }
  return fail(ErrorCode::kUsage, fmt::format("{} is missing", missing->name),
              "--help shows the usage");
}

}  // namespace

const Option* Syntax::find(std::string_view name) const {
  for (const auto& group : groups) {
    for (const auto& option : group.options) {
      if (option.name == name) return &option;
    }
  }
  return nullptr;
}

void Syntax::add(OptionGroup group) {
  std::erase_if(group.options, [this](const Option& option) { return find(option.name); });
  if (!group.options.empty()) groups.push_back(std::move(group));
}

Result<Arguments> Arguments::parse(Syntax syntax, const std::vector<std::string>& words) {
  Arguments arguments;
  const auto dashes =
      syntax.takes_command ? std::ranges::find(words, std::string("--")) : words.end();
  IG_ASSIGN(const auto map, parse_words(syntax, {words.begin(), dashes}));
  if (dashes != words.end()) {
    arguments.command_.assign(dashes + 1, words.end());
    if (arguments.command_.empty()) return fail(ErrorCode::kUsage, "no command after --");
  }
  for (const auto& [name, value] : map) {
    const auto* given = boost::any_cast<std::vector<std::string>>(&value.value());
    const auto values = given == nullptr ? std::vector<std::string>{} : *given;
    if (name == kOperands) {
      arguments.operands_ = values;
      continue;
    }
    for (const auto& one : values) IG_TRY(check_choice(*syntax.find(name), one));
    arguments.values_[name] = values;
  }
  IG_TRY(check_operands(syntax, arguments.operands_));
  arguments.syntax_ = std::move(syntax);
  return arguments;
}

bool Arguments::has(std::string_view name) const {
  IG_CHECK(syntax_.find(name) != nullptr);
  return values_.contains(name);
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto* option = syntax_.find(name);
  IG_CHECK(option != nullptr);
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  if (option->default_value.empty()) return {};
  return {option->default_value};
}

std::string Arguments::text(std::string_view name) const {
  const auto all = values(name);
  return all.empty() ? "" : all.back();
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& value : values(name)) {
    for (const auto part : split(value, ',')) {
      if (!part.empty()) all.emplace_back(part);
    }
  }
  return all;
}

Result<std::chrono::nanoseconds> Arguments::duration(std::string_view name) const {
  const auto written = text(name);
  if (written.empty() && !has(name)) return std::chrono::nanoseconds{0};
  auto parsed = parse_duration(written);
  if (!parsed) parsed.error().message = fmt::format("--{}: {}", name, parsed.error().message);
  return parsed;
}

Result<std::uint64_t> Arguments::size(std::string_view name) const {
  const auto written = text(name);
  if (written.empty() && !has(name)) return 0;
  auto parsed = parse_size(written);
  if (!parsed) parsed.error().message = fmt::format("--{}: {}", name, parsed.error().message);
  return parsed;
}

std::vector<std::string> Arguments::operands_from(std::size_t index) const {
  if (index >= operands_.size()) return {};
  return {operands_.begin() + static_cast<std::ptrdiff_t>(index), operands_.end()};
}

std::string Arguments::operand(std::size_t index) const {
  return index < operands_.size() ? operands_[index] : "";
}

}  // namespace ig
