// SPDX-License-Identifier: Apache-2.0
// namespace_storm COUNT: makes COUNT mount namespaces one after another, as a host does that starts
// very many containers. Each is news that the recorder has to hear of.
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>

int main(int argument_count, char **arguments) {
  if (argument_count != 2) return 2;
  for (long i = atol(arguments[1]); i > 0; i--) {
    if (unshare(CLONE_NEWNS) != 0) return 1;
  }
  return 0;
}
