// SPDX-License-Identifier: Apache-2.0
// Interrupts: Ctrl-C, SIGTERM and SIGHUP end a recording in order. The first asks it to stop,
// which reads what is left and closes the file. The second gives up what is left, but the file is
// closed all the same. The third is the system's own: the process ends at once.
// SIGUSR1 asks for a dump of what flight recorders have so far.
#pragma once

namespace ig {

class Interrupts {
 public:
  Interrupts();  // takes the signals over; one object at a time
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // The first signal calls stop(subject), in the signal handler; now, if it has come already.
  // SIGUSR1 calls dump(subject), each time.
  void call(void (*stop)(void* subject), void (*dump)(void* subject), void* subject);
  void call_nothing();

  static int count();  // signals so far
};

}  // namespace ig
