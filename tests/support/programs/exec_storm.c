// SPDX-License-Identifier: Apache-2.0
// exec_storm COUNT AT_ONCE PROGRAM ARGUMENT: runs PROGRAM ARGUMENT COUNT times, never more than
// AT_ONCE at a time.
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

int main(int argument_count, char** arguments) {
  if (argument_count != 5) return 2;
  int left = atoi(arguments[1]), room = atoi(arguments[2]), failed = 0, status;
  for (int running = 0; left > 0 || running > 0; running--) {
    for (pid_t pid; left > 0 && running < room; left--, running++) {
      if (posix_spawn(&pid, arguments[3], NULL, NULL, arguments + 3, NULL) != 0) return 1;
    }
    if (wait(&status) > 0) failed |= status;
  }
  return failed != 0;
}
