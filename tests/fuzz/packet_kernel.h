// SPDX-License-Identifier: Apache-2.0
// What the parser of packets asks of the kernel, for user space: one packet, and maps.
#pragma once

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <type_traits>

// Their types are the kernel's own, and no socket is looked at here.
#define __VMLINUX_H__
#define __BPF_CORE_READ_H__
#define __BPF_HELPERS__
#define GADGET_COMMON_H
#define BPF_CORE_READ(...) 0
#define BPF_CORE_READ_INTO(...) 0
#define __always_inline inline
#define SEC(name)
#define __uint(name, value) int name = value
#define __type(name, type) type* name
constexpr int SOCK_DONE = 1;

inline std::span<const std::uint8_t> packet_bytes;

inline long bpf_skb_load_bytes(const void*, __u32 offset, void* to, __u32 length) {
  if (offset > packet_bytes.size() || length > packet_bytes.size() - offset) return -1;
  std::memcpy(to, packet_bytes.data() + offset, length);
  return 0;
}

template <typename Map>
auto& elements(const Map* map) {
  static std::map<std::string, std::remove_pointer_t<decltype(map->value)>> elements;
  return elements;
}

template <typename Map>
std::string key_bytes(const Map* map, const void* key) {
  return {static_cast<const char*>(key), sizeof *map->key};
}

template <typename Map>
auto bpf_map_lookup_elem(const Map* map, const void* key) -> decltype(map->value) {
  const auto found = elements(map).find(key_bytes(map, key));
  return found == elements(map).end() ? nullptr : &found->second;
}

template <typename Map, typename Value>
void bpf_map_update_elem(const Map* map, const void* key, const Value* value, int) {
  elements(map)[key_bytes(map, key)] = *value;
}

template <typename Map>
void bpf_map_delete_elem(const Map* map, const void* key) {
  elements(map).erase(key_bytes(map, key));
}
