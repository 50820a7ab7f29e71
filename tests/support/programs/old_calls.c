// SPDX-License-Identifier: Apache-2.0
// old_calls: an i386 program (-m32 -static) that uses what only the old table has, beside a child
// and a socket pair. It answers on standard output, so that its work is seen to be done.
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  char letter = 0;
  struct stat about;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
  if (fork() == 0) _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
  if (read(ends[0], &letter, 1) != 1 || wait(NULL) < 0) return 1;
  if (stat("/", &about) != 0 || syscall(SYS_time, NULL) < 0) return 1;
  printf("%c %d\n", letter, S_ISDIR(about.st_mode));
  return 0;
}
