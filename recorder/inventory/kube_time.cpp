// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_time.h"

#include <charconv>
#include <chrono>

namespace ig {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

// Takes fixed numbers of digits, and what stands between them, from the front of a text.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : rest_(text) {}

  bool is_good() const { return good_; }
  bool is_over() const { return good_ && rest_.empty(); }

  int digits(std::size_t count) {
    int number = 0;
    const auto part = rest_.substr(0, count);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    good_ = good_ && part.size() == count && error == std::errc() &&
            end == part.data() + part.size() && number >= 0;
    rest_.remove_prefix(part.size());
    return number;
  }
  bool skip_any(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view characters) { good_ = skip_any(characters) && good_; }

  // Of the second; digits below a nanosecond are passed over.
  std::int64_t fraction() {
    std::int64_t unit = kSecondNs / 10, nanoseconds = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      nanoseconds += unit * (rest_.front() - '0');
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return nanoseconds;
  }
  std::int64_t offset_seconds() {
    if (skip_any("Zz")) return 0;
    const bool is_west = !rest_.empty() && rest_.front() == '-';
    expect("+-");
    const auto hours = digits(2);
    expect(":");
    const auto seconds = hours * 3600 + digits(2) * 60;
    return is_west ? -seconds : seconds;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<std::int64_t> parse_kube_time(std::string_view text) {
  namespace chrono = std::chrono;
  TimeText from(text);
  const int year = from.digits(4);
  from.expect("-");
  const int month = from.digits(2);
  from.expect("-");
  const int day = from.digits(2);
  from.expect("Tt");
  const int hour = from.digits(2);
  from.expect(":");
  const int minute = from.digits(2);
  from.expect(":");
  const int second = from.digits(2);
  const auto fraction = from.skip_any(".") ? from.fraction() : 0;
  const auto offset = from.offset_seconds();
  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  // Beyond these years nanoseconds do not fit.
  if (!from.is_over() || !date.ok() || year < 1970 || year > 2200) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = chrono::sys_days(date).time_since_epoch().count();
  return (days * 86400 + hour * 3600 + minute * 60 + second - offset) * kSecondNs + fraction;
}

}  // namespace ig
