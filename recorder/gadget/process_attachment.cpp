// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/process_attachment.h"

#include <charconv>
#include <filesystem>
#include <string_view>

#include "recorder/gadget/classifier_attachment.h"
#include "recorder/gadget/socket_attachment.h"
#include "recorder/gadget/uprobe_attachment.h"

namespace ig {

ProcessAttachments::ProcessAttachments() = default;
ProcessAttachments::~ProcessAttachments() = default;

Result<bool> ProcessAttachments::add(const bpf_program* program, const std::string& target) {
  const std::string_view section = bpf_program__section_name(program);
  const auto type = bpf_program__type(program);
  if (section.starts_with("socket") && type == BPF_PROG_TYPE_SOCKET_FILTER) {
    IG_ASSIGN(auto socket, SocketAttachment::open(program));
    attachments_.push_back(std::move(socket));
    return true;
  }
  if (type == BPF_PROG_TYPE_SCHED_CLS) {
    if (classifiers_ == nullptr) {
      IG_ASSIGN(auto classifiers, ClassifierAttachment::open(target));
      classifiers_ = classifiers.get();
      attachments_.push_back(std::move(classifiers));
    }
    IG_TRY(classifiers_->add(program));
    return true;
  }
  if (!section.starts_with("uprobe/") && !section.starts_with("uretprobe/")) return false;
  if (uprobes_ == nullptr) {
    IG_ASSIGN(auto uprobes, UprobeAttachment::open());
    uprobes_ = uprobes.get();
    attachments_.push_back(std::move(uprobes));
  }
  IG_TRY(uprobes_->add(program, target));
  return true;
}

void ProcessAttachments::follow(pid_t pid) {
  for (const auto& attachment : attachments_) attachment->follow(pid);
}

void ProcessAttachments::follow_all() {
  if (empty()) return;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const auto name = it->path().filename().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) follow(pid);
  }
  for (const auto& attachment : attachments_) attachment->forget_unseen();
}

void ProcessAttachments::clear() {
  classifiers_ = nullptr;
  uprobes_ = nullptr;
  attachments_.clear();
}

}  // namespace ig
