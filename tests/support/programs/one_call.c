// SPDX-License-Identifier: Apache-2.0
// one_call NUMBER: makes that system call with no arguments, and none but exit_group besides, so
// that what a profile says of the one call is seen. Exit status: 0 it was done, 1 EPERM, 2 another
// error. Build with -static -nostdlib -ffreestanding: a C library would make calls of its own.
static long call(long number, long argument) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(argument), "S"(0), "d"(0)
                   : "rcx", "r11", "memory");
  return result;
}

__attribute__((used)) static void run(const long* stack) {
  const char* text = ((const char* const*)(stack + 1))[1];
  long number = 0;
  for (; *text != '\0'; text++) number = number * 10 + (*text - '0');
  const long result = call(number, 0);
  call(231 /* exit_group */, result >= 0 ? 0 : result == -1 /* EPERM */ ? 1 : 2);
}

__asm__(".global _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call run\n");
