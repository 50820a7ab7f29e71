// SPDX-License-Identifier: Apache-2.0
// one_call NUMBER [ARGUMENT]: makes that system call with one argument (0), and none but exit_group
// besides, so that what a profile says of the one call is seen. Exit status: 0 it was done, 1
// EPERM, 38 ENOSYS, 2 another error. Build with -static -nostdlib -ffreestanding: a C library would
// make calls of its own.
static long call(long number, long argument) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(argument), "S"(0), "d"(0)
                   : "rcx", "r11", "memory");
  return result;
}

static long number_of(const char* text) {
  long number = 0;
  for (; text && *text != '\0'; text++) number = number * 10 + (*text - '0');
  return number;
}

__attribute__((used)) static void run(const long* stack) {
  const char* const* words = (const char* const*)(stack + 1);
  const long result = call(number_of(words[1]), words[1] ? number_of(words[2]) : 0);
  const int status = result >= 0 ? 0 : result == -1 /* EPERM */ ? 1 : result == -38 ? 38 : 2;
  call(231 /* exit_group */, status);
}

__asm__(".global _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call run\n");
