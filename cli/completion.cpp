// SPDX-License-Identifier: Apache-2.0
// ig completion: what a shell offers on Tab. The scripts are a few lines each, since they ask ig
// itself (--candidates), which knows the tables that `--help` is made from.
#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "advisors/advisor.h"
#include "advisors/report/report.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "recorder/gadget/gadget_catalog.h"

namespace ig {
namespace {

constexpr std::string_view kFiles = ":files";

constexpr std::string_view kBash =
    R"(# ig completion bash: put it into /etc/bash_completion.d, or: source <(ig completion bash)
_ig() {
  local cur=${COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <(ig completion --candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o filenames -F _ig ig
)";

constexpr std::string_view kZsh = R"(#compdef ig
# ig completion zsh: put it as _ig into a folder of $fpath, or: source <(ig completion zsh)
_ig() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <(ig completion --candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#candidates )) && _describe 'ig' candidates
}
if [[ $funcstack[1] == _ig ]]; then _ig; else compdef _ig ig; fi
)";

constexpr std::string_view kFish =
    R"(# ig completion fish: put it as ig.fish into ~/.config/fish/completions, or: ig completion fish | source
function __ig_candidates
    set -l words (commandline -opc) (commandline -ct)
    for line in (ig completion --candidates -- $words[2..] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c ig -f -a '(__ig_candidates)'
)";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

struct Candidates {
  std::vector<std::string> lines;
  std::string begin;  // what is written of the word so far

  void offer(std::string_view word, std::string_view words) {
    if (!word.starts_with(begin)) return;
    lines.push_back(fmt::format("{}\t{}", word, first_line(std::string(words))));
  }
  void offer_files() { lines.emplace_back(kFiles); }
};

// The words of commands that stand at `place`.
void offer_commands(Candidates& candidates, const Words& before) {
  std::set<std::string> offered;
  for (const auto& command : commands()) {
    const auto space = command.name.find(' ');
    const std::string first(command.name.substr(0, space));
    const bool grouped = space != command.name.npos;
    if (before.empty() && offered.insert(first).second) {
      candidates.offer(first, grouped ? "…" : command.summary);
    } else if (grouped && before.size() == 1 && before[0] == first) {
      candidates.offer(command.name.substr(space + 1), command.summary);
    }
  }
}

void offer_gadgets(Candidates& candidates) {
  const auto catalog = GadgetCatalog::open({});
  if (!catalog) return;
  for (const auto& gadget : catalog->gadgets()) {
    candidates.offer(gadget.name, gadget.manifest.description);
  }
}

void offer_operand(Candidates& candidates, const Command& command, std::size_t place) {
  if (command.name == "advise" && place == 0) {
    for (const auto* advisor : advisors()) candidates.offer(advisor->name, advisor->summary);
  } else if (command.name == "report" && place == 0) {
    for (const auto& kind : report::kinds()) candidates.offer(kind.name, kind.summary);
    candidates.offer_files();
  } else if ((command.name == "run" || command.name == "gadget info") && place == 0) {
    offer_gadgets(candidates);
  } else if (command.name == "completion") {
    for (const auto& shell : completion_shells()) candidates.offer(shell, "");
  } else if (command.name != "probe" && command.name != "gadget list") {
    candidates.offer_files();
  }
}

const Option* option_of(const Syntax& syntax, const std::string& word) {
  for (const auto& group : syntax.groups) {
    for (const auto& option : group.options) {
      const bool is_letter = option.letter != 0 && word == std::string("-") + option.letter;
      if (is_letter || word == "--" + option.name) return &option;
    }
  }
  return nullptr;
}

void offer_value(Candidates& candidates, const Option& option) {
  for (const auto& choice : option.choices) candidates.offer(choice, option.help);
  const bool is_path = option.value_name == "FILE" || option.value_name == "DIR";
  if (is_path) candidates.offer_files();
  if (option.name == "gadgets") offer_gadgets(candidates);
}

void offer_for(Candidates& candidates, const Command& command, const Words& before) {
  if (std::ranges::count(before, "--") > 0) return candidates.offer_files();
  const auto syntax = full_syntax(command, before);
  const auto* awaiting = before.empty() ? nullptr : option_of(syntax, before.back());
  if (awaiting != nullptr && !awaiting->value_name.empty()) {
    return offer_value(candidates, *awaiting);
  }
  if (candidates.begin.starts_with('-')) {
    for (const auto& group : syntax.groups) {
      for (const auto& option : group.options) candidates.offer("--" + option.name, option.help);
    }
    return;
  }
  std::size_t operands = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto* option = option_of(syntax, before[i]);
    if (option != nullptr && !option->value_name.empty()) ++i;
    if (!before[std::min(i, before.size() - 1)].starts_with('-') && option == nullptr) ++operands;
  }
  offer_operand(candidates, command, operands);
}

}  // namespace

std::vector<std::string> completion_shells() { return {"bash", "zsh", "fish"}; }

std::vector<std::string> completion_candidates(const Words& words) {
  Candidates candidates{{}, words.empty() ? "" : words.back()};
  const Words before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  const auto expanded = before.empty() ? before : expand_gadget_verb(before);
  for (const std::size_t length : {2UZ, 1UZ}) {
    if (expanded.size() < length) continue;
    const auto end = expanded.begin() + static_cast<std::ptrdiff_t>(length);
    const auto name = fmt::format("{}", fmt::join(expanded.begin(), end, " "));
    const auto found = std::ranges::find(commands(), name, &Command::name);
    if (found == commands().end()) continue;
    offer_for(candidates, *found, {end, expanded.end()});
    return candidates.lines;
  }
  offer_commands(candidates, before);
  return candidates.lines;
}

Syntax completion_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"SHELL", true}};
  syntax.takes_command = true;
  syntax.text = "Prints what makes a shell complete ig's words on Tab: bash, zsh or fish.";
  syntax.groups = {{"Options",
                    {{"candidates", "",
                      "instead: what could stand for the last of the words after --, for the "
                      "scripts"}}}};
  syntax.examples = {"source <(ig completion bash)",
                     "ig completion fish > ~/.config/fish/completions/ig.fish"};
  return syntax;
}

Result<int> run_completion(const Arguments& arguments) {
  if (arguments.has("candidates")) {
    for (const auto& line : completion_candidates(arguments.command())) put(stdout, line + '\n');
    return 0;
  }
  const auto shell = arguments.operand(0);
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    return fail(ErrorCode::kUsage,
                shell.empty() ? "SHELL is missing" : fmt::format("no script for shell '{}'", shell),
                "it is bash, zsh or fish");
  }
  put(stdout, shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  return 0;
}

}  // namespace ig
