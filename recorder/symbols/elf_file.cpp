// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/elf_file.h"

#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace ig {
namespace {

constexpr std::size_t kMostSegments = 512;
constexpr std::size_t kMostSections = 65536;
constexpr std::uint64_t kMostNames = 256 << 20;
constexpr std::uint64_t kMostSymbols = 8'000'000;
constexpr std::size_t kSymbolsAtOnce = 4096;
constexpr std::size_t kMostNotes = 64 << 10;
constexpr std::size_t kMostBuildId = 64;
constexpr std::size_t kLongestName = 1024;

struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Section = Elf64_Shdr;
  using Symbol = Elf64_Sym;
};
struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Section = Elf32_Shdr;
  using Symbol = Elf32_Sym;
};

template <typename T>
bool read_all(const ReadAt& read, std::uint64_t offset, std::vector<T>& items) {
  return items.empty() || read(offset, std::as_writable_bytes(std::span(items)));
}

template <typename Elf>
class ElfReader {
 public:
  explicit ElfReader(const ReadAt& read) : read_(read) {}

  std::optional<ElfFile> run() {
    std::vector<typename Elf::Header> header(1);
    if (!read_all(read_, 0, header)) return std::nullopt;
    if (!read_segments(header.front())) return std::nullopt;
    read_sections(header.front());
    file_.functions.finish();
    return std::move(file_);
  }

 private:
  using Section = typename Elf::Section;
  using Symbol = typename Elf::Symbol;

  bool read_segments(const typename Elf::Header& header) {
    if (header.e_phentsize != sizeof(typename Elf::Segment)) return header.e_phnum == 0;
    std::vector<typename Elf::Segment> segments(
        std::min<std::size_t>(header.e_phnum, kMostSegments));
    if (!read_all(read_, header.e_phoff, segments)) return false;
    for (const auto& segment : segments) {
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
        file_.code.push_back({segment.p_offset, segment.p_filesz, segment.p_vaddr});
      }
      if (segment.p_type == PT_NOTE) read_notes(segment.p_offset, segment.p_filesz);
    }
    return true;
  }

  void read_sections(const typename Elf::Header& header) {
    if (header.e_shentsize != sizeof(Section) || header.e_shoff == 0) return;
    std::vector<Section> sections(std::min<std::size_t>(header.e_shnum, kMostSections));
    if (!read_all(read_, header.e_shoff, sections)) return;
    // A complete table has all that the dynamic one has.
    for (const auto type : {SHT_SYMTAB, SHT_DYNSYM}) {
      for (const auto& section : sections) {
        if (section.sh_type != static_cast<std::uint32_t>(type)) continue;
        read_symbols(sections, section);
        if (type == SHT_SYMTAB && !file_.functions.empty()) file_.has_symtab = true;
      }
      if (!file_.functions.empty()) return;
    }
  }

  void read_symbols(const std::vector<Section>& sections, const Section& table) {
    if (table.sh_entsize != sizeof(Symbol) || table.sh_link >= sections.size()) return;
    const auto& strings = sections[table.sh_link];
    if (strings.sh_type != SHT_STRTAB) return;
    std::string names = read_names(strings);
    if (names.empty()) return;
    const std::uint64_t count =
        std::min<std::uint64_t>(table.sh_size / sizeof(Symbol), kMostSymbols);
    std::vector<Symbol> symbols;
    for (std::uint64_t at = 0; at < count; at += symbols.size()) {
      symbols.resize(std::min<std::uint64_t>(count - at, kSymbolsAtOnce));
      if (!read_all(read_, table.sh_offset + at * sizeof(Symbol), symbols)) return;
      for (const auto& symbol : symbols) add(symbol, names);
    }
  }

  // Piece by piece: what the header says of its size is not believed before it is there.
  std::string read_names(const Section& section) const {
    constexpr std::size_t kPiece = 1 << 20;
    const auto size = std::min<std::uint64_t>(section.sh_size, kMostNames);
    std::string names;
    while (names.size() < size) {
      const auto at = names.size();
      const auto piece = std::min<std::uint64_t>(size - at, kPiece);
      names.resize(at + piece);
      const auto bytes = std::as_writable_bytes(std::span(names)).subspan(at);
      if (!read_(section.sh_offset + at, bytes)) return "";
    }
    return names;
  }

  void add(const Symbol& symbol, std::string_view names) {
    const auto type = ELF64_ST_TYPE(symbol.st_info);  // the same for 32 bits
    if (type != STT_FUNC && type != STT_GNU_IFUNC) return;
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size()) return;
    auto name = names.substr(symbol.st_name, kLongestName);
    name = name.substr(0, name.find('\0'));
    if (!name.empty()) file_.functions.add(symbol.st_value, symbol.st_size, name);
  }

  void read_notes(std::uint64_t offset, std::uint64_t size) {
    std::vector<std::byte> notes(std::min<std::uint64_t>(size, kMostNotes));
    if (!read_all(read_, offset, notes)) return;
    std::span<const std::byte> rest(notes);
    const auto padded = [](std::uint64_t length) { return (length + 3) & ~std::uint64_t{3}; };
    Elf64_Nhdr note{};  // that of 32 bits is the same
    while (rest.size() >= sizeof note) {
      std::memcpy(&note, rest.data(), sizeof note);
      rest = rest.subspan(sizeof note);
      const auto name = padded(note.n_namesz);
      const auto whole = name + padded(note.n_descsz);
      if (name + note.n_descsz > rest.size()) return;
      const bool is_gnu = note.n_namesz == 4 && std::memcmp(rest.data(), "GNU", 4) == 0;
      if (is_gnu && note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= kMostBuildId) {
        set_build_id(rest.subspan(name, note.n_descsz));
      }
      rest = rest.subspan(std::min<std::uint64_t>(whole, rest.size()));
    }
  }

  void set_build_id(std::span<const std::byte> bytes) {
    file_.build_id.clear();
    for (const auto byte : bytes) file_.build_id += fmt::format("{:02x}", static_cast<int>(byte));
  }

  const ReadAt& read_;
  ElfFile file_;
};

}  // namespace

std::optional<std::uint64_t> ElfFile::address_of(std::uint64_t offset) const {
  for (const auto& segment : code) {
    if (offset >= segment.offset && offset - segment.offset < segment.size) {
      return offset - segment.offset + segment.address;
    }
  }
  return std::nullopt;
}

std::optional<ElfFile> read_elf(const ReadAt& read) {
  unsigned char ident[EI_NIDENT] = {};
  if (!read(0, std::as_writable_bytes(std::span(ident)))) return std::nullopt;
  const auto order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (std::memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != order) return std::nullopt;
  if (ident[EI_CLASS] == ELFCLASS64) return ElfReader<Elf64>(read).run();
  if (ident[EI_CLASS] == ELFCLASS32) return ElfReader<Elf32>(read).run();
  return std::nullopt;
}

ReadAt read_from(int fd) {
  return [fd](std::uint64_t offset, std::span<std::byte> bytes) {
    if (offset > INT64_MAX / 2) return false;
    while (!bytes.empty()) {
      const auto got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    return true;
  };
}

ReadAt read_from(std::span<const std::byte> memory) {
  return [memory](std::uint64_t offset, std::span<std::byte> bytes) {
    if (offset > memory.size() || bytes.size() > memory.size() - offset) return false;
    std::ranges::copy(memory.subspan(offset, bytes.size()), bytes.begin());
    return true;
  };
}

}  // namespace ig
