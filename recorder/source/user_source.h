// SPDX-License-Identifier: Apache-2.0
// UserSource: a rung of a gadget whose rows are made in user space: from a netlink socket, from
// /proc, by another program. gadget.yaml names it (`variants: - {name: proc, source: proc}`); the
// gadget's struct is declared in its program.bpf.c as for any other rung, so the columns are the
// same ones. A rung that names no programs beside it loads nothing into the kernel.
//
// The life of one: make, connect (its data sources are known), open (as programs are attached: an
// error sends the gadget to the rung below), consume when its descriptor is readable, read when it
// is due (at the start, each interval, at the end), close (nothing more happens, the rest can still
// be consumed and read).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/row_builder.h"
#include "store/event_sink.h"

namespace ig {

// The ways out of a source.
struct UserOutput {
  std::map<std::string, RowBuilder*, std::less<>> rows;  // by data source
  // What could not become a row.
  std::function<void(Loss::Kind, std::uint64_t count, const std::string& detail)> lose;
  RowBuilder& first() const { return *rows.begin()->second; }
};

class UserSource {
 public:
  virtual ~UserSource() = default;

  void connect(UserOutput output) { output_ = std::move(output); }
  virtual Result<> open() = 0;
  virtual void close() {}

  virtual int poll_fd() const { return -1; }
  // Hands on what is there, but not for ever: true if there may be more.
  virtual bool consume() { return false; }
  virtual Result<> read() { return {}; }

 protected:
  UserOutput& output() { return output_; }

 private:
  UserOutput output_;
};

// The values of a gadget's parameters: what a person set, else the manifest's default.
class UserParameters {
 public:
  UserParameters(const Gadget& gadget, const std::map<std::string, std::string>& given);
  std::string text(const std::string& key) const;
  bool is_on(const std::string& key) const;

 private:
  std::map<std::string, std::string> values_;
};

struct UserSourceKind {
  std::string_view name;
  // Its rows are about the machine, and so are recorded whoever is selected.
  bool of_machine;
  // Why it cannot run on this machine, as far as that can be told beforehand.
  Result<> (*check)();
  std::unique_ptr<UserSource> (*make)(const Gadget& gadget, const UserParameters& parameters);
};

// nullptr: there is none of that name.
const UserSourceKind* find_user_source(std::string_view name);

}  // namespace ig
