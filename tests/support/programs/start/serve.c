// SPDX-License-Identifier: Apache-2.0
// serve PORT: answers one connection after another, with a socket of its own each time. So a
// recording that begins while it runs sees all that it does, save its start.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int answer_one(int port) {
  const int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener, (struct sockaddr*)&address, sizeof(address)) || listen(listener, 8)) return 1;
  const int client = accept(listener, NULL, NULL);
  close(listener);
  char word[100];
  const ssize_t size = read(client, word, sizeof(word));
  const int failed = size < 0 || write(client, word, (size_t)size) != size;
  close(client);
  return failed;
}

int main(int count, char** words) {
  if (count != 2) return 2;
  while (answer_one(atoi(words[1])) == 0) continue;
  return 1;
}
