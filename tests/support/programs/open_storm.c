// SPDX-License-Identifier: Apache-2.0
// open_storm COUNT PROCESSES: opens /dev/null COUNT times in each of PROCESSES processes, as fast
// as it can, and nothing else (link statically: a dynamic linker opens files too).
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int storm(long count) {
  for (long i = 0; i < count; i++) {
    const int fd = open("/dev/null", O_RDONLY);
    if (fd < 0) return 1;
    close(fd);
  }
  return 0;
}

int main(int argument_count, char** arguments) {
  if (argument_count != 3) return 2;
  const int processes = atoi(arguments[2]);
  for (int i = 0; i < processes; i++) {
    if (fork() == 0) _exit(storm(atol(arguments[1])));
  }
  int failed = 0, status;
  while (wait(&status) > 0) failed |= status;
  return failed != 0;
}
