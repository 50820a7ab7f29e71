// SPDX-License-Identifier: Apache-2.0
// Who closes what libbpf opens.
#pragma once

#include <bpf/libbpf.h>

#include "base/handle.h"

namespace ig {

using BpfObject = Handle<bpf_object, bpf_object__close>;
using BpfLink = Handle<bpf_link, bpf_link__destroy>;
using RingBuffer = Handle<ring_buffer, ring_buffer__free>;
using PerfBuffer = Handle<perf_buffer, perf_buffer__free>;

}  // namespace ig
