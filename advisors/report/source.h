// SPDX-License-Identifier: Apache-2.0
// Source: the session as reports ask it. It knows what was recorded, turns the person's selection
// (workloads, processes, time) into SQL, and reads rows as they are stored, so that millions of
// them are one pass over a table.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/report/report.h"
#include "base/result.h"
#include "store/event_schema.h"
#include "store/session_reader.h"

namespace ig::report {

class Row {
 public:
  explicit Row(std::span<const Value> cells) : cells_(cells) {}

  // A cell of another type than was asked for, which only a damaged file has, is 0 or "".
  std::int64_t integer(std::size_t column) const {
    const Value& cell = cells_[column];
    return cell.kind == Value::Kind::kInteger ? cell.integer : 0;
  }
  std::uint64_t count(std::size_t column) const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(integer(column), 0));
  }
  // In another unit; what no number holds is the greatest one.
  std::int64_t scaled(std::size_t column, std::int64_t factor) const {
    std::int64_t product = 0;
    const bool too_much = __builtin_mul_overflow(integer(column), factor, &product);
    return too_much ? std::numeric_limits<std::int64_t>::max() : product;
  }
  std::string_view text(std::size_t column) const {
    const Value& cell = cells_[column];
    return cell.kind == Value::Kind::kText ? cell.text : std::string_view{};
  }

 private:
  std::span<const Value> cells_;
};

struct ProcessName {
  std::string comm;
  std::int64_t pid = 0;
  std::string text() const;  // "curl (4711)"
};

// The processes of a session by id. There may be a million, of few names.
class Processes {
 public:
  void add(std::int64_t id, std::string_view comm, std::int64_t pid);  // in the order of ids
  std::optional<ProcessName> find(std::int64_t id) const;

 private:
  struct Entry {
    std::int64_t id, pid;
    std::size_t name;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> places_;  // in names_
};

class Source {
 public:
  static Result<Source> open(const Recording& recording, const Question& question);

  SessionReader& session() { return *recording_.session; }
  const Recording& recording() const { return recording_; }
  const Question& question() const { return question_; }
  const SessionInfo& info() const { return info_; }
  const std::vector<GadgetRun>& runs() const { return runs_; }
  const std::vector<Loss>& losses() const { return losses_; }
  const std::map<std::string, EventSchema, std::less<>>& schemas() const { return schemas_; }
  const std::vector<Workload>& workloads() const { return workloads_; }
  std::int64_t from_ns() const { return from_ns_; }
  std::int64_t to_ns() const { return to_ns_; }

  bool ran(std::string_view gadget) const;
  std::string parameter(std::string_view gadget, std::string_view key) const;  // "" = default
  // Its schema, or null where it was not recorded. An error where it lacks one of `columns`, as a
  // table of another gadget of that name may.
  Result<const EventSchema*> view(std::string_view name,
                                  std::initializer_list<std::string_view> columns) const;

  // Every row of a question, in order. The text is ours; what comes from elsewhere is quoted.
  Result<> each(const std::string& sql, const std::function<void(const Row&)>& on_row);

  // The condition that chooses rows of a view, for a table that is called `r`.
  std::string where(const EventSchema& schema);
  // What --by divides: the column to ask for, what its value belongs to, and the name of that
  // (which several ids may have). A view that cannot be divided so is in the notes.
  bool can_group(const EventSchema& schema);
  std::string group_column(const EventSchema& schema);  // "r.workload_id"
  std::int64_t group_id(std::int64_t value) const;
  Result<std::string> group_text(std::int64_t id);
  std::string group_key() const;  // "workload", "process", "comm", "time"
  std::size_t slice_of(std::int64_t ns) const;

  const std::string& workload_name(WorkloadId id) const;
  Result<const Processes*> processes();
  Result<ProcessName> process(std::int64_t id);
  // The texts of some of the long texts.
  Result<std::map<std::int64_t, std::string>> paths(std::span<const std::int64_t> ids);

  // What must be said of the selection since the last call, once each.
  std::vector<std::string> take_notes();

 private:
  Source(const Recording& recording, const Question& question)
      : recording_(recording), question_(question) {}
  Result<> read_schemas();
  Result<> read_window();
  Result<> choose_processes();
  void note(std::string text);

  Recording recording_;
  Question question_;
  SessionInfo info_;
  std::vector<GadgetRun> runs_;
  std::vector<Loss> losses_;
  std::map<std::string, EventSchema, std::less<>> schemas_;  // by view
  std::vector<Workload> workloads_;
  std::map<WorkloadId, std::string> names_;
  bool all_workloads_ = true;
  std::optional<std::string> process_condition_;
  std::int64_t from_ns_ = 0, to_ns_ = 0;
  std::optional<Processes> processes_;
  std::vector<std::string> notes_;
  bool divided_ = false;  // --by found something
};

// Whether the table of a view has a column of that name.
bool has_column(const EventSchema& schema, std::string_view name);
// The name of a number in the column of that name in the table ("rcode_raw").
std::string number_name(const EventSchema& schema, std::string_view column, std::int64_t value);
// "10.0.0.7:53", "[fe80::1]:53"
std::string address_text(std::string_view address, std::int64_t port);

}  // namespace ig::report
