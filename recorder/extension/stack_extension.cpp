// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/stack_extension.h"

#include <bpf/bpf.h>

#include <cstring>
#include <functional>
#include <string>
#include <unordered_map>

#include "recorder/gadget/loaded_gadget.h"
#include "recorder/gadget/user_stack.h"
#include "recorder/symbols/kernel_symbols.h"
#include "recorder/symbols/user_symbols.h"

namespace ig {
namespace {

constexpr const char* kKernelStacks = "ig_kstack";
constexpr const char* kUserStacks = "ig_ustack";
constexpr std::size_t kGenerationBytes = 32 << 20;
constexpr std::chrono::milliseconds kNewsAfter{20};

using Bytes = std::span<const std::byte>;

// A map of type STACK_TRACE, and the one for stacks that found another in their place.
class StackMap {
 public:
  StackMap(const LoadedGadget& gadget, const std::string& name) {
    const auto* map = gadget.find_map(name);
    const auto* clashed = gadget.find_map(name + "_clashed");
    if (map) fd_ = bpf_map__fd(map);
    if (clashed) clashed_fd_ = bpf_map__fd(clashed);
    if (map) addresses_.resize(bpf_map__value_size(map) / sizeof(std::uint64_t));
  }

  // Innermost first, then zeros; empty if there is no such stack.
  std::span<const std::uint64_t> find(std::int32_t id) {
    if (id < 0 || fd_ < 0) return {};
    const bool clashed = clashed_fd_ >= 0 && (id & kStackClashed) != 0;
    const std::int32_t place = clashed ? id & ~kStackClashed : id;
    if (bpf_map_lookup_elem(clashed ? clashed_fd_ : fd_, &place, addresses_.data()) != 0) return {};
    return addresses_;
  }

 private:
  int fd_ = -1, clashed_fd_ = -1;
  std::vector<std::uint64_t> addresses_;
};

// Texts of the stacks that were named, the latest used.
class Texts {
 public:
  struct Key {
    UserSymbols::Space space;
    std::int32_t stack;
    bool operator==(const Key&) const = default;
  };

  // Before a row is filled: what find() and add() return stays until then.
  void tidy() {
    if (young_bytes_ <= kGenerationBytes) return;
    old_ = std::move(young_);
    young_.clear();
    young_bytes_ = 0;
  }

  const std::string* find(const Key& key) {
    if (const auto it = young_.find(key); it != young_.end()) return &it->second;
    const auto it = old_.find(key);
    return it == old_.end() ? nullptr : &add(key, std::string(it->second));
  }

  const std::string& add(const Key& key, std::string text) {
    young_bytes_ += sizeof(Key) + sizeof(std::string) + text.size();
    return young_.insert_or_assign(key, std::move(text)).first->second;
  }

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const {
      const auto space = std::uint64_t{key.space.tgid} << 32 | key.space.hash;
      return std::hash<std::uint64_t>{}(space ^ static_cast<std::uint32_t>(key.stack) *
                                                    std::uint64_t{0x9e3779b97f4a7c15});
    }
  };
  using Generation = std::unordered_map<Key, std::string, Hash>;
  Generation young_, old_;
  std::size_t young_bytes_ = 0;
};

class StackExtension : public RowExtension {
 public:
  struct StackColumn {
    std::size_t to;        // the column that is set
    std::uint32_t offset;  // of the kernel's number, or of struct gadget_user_stack
    bool is_user;
  };

  StackExtension(std::vector<StackColumn> columns, const LoadedGadget& gadget)
      : columns_(std::move(columns)),
        kernel_stacks_(gadget, kKernelStacks),
        user_stacks_(gadget, kUserStacks) {}

  void fill(Bytes record, std::span<Value> row) override {
    texts_.tidy();
    for (const auto& column : columns_) {
      const auto* text =
          column.is_user ? user_text(record, column.offset) : kernel_text(record, column.offset);
      row[column.to] = text ? Value::of(std::string_view(*text)) : Value{};
    }
  }

  std::string ring() const override { return kUserStackRing; }

  void set_news(std::function<void()> hear_news) override { hear_news_ = std::move(hear_news); }

  void hear(Bytes record) override {
    UserStackNews news{};
    if (!read(record, 0, news)) return;
    const UserSymbols::Space space{news.tgid, news.base_addr_hash};
    // While one process was looked at, news of it has piled up, and others may be about to end.
    if (!user_symbols_->was_looked_at(space, kNewsAfter)) user_symbols_->look_at(space, news.tid);
  }

 private:
  template <typename T>
  static bool read(Bytes record, std::size_t offset, T& value) {
    if (offset > record.size() || record.size() - offset < sizeof value) return false;
    std::memcpy(&value, record.data() + offset, sizeof value);
    return true;
  }

  // nullptr: no stack was taken, or it found no room in the map (which is counted there).
  const std::string* kernel_text(Bytes record, std::uint32_t offset) {
    std::int32_t id = -1;
    if (!read(record, offset, id) || id < 0) return nullptr;
    const Texts::Key key{{}, id};
    if (const auto* known = texts_.find(key)) return known;
    const auto addresses = kernel_stacks_.find(id);
    if (addresses.empty()) return nullptr;
    return &texts_.add(key, kernel_symbols_->stack_text(addresses));
  }

  const std::string* user_text(Bytes record, std::uint32_t offset) {
    UserStack stack{};
    if (!read(record, offset, stack) || stack.tgid == 0 || stack.stack_id < 0) return nullptr;
    const Texts::Key key{{stack.tgid, stack.base_addr_hash}, stack.stack_id};
    if (const auto* known = texts_.find(key)) return known;
    const auto addresses = user_stacks_.find(stack.stack_id);
    if (addresses.empty()) return nullptr;
    return &texts_.add(key, user_symbols_->stack_text(key.space, stack.tid, addresses, hear_news_));
  }

  std::vector<StackColumn> columns_;
  StackMap kernel_stacks_, user_stacks_;
  std::shared_ptr<KernelSymbols> kernel_symbols_ = KernelSymbols::shared();
  std::shared_ptr<UserSymbols> user_symbols_ = UserSymbols::shared();
  Texts texts_;
  std::function<void()> hear_news_ = [] {};
};

bool is_user_stack(const Column& column) {
  return column.meaning == Meaning::kStack && column.type_name == "gadget_user_stack";
}

bool is_kernel_stack(const Column& column) {
  return column.meaning == Meaning::kStack && column.type_name.empty();
}

// A text cannot take the place of a number that is part of a key: stacks that differ may have the
// same names.
std::string id_name(const Column& column) { return column.display_name() + "_id"; }

bool describe(const Gadget&, DataSource& source) {
  auto& columns = source.schema.columns;
  bool found = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    found = found || is_user_stack(columns[i]);
    if (!is_kernel_stack(columns[i]) || columns[i].type != ColumnType::kInteger) continue;
    found = true;
    if (!columns[i].key) {
      columns[i].type = ColumnType::kText;
      source.fields[i].kind = FieldLayout::Kind::kExtension;
      continue;
    }
    Column text;
    text.name = columns[i].display_name();
    text.type = ColumnType::kText;
    text.meaning = Meaning::kStack;
    text.type_name = id_name(columns[i]);
    columns[i].name = text.type_name;
    columns[i].meaning = Meaning::kPlain;
    columns[i].hidden = true;
    add_column(source, std::move(text));
  }
  return found;
}

std::unique_ptr<RowExtension> make(const DataSource& source, const LoadedGadget& gadget) {
  std::vector<StackExtension::StackColumn> stacks;
  const auto& columns = source.schema.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].meaning != Meaning::kStack) continue;
    const int id = source.schema.find(columns[i].type_name);
    const auto from = id < 0 ? i : static_cast<std::size_t>(id);
    stacks.push_back({i, source.fields[from].offset, is_user_stack(columns[i])});
  }
  return std::make_unique<StackExtension>(std::move(stacks), gadget);
}

}  // namespace

constinit const RowExtensionKind kStackExtension{describe, make};

}  // namespace ig
