// SPDX-License-Identifier: Apache-2.0
#include "store/known_words.h"

#include <set>

namespace ig {
namespace {

const std::set<std::string_view>& known_words() {
  static const std::set<std::string_view> words = {
      // folders
      "bin", "boot", "cache", "dev", "etc", "home", "include", "lib", "lib32", "lib64", "libexec",
      "libx32", "local", "lock", "log", "media", "mnt", "opt", "proc", "root", "run", "sbin",
      "share", "spool", "srv", "sys", "tmp", "usr", "var", "x86_64", "aarch64", "linux", "gnu",
      // what the kernel calls so
      "anon_inode", "bus", "cgroup", "class", "cmdline", "cpu", "cpuinfo", "deleted", "devices",
      "environ", "exe", "fd", "fdinfo", "fs", "kernel", "maps", "meminfo", "memfd", "module",
      "mountinfo", "mounts", "net", "null", "pipe", "ptmx", "pts", "random", "self", "shm", "smaps",
      "socket", "stat", "status", "stderr", "stdin", "stdout", "task", "thread", "tty", "uptime",
      "urandom", "zero",
      // endings of files and units
      "cfg", "conf", "crt", "css", "csv", "d", "db", "gz", "html", "ini", "jar", "js", "json",
      "key", "ko", "mount", "pem", "pid", "py", "pyc", "scope", "service", "sh", "slice", "so",
      "sock", "sql", "target", "timer", "toml", "txt", "xml", "yaml", "yml", "zst",
      // of names and addresses on the network
      "addr", "arpa", "cluster", "com", "edu", "gov", "http", "https", "in", "internal", "io",
      "ip6", "localdomain", "localhost", "org", "svc", "tcp", "udp",
      // of every cluster
      "ClusterIP", "CronJob", "DaemonSet", "Deployment", "DoesNotExist", "EndpointSlice",
      "Endpoints", "Exists", "ExternalName", "In", "Job", "LoadBalancer", "Namespace", "Node",
      "NodePort", "NotIn", "Pod", "ReplicaSet", "ReplicationController", "SCTP", "Service",
      "StatefulSet", "TCP", "UDP", "app", "component", "coredns", "default", "dns", "hash",
      "instance", "k8s", "kube", "kubernetes", "liveness", "metrics", "name", "namespace", "node",
      "pod", "readiness", "startup", "system", "template", "tier", "version",
      // members of the inventory's `spec`
      "addresses", "endpoints", "hostNetwork", "key", "kind", "matchExpressions", "matchLabels",
      "nodePort", "notReady", "operator", "podCIDRs", "podUid", "port", "ports", "probes",
      "protocol", "selector", "subsets", "targetPort", "templateLabels", "type", "values",
      // our own
      "built", "host"};
  return words;
}

}  // namespace

bool is_known_word(std::string_view word) { return known_words().contains(word); }

}  // namespace ig
