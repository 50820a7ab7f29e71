// SPDX-License-Identifier: Apache-2.0
// What a report consists of: plain data in a few shapes. Analyses fill them, reporters draw them as
// text, JSON or a page, and neither knows the other: a new analysis needs no new drawing.
// Strings are as they were recorded; whoever draws them escapes them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ig::report {

// How a number is shown.
enum class Unit { kText, kNumber, kCount, kBytes, kDuration, kTime, kShare };

struct TableColumn {
  std::string key;  // "p99": in JSON as it is, in text in capitals
  Unit unit = Unit::kText;
  // The number is a bound: it was counted in slots of powers of two.
  bool at_most = false;
};

// Nothing, text, a whole number (kNumber, kCount, kBytes; ns of kDuration and kTime), or a share.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct Table {
  std::string title;
  std::vector<TableColumn> columns;
  std::vector<std::vector<Cell>> rows;
  std::uint64_t left_out = 0;  // further rows, of less weight
};

// Percentiles, in ns.
struct Percentiles {
  std::uint64_t count = 0;
  std::int64_t p50 = 0, p90 = 0, p99 = 0, max = 0;
  bool at_most = false;  // as TableColumn's; max may be exact all the same
  bool max_exact = false;
};

// Slot i counts values from 2^i to 2^(i+1)-1; slot 0 also 0.
struct Histogram {
  std::string title;
  std::string unit;  // "usecs"
  std::vector<std::uint64_t> slots;
  Percentiles percentiles;
};

// Histograms of one thing, slice after slice of the time.
struct HeatMap {
  std::string title;
  std::string unit;
  std::int64_t from_ns = 0, to_ns = 0;
  std::vector<std::vector<std::uint64_t>> slices;  // [slice][slot]
};

struct FlameNode {
  enum class Kind { kRoot, kWorkload, kProcess, kUser, kKernel };
  std::string name;
  Kind kind = Kind::kRoot;
  std::size_t parent = 0;  // of the root itself
  std::uint64_t self = 0, total = 0;
};

struct FlameGraph {
  std::string title;
  double frequency = 0;          // samples a second and CPU; 0 = not known
  std::vector<FlameNode> nodes;  // the root first, parents before their children
};

struct ProcessNode {
  std::string name, arguments, file, workload;
  std::string error;  // of an execution that failed
  std::int64_t pid = 0;
  std::int64_t time_ns = 0;
  std::size_t repeated = 1;  // so many brothers alike, the first of which this is
  std::size_t depth = 0;
};

// In the order of a walk: children behind their parent.
struct ProcessTree {
  std::string title;
  std::vector<ProcessNode> nodes = {};
  std::uint64_t left_out = 0;
};

struct GraphNode {
  std::string name;
  std::string kind;  // workload, pod, service, host, outside, address
};

struct GraphEdge {
  std::size_t from = 0, to = 0;
  std::string ports;  // "TCP 80, 443"
  std::uint64_t count = 0, sent = 0, received = 0;
  std::string error;  // "" = connections came about
};

struct Graph {
  std::string title;
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
};

struct Timeline {
  struct Series {
    std::string name;
    std::vector<std::uint64_t> counts;  // one for each slice
  };
  struct Mark {
    std::int64_t from_ns = 0, to_ns = 0;
    std::string text;
  };
  std::string title;
  std::int64_t from_ns = 0, to_ns = 0;
  std::vector<Series> series;
  std::vector<Mark> marks;  // losses
};

struct Facts {
  std::vector<std::pair<std::string, std::string>> lines;
};

// A document that an advisor wrote, and what it says of it.
struct Document {
  std::string title, body;
  std::vector<std::string> summary, caveats;
  std::vector<std::pair<std::string, std::string>> evidence;  // rule, fact
};

using Block = std::variant<Facts, Table, Histogram, HeatMap, FlameGraph, ProcessTree, Graph,
                           Timeline, Document>;

// One kind of report on one session.
struct Section {
  std::string kind, title;
  bool recorded = true;
  std::string headline = {};  // in one line; of what was not recorded how to record it
  std::vector<Block> blocks = {};
  std::vector<std::string> notes = {};  // what is missing in it, and why
};

}  // namespace ig::report
