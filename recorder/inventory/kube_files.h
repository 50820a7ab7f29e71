// SPDX-License-Identifier: Apache-2.0
// Inventories in files: what `kubectl get … -o json` and `-o yaml` print, or what a person wrote;
// one object, lists, several documents one after the other.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "recorder/inventory/kube_reader.h"

namespace ig {

struct KubeFile {
  std::string sha256;
  std::int64_t written_ns = 0;  // of a pipe: now
  KubeReader reader;
};

// `path` may be "-", standard input. A file with no object that an inventory knows is an error.
Result<KubeFile> read_kube_file(const std::string& path);

// The JSON values of a text that has them one after the other, without the members that are large
// and never asked for.
Result<> take_json_documents(const std::string& text, KubeReader& reader);

}  // namespace ig
