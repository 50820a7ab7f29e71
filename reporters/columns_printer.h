// SPDX-License-Identifier: Apache-2.0
// ColumnsPrinter: the EventSink of `ig run`: what a gadget sees, in columns. Events are a line
// each as they come, in columns of fixed width; snapshots are printed as one table when they are
// complete. Map data sources are sums that change: on a terminal their table is drawn anew in
// place, anywhere else it is printed once, at the end.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "reporters/live_rows.h"
#include "reporters/text_table.h"
#include "store/event_sink.h"

namespace ig {

class ColumnsPrinter : public EventSink {
 public:
  ColumnsPrinter(std::vector<std::string> fields, Style style, std::size_t height, std::FILE* out);

  Result<> gadget_run(const GadgetRun&) override { return {}; }
  Result<> data_source(const EventSchema& schema) override;
  Result<> workload(const Workload& workload) override;
  Result<> event(const Event& event) override;
  Result<> loss(const Loss&) override { return {}; }
  Result<> flush() override;
  Result<> finish();  // the tables of the maps, whole

 private:
  using Cells = std::vector<std::string>;

  struct Layout {
    std::vector<std::size_t> columns;  // of the schema
    std::vector<TextTable::Heading> headings;
    std::vector<std::size_t> widths;  // of lines that are printed as they come
  };

  Cells cells(const Event& event, const Layout& layout) const;
  void print_line(const Event& event, const Layout& layout);
  void print_snapshots();
  std::string sums_text() const;
  void redraw();

  std::vector<std::string> fields_;
  Style style_;
  std::size_t height_;  // lines of the terminal
  std::FILE* out_;
  std::map<const EventSchema*, Layout> layouts_;
  std::map<WorkloadId, std::string> workloads_;
  const EventSchema* last_heading_ = nullptr;  // of the lines that are on the screen
  std::map<const EventSchema*, std::vector<Cells>> snapshots_;
  LatestRows<Cells> sums_;
  std::size_t drawn_lines_ = 0;
  std::int64_t last_draw_ns_ = 0;
};

}  // namespace ig
