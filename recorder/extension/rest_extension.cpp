// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/rest_extension.h"

#include <algorithm>
#include <string_view>

#include "recorder/gadget/loaded_gadget.h"

namespace ig {
namespace {

std::string_view annotation(const Gadget& gadget, const DataSource& source,
                            const std::string& key) {
  const auto words = gadget.manifest.data_sources.find(source.schema.data_source);
  if (words == gadget.manifest.data_sources.end()) return "";
  const auto it = words->second.annotations.find(key);
  return it == words->second.annotations.end() ? std::string_view{} : it->second;
}

bool describe(const Gadget& gadget, DataSource& source) {
  const auto name = annotation(gadget, source, "ebpf.rest.name");
  const int length = source.schema.find(annotation(gadget, source, "ebpf.rest.len"));
  // A DNS packet is taken apart (dns_extension.h); its bytes would only say the same again.
  const bool taken_apart = source.schema.find("dns_off") >= 0;
  if (source.schema.kind != EventSchema::Kind::kTracer || name.empty() || length < 0 ||
      taken_apart || source.schema.find(name) >= 0) {
    return false;
  }
  Column column;
  column.name = name;
  column.type = ColumnType::kBlob;
  add_column(source, std::move(column));
  return true;
}

// Plain text is shown as such; anything else as bytes.
bool is_text(std::span<const std::byte> bytes) {
  std::size_t more = 0;  // bytes of a UTF-8 character that are still due
  for (const auto value : bytes) {
    const auto c = std::to_integer<unsigned char>(value);
    if (more > 0) {
      if ((c & 0xc0) != 0x80) return false;
      --more;
    } else if (c >= 0x80) {
      more = c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
      if (more == 0) return false;
    } else if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      return false;
    }
  }
  return more == 0;
}

class RestExtension : public RowExtension {
 public:
  RestExtension(const DataSource& source, std::size_t length, std::size_t column)
      : record_size_(source.record_size), length_(length), column_(column) {}

  void fill(std::span<const std::byte> record, std::span<Value> row) override {
    const auto rest = record.subspan(std::min(record_size_, record.size()));
    // The length is the kernel side's word, and that may be anybody's program.
    const auto size =
        std::min<std::uint64_t>(static_cast<std::uint64_t>(row[length_].integer), rest.size());
    if (size == 0) return;  // the column stays NULL
    const std::string_view bytes(reinterpret_cast<const char*>(rest.data()), size);
    row[column_] = is_text(rest.first(size)) ? Value::of(bytes) : Value::blob(bytes);
  }

 private:
  std::size_t record_size_, length_, column_;
};

std::unique_ptr<RowExtension> make(const DataSource& source, const LoadedGadget& gadget) {
  const auto index = [&](const char* key) {
    return static_cast<std::size_t>(source.schema.find(annotation(gadget.gadget(), source, key)));
  };
  return std::make_unique<RestExtension>(source, index("ebpf.rest.len"), index("ebpf.rest.name"));
}

}  // namespace

const RowExtensionKind kRestExtension{describe, make};

}  // namespace ig
