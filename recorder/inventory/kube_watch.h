// SPDX-License-Identifier: Apache-2.0
// KubeWatch: follows an API server while a recording runs. All of it happens on a thread of its
// own, as what it asks may take any time; the recorder only takes what has changed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "recorder/inventory/kube_config.h"
#include "store/inventory_table.h"

namespace ig {

class KubeWatch {
 public:
  static Result<std::unique_ptr<KubeWatch>> start(KubeConfig config, std::string tool_version);
  ~KubeWatch();

  // What changed, one update after the other; nothing mostly.
  std::optional<InventoryUpdate> take_update();
  // Stops watching; afterwards take_update() gives the rest.
  void stop();

 private:
  struct Impl;
  explicit KubeWatch(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Everything that the server has now, asked once.
struct KubeListing {
  InventoryAddition addition;
  std::map<std::string, std::uint64_t> read;  // by kind
};
Result<KubeListing> list_kube_objects(KubeConfig config, std::string tool_version);

}  // namespace ig
