// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/source.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "advisors/advice_text.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/row_layout.h"

namespace ig::report {
namespace {

const std::string kUnknown = "?";
constexpr std::int64_t kLastTime = 4'000'000'000'000'000'000;  // in the year 2096

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

const RowColumn* find_column(const RowLayout& layout, std::string_view name) {
  const auto found = std::ranges::find(layout.columns, name, &RowColumn::name);
  return found == layout.columns.end() ? nullptr : &*found;
}

// As the selectors are everywhere: "a", "!b", with * and ?.
bool fits(const std::vector<std::string>& patterns, const std::string& text) {
  const auto matches = [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  };
  bool wanted = false, found = false;
  for (const auto& pattern : patterns) {
    if (pattern.starts_with('!')) {
      if (matches(pattern.substr(1))) return false;
    } else {
      wanted = true;
      found = found || matches(pattern);
    }
  }
  return !wanted || found;
}

std::int64_t end_of(const SessionInfo& info, const std::vector<Workload>& workloads) {
  if (info.ended_ns > info.started_ns) return info.ended_ns;
  std::int64_t end = info.started_ns;
  for (const auto& workload : workloads) end = std::max(end, workload.last_seen_ns);
  return end;
}

std::int64_t moment_ns(const Moment& moment, std::int64_t start) {
  std::int64_t ns = moment.ns;
  if (moment.from_start && __builtin_add_overflow(start, moment.ns, &ns)) ns = moment.ns;
  return ns;
}

}  // namespace

std::string ProcessName::text() const { return fmt::format("{} ({})", comm, pid); }

void Processes::add(std::int64_t id, std::string_view comm, std::int64_t pid) {
  auto place = places_.find(comm);
  if (place == places_.end()) {
    place = places_.emplace(comm, names_.size()).first;
    names_.emplace_back(comm);
  }
  entries_.push_back({id, pid, place->second});
}

std::optional<ProcessName> Processes::find(std::int64_t id) const {
  const auto found = std::ranges::lower_bound(entries_, id, {}, &Entry::id);
  if (found == entries_.end() || found->id != id) return {};
  return ProcessName{names_[found->name], found->pid};
}

Result<Source> Source::open(const Recording& recording, const Question& question) {
  Source source(recording, question);
  auto& session = *recording.session;
  IG_ASSIGN(source.info_, session.info());
  IG_ASSIGN(source.runs_, session.gadget_runs());
  IG_ASSIGN(source.losses_, session.losses());
  auto selector = question.selector;
  // What a process must not be called says nothing of its workload.
  std::erase_if(selector.comm, [](const std::string& name) { return name.starts_with('!'); });
  IG_ASSIGN(source.workloads_, session.workloads(selector));
  source.all_workloads_ = question.selector.empty();
  for (const auto& workload : source.workloads_) source.names_[workload.id] = workload.name;
  IG_TRY(source.read_schemas());
  IG_TRY(source.read_window());
  IG_TRY(source.choose_processes());
  return source;
}

Result<> Source::read_schemas() {
  std::vector<std::string> texts;
  IG_TRY(each("SELECT schema FROM data_source ORDER BY view",
              [&](const Row& row) { texts.emplace_back(row.text(0)); }));
  for (const auto& text : texts) {
    IG_ASSIGN(auto schema, EventSchema::from_json(text));
    schemas_.emplace(schema.view, std::move(schema));
  }
  return {};
}

Result<> Source::read_window() {
  // A damaged file may say any time; differences of these are numbers.
  const auto start = std::clamp(info_.started_ns, std::int64_t{0}, kLastTime);
  const auto end = std::clamp(end_of(info_, workloads_), start + 1, kLastTime + 1);
  from_ns_ = question_.since ? std::max(moment_ns(*question_.since, start), start) : start;
  to_ns_ = question_.until ? std::min(moment_ns(*question_.until, start), end) : end;
  if (from_ns_ < to_ns_) return {};
  return fail(ErrorCode::kUsage, "nothing was recorded between --since and --until",
              fmt::format("the recording is from {} to {}", format_time_precise(start),
                          format_time_precise(end)));
}

// Processes of --comm and --pid; of a process also what it started.
Result<> Source::choose_processes() {
  const auto& selector = question_.selector;
  std::vector<std::string> conditions;
  if (!selector.pid.empty()) {
    conditions.push_back(fmt::format(
        "id IN (WITH RECURSIVE tree(pid) AS (SELECT DISTINCT pid FROM process WHERE pid IN ({}) "
        "UNION SELECT p.pid FROM process p JOIN tree ON p.parent_pid = tree.pid) "
        "SELECT id FROM process WHERE pid IN (SELECT pid FROM tree))",
        fmt::join(selector.pid, ",")));
  }
  if (!selector.comm.empty()) {
    std::vector<std::string> names;
    IG_TRY(each("SELECT DISTINCT comm FROM process ORDER BY comm", [&](const Row& row) {
      const std::string comm(row.text(0));
      if (fits(selector.comm, comm)) names.push_back(quoted(comm));
    }));
    if (names.empty()) names.emplace_back("NULL");  // nobody
    conditions.push_back(fmt::format("comm IN ({})", fmt::join(names, ",")));
  }
  if (!conditions.empty()) {
    process_condition_ =
        fmt::format("(SELECT id FROM process WHERE {})", fmt::join(conditions, " AND "));
  }
  return {};
}

bool Source::ran(std::string_view gadget) const {
  return std::ranges::find(runs_, gadget, &GadgetRun::gadget) != runs_.end();
}

std::string Source::parameter(std::string_view gadget, std::string_view key) const {
  const auto run = std::ranges::find(runs_, gadget, &GadgetRun::gadget);
  if (run == runs_.end()) return {};
  const auto start = fmt::format("{}=", key);
  for (const auto word : split(run->parameters, ' ')) {
    if (word.starts_with(start)) return std::string(word.substr(start.size()));
  }
  return {};
}

Result<const EventSchema*> Source::view(std::string_view name,
                                        std::initializer_list<std::string_view> columns) const {
  const auto found = schemas_.find(name);
  if (found == schemas_.end()) return nullptr;
  IG_ASSIGN(const auto layout, row_layout(found->second));
  for (const auto column : columns) {
    if (find_column(layout, column) != nullptr) continue;
    return fail(ErrorCode::kInvalid,
                fmt::format("{} of this session has no column '{}'", name, column),
                "it was recorded by another gadget of the same name");
  }
  return &found->second;
}

Result<> Source::each(const std::string& sql, const std::function<void(const Row&)>& on_row) {
  return session().scan(sql, [&](std::span<const Value> cells) {
    on_row(Row(cells));
    return true;
  });
}

std::string Source::where(const EventSchema& schema) {
  std::string text = "1 = 1";
  if (!all_workloads_) {
    std::vector<WorkloadId> ids;
    for (const auto& workload : workloads_) ids.push_back(workload.id);
    text += fmt::format(" AND r.workload_id IN ({})", fmt::join(ids, ","));
  }
  if (process_condition_) {
    if (has_column(schema, "process_id")) {
      text += fmt::format(" AND r.process_id IN {}", *process_condition_);
    } else {
      note(fmt::format("{} knows no processes: all of the workloads is shown", schema.view));
    }
  }
  if (!question_.since && !question_.until) return text;
  if (has_column(schema, "timestamp_raw")) {
    return text + fmt::format(" AND r.timestamp_raw BETWEEN {} AND {}", from_ns_, to_ns_);
  }
  if (has_column(schema, "first_raw") && has_column(schema, "last_raw")) {
    note(
        fmt::format("{} is counted from its first time to its last: what reaches into the time "
                    "chosen is shown whole",
                    schema.view));
    return text + fmt::format(" AND r.first_raw <= {} AND r.last_raw >= {}", to_ns_, from_ns_);
  }
  note(fmt::format("{} is counted over the whole recording, and shown so", schema.view));
  return text;
}

bool Source::can_group(const EventSchema& schema) {
  const auto needs = [&](std::string_view column, std::string_view what) {
    if (has_column(schema, column)) return true;
    note(fmt::format("{} knows no {}: it is not divided by {}", schema.view, what, group_key()));
    return false;
  };
  switch (question_.by) {
    case By::kNothing:
      return false;
    case By::kWorkload:
      break;
    case By::kProcess:
    case By::kComm:
      if (!needs("process_id", "processes")) return false;
      break;
    case By::kTime:
      if (!needs("timestamp_raw", "times")) return false;
      break;
  }
  return divided_ = true;
}

std::string Source::group_column(const EventSchema& schema) {
  if (!can_group(schema)) return "0";
  if (question_.by == By::kWorkload) return "r.workload_id";
  return question_.by == By::kTime ? "r.timestamp_raw" : "r.process_id";
}

std::int64_t Source::group_id(std::int64_t value) const {
  return question_.by == By::kTime ? static_cast<std::int64_t>(slice_of(value)) : value;
}

std::string Source::group_key() const {
  switch (question_.by) {
    case By::kProcess:
      return "process";
    case By::kComm:
      return "comm";
    case By::kTime:
      return "time";
    default:
      return "workload";
  }
}

std::size_t Source::slice_of(std::int64_t ns) const {
  const auto since = static_cast<double>(ns) - static_cast<double>(from_ns_);
  const auto part = since / static_cast<double>(to_ns_ - from_ns_);
  const auto slices = static_cast<double>(question_.slices);
  return static_cast<std::size_t>(std::clamp(part * slices, 0.0, slices - 1));
}

Result<std::string> Source::group_text(std::int64_t id) {
  if (question_.by == By::kWorkload) return workload_name(id);
  if (question_.by == By::kTime) {
    const auto length = (to_ns_ - from_ns_) / static_cast<std::int64_t>(question_.slices);
    return format_time_precise(from_ns_ + id * length).substr(11, 12);
  }
  IG_ASSIGN(const auto name, process(id));
  return question_.by == By::kComm ? name.comm : name.text();
}

const std::string& Source::workload_name(WorkloadId id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? kUnknown : found->second;
}

Result<const Processes*> Source::processes() {
  if (!processes_) {
    processes_.emplace();
    IG_TRY(each("SELECT id, comm, pid FROM process ORDER BY id", [&](const Row& row) {
      processes_->add(row.integer(0), row.text(1), row.integer(2));
    }));
  }
  return &*processes_;
}

Result<ProcessName> Source::process(std::int64_t id) {
  IG_ASSIGN(const auto* all, processes());
  return all->find(id).value_or(ProcessName{kUnknown, 0});
}

Result<std::map<std::int64_t, std::string>> Source::paths(std::span<const std::int64_t> ids) {
  std::map<std::int64_t, std::string> texts;
  constexpr std::size_t kAtOnce = 1000;
  for (std::size_t i = 0; i < ids.size(); i += kAtOnce) {
    const auto part = ids.subspan(i, std::min(kAtOnce, ids.size() - i));
    IG_TRY(each(fmt::format("SELECT id, text FROM path WHERE id IN ({})", fmt::join(part, ",")),
                [&](const Row& row) { texts[row.integer(0)] = row.text(1); }));
  }
  return texts;
}

void Source::note(std::string text) {
  if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(std::move(text));
}

std::vector<std::string> Source::take_notes() {
  if (question_.by != By::kNothing && !std::exchange(divided_, false) && notes_.empty()) {
    note(fmt::format("not divided by {}", group_key()));
  }
  return std::exchange(notes_, {});
}

bool has_column(const EventSchema& schema, std::string_view name) {
  const auto layout = row_layout(schema);
  return layout && find_column(*layout, name) != nullptr;
}

std::string number_name(const EventSchema& schema, std::string_view column, std::int64_t value) {
  const auto found = std::ranges::find_if(
      schema.columns, [&](const Column& c) { return sql_name(c.name) == column; });
  return found == schema.columns.end() ? std::to_string(value) : enum_text(schema, *found, value);
}

std::string address_text(std::string_view address, std::int64_t port) {
  const bool v6 = address.find(':') != std::string_view::npos;
  const auto host = v6 ? fmt::format("[{}]", address) : std::string(address);
  return port == 0 ? std::string(address) : fmt::format("{}:{}", host, port);
}

}  // namespace ig::report
