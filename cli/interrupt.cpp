// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <array>
#include <atomic>
#include <csignal>

namespace ig {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

// A handler has no other way to know what it is for.
std::atomic<int> signals = 0;
std::atomic<void (*)(void*)> stop_function = nullptr;
std::atomic<void*> stop_subject = nullptr;
std::atomic<void (*)(void*)> dump_function = nullptr;
std::array<struct sigaction, kSignals.size()> saved_actions;
struct sigaction saved_dump_action;

void ask_to_stop() {
  if (const auto stop = stop_function.load()) stop(stop_subject.load());
}

extern "C" void on_signal(int) {
  const int number = ++signals;
  if (number == 1) ask_to_stop();
  if (number < 2) return;
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
}

extern "C" void on_dump_signal(int) {
  if (const auto dump = dump_function.load()) dump(stop_subject.load());
}

}  // namespace

Interrupts::Interrupts() {
  signals = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: whoever waits shall notice
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &saved_actions[i]);
    // What nohup or a background shell ignores stays ignored.
    if (saved_actions[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
  }
  action.sa_handler = on_dump_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, &saved_dump_action);
}

Interrupts::~Interrupts() {
  call_nothing();
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &saved_actions[i], nullptr);
  }
  sigaction(SIGUSR1, &saved_dump_action, nullptr);
}

void Interrupts::call(void (*stop)(void*), void (*dump)(void*), void* subject) {
  stop_subject = subject;
  stop_function = stop;
  dump_function = dump;
  if (signals > 0) ask_to_stop();
}

void Interrupts::call_nothing() {
  stop_function = nullptr;
  dump_function = nullptr;
}

int Interrupts::count() { return signals; }

}  // namespace ig
