// SPDX-License-Identifier: Apache-2.0
// Packets as the kernel's programs take them apart, and the server's name of a TLS ClientHello:
// the same source, with a stand-in for the kernel. The verifier proves there that no byte is read
// which is not the packet's; here the name must be the packet's own as well.
#include "tests/fuzz/packet_kernel.h"

// After what stands for the kernel.
#include "gadgets/trace_sni/client_hello.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  elements(&hellos).clear();
  // Several packets, so that a hello goes on in the next one: protocol and length before each.
  while (size >= 3) {
    const std::size_t length = std::min<std::size_t>(data[1] | data[2] << 8, size - 3);
    __sk_buff skb{};
    skb.len = static_cast<__u32>(length);
    skb.protocol = bpf_htons(data[0] % 2 == 0 ? __GADGET_ETH_P_IP : __GADGET_ETH_P_IPV6);
    packet_bytes = {data + 3, length};
    gadget_packet packet;
    __u32 at = 0;
    __u16 name = 0;
    if (gadget_packet_read(&skb, &packet, 0)) {
      if (packet.payload_len > skb.len) __builtin_trap();
      if (hello_passed(&skb, &packet, 1, true, &at, &name) && at + name > skb.len) __builtin_trap();
    }
    data += 3 + length;
    size -= 3 + length;
  }
  return 0;
}
