// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/dns_extension.h"

#include <fmt/format.h>

#include <algorithm>

#include "recorder/extension/dns_message.h"

namespace ig {
namespace {

using Names = std::map<std::int64_t, std::string>;

const Names& query_names() {
  static const Names kNames{{0, "Q"}, {1, "R"}};
  return kNames;
}

// IANA, "Domain Name System (DNS) Parameters".
const Names& type_names() {
  static const Names kNames{
      {1, "A"},           {2, "NS"},          {5, "CNAME"},   {6, "SOA"},     {10, "NULL"},
      {12, "PTR"},        {13, "HINFO"},      {15, "MX"},     {16, "TXT"},    {17, "RP"},
      {18, "AFSDB"},      {24, "SIG"},        {25, "KEY"},    {28, "AAAA"},   {29, "LOC"},
      {33, "SRV"},        {35, "NAPTR"},      {36, "KX"},     {37, "CERT"},   {39, "DNAME"},
      {41, "OPT"},        {42, "APL"},        {43, "DS"},     {44, "SSHFP"},  {45, "IPSECKEY"},
      {46, "RRSIG"},      {47, "NSEC"},       {48, "DNSKEY"}, {49, "DHCID"},  {50, "NSEC3"},
      {51, "NSEC3PARAM"}, {52, "TLSA"},       {53, "SMIMEA"}, {55, "HIP"},    {59, "CDS"},
      {60, "CDNSKEY"},    {61, "OPENPGPKEY"}, {62, "CSYNC"},  {63, "ZONEMD"}, {64, "SVCB"},
      {65, "HTTPS"},      {99, "SPF"},        {108, "EUI48"}, {109, "EUI64"}, {249, "TKEY"},
      {250, "TSIG"},      {251, "IXFR"},      {252, "AXFR"},  {255, "ANY"},   {256, "URI"},
      {257, "CAA"},       {32768, "TA"},      {32769, "DLV"}};
  return kNames;
}

const Names& rcode_names() {
  static const Names kNames{{0, "NOERROR"},  {1, "FORMERR"}, {2, "SERVFAIL"},  {3, "NXDOMAIN"},
                            {4, "NOTIMP"},   {5, "REFUSED"}, {6, "YXDOMAIN"},  {7, "YXRRSET"},
                            {8, "NXRRSET"},  {9, "NOTAUTH"}, {10, "NOTZONE"},  {11, "DSOTYPENI"},
                            {16, "BADVERS"}, {17, "BADKEY"}, {18, "BADTIME"},  {19, "BADMODE"},
                            {20, "BADNAME"}, {21, "BADALG"}, {22, "BADTRUNC"}, {23, "BADCOOKIE"}};
  return kNames;
}

enum Added { kId, kQr, kQtype, kName, kRcode, kNumAnswers, kAddresses, kTc, kRa, kRd };

void add(DataSource& source, const char* name, ColumnType type, Meaning meaning = Meaning::kPlain,
         const char* type_name = "") {
  Column column;
  column.name = name;
  column.type = type;
  column.meaning = meaning;
  column.type_name = type_name;
  add_column(source, std::move(column));
}

bool describe(const Gadget& /*gadget*/, DataSource& source) {
  auto& schema = source.schema;
  if (schema.kind != EventSchema::Kind::kTracer || schema.find("dns_off") < 0 ||
      schema.find("data_len") < 0) {
    return false;
  }
  schema.enums["dns_qr"] = query_names();
  schema.enums["dns_type"] = type_names();
  schema.enums["dns_rcode"] = rcode_names();
  add(source, "id", ColumnType::kText);
  add(source, "qr_raw", ColumnType::kInteger, Meaning::kEnum, "dns_qr");
  add(source, "qtype_raw", ColumnType::kInteger, Meaning::kEnum, "dns_type");
  add(source, "name", ColumnType::kText, Meaning::kPath);
  add(source, "rcode_raw", ColumnType::kInteger, Meaning::kEnum, "dns_rcode");
  add(source, "num_answers", ColumnType::kInteger);
  add(source, "addresses", ColumnType::kText, Meaning::kPath);
  for (const auto* flag : {"tc", "ra", "rd"}) {
    add(source, flag, ColumnType::kInteger, Meaning::kBool);
  }
  return true;
}

class DnsExtension : public RowExtension {
 public:
  explicit DnsExtension(const DataSource& source)
      : record_size_(source.record_size),
        offset_(static_cast<std::size_t>(source.schema.find("dns_off"))),
        length_(static_cast<std::size_t>(source.schema.find("data_len"))),
        first_(static_cast<std::size_t>(source.schema.find("id"))) {}

  void fill(std::span<const std::byte> record, std::span<Value> row) override {
    if (!message_.read(message_of(record, row))) return;  // its columns stay NULL
    id_ = fmt::format("{:04x}", message_.id);
    const auto set = [&](Added column, Value value) { row[first_ + column] = value; };
    set(kId, Value::of(std::string_view(id_)));
    set(kQr, Value::of(std::int64_t{message_.is_response}));
    if (message_.qtype != 0) set(kQtype, Value::of(std::int64_t{message_.qtype}));
    if (!message_.name.empty()) set(kName, Value::of(std::string_view(message_.name)));
    set(kTc, Value::of(std::int64_t{message_.is_cut}));
    set(kRd, Value::of(std::int64_t{message_.wants_recursion}));
    if (!message_.is_response) return;  // the rest is about responses
    set(kRcode, Value::of(std::int64_t{message_.rcode}));
    set(kNumAnswers, Value::of(std::int64_t{message_.answer_count}));
    set(kAddresses, Value::of(std::string_view(message_.addresses)));
    set(kRa, Value::of(std::int64_t{message_.has_recursion}));
  }

 private:
  // The record's lengths are the kernel side's word, and that may be anybody's program.
  std::span<const std::byte> message_of(std::span<const std::byte> record,
                                        std::span<const Value> row) const {
    auto packet = record.subspan(std::min<std::size_t>(record_size_, record.size()));
    packet = packet.first(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(row[length_].integer), packet.size()));
    return packet.subspan(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(row[offset_].integer), packet.size()));
  }

  std::size_t record_size_, offset_, length_, first_;
  DnsMessage message_;
  std::string id_;
};

std::unique_ptr<RowExtension> make(const DataSource& source, const LoadedGadget& /*gadget*/) {
  return std::make_unique<DnsExtension>(source);
}

}  // namespace

const RowExtensionKind kDnsExtension{describe, make};

}  // namespace ig
