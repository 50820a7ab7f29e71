// SPDX-License-Identifier: Apache-2.0
// fuzz_replay NAME FOLDER - gives every file of a corpus to the target of that name, without
// libFuzzer. What is wrong ends it by a signal, after the name of the file.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#define IG_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef IG_TARGET

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);
const std::map<std::string, Target> kTargets = {
#define IG_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !kTargets.contains(argv[1])) return 2;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::fprintf(stderr, "%s\n", entry.path().c_str());
    kTargets.at(argv[1])(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++files;
  }
  std::printf("%s: %d files\n", argv[1], files);
  return files > 0 ? 0 : 1;
}
