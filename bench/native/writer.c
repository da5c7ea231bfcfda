// An application that writes its log: whole lines, each with a write of its own, at a steady rate, each with the time of its writing in it.
//
//   writer BLOCK FILE BYTES_PER_SECOND SECONDS
//
// BLOCK holds lines with the marks ~qDDDDDDDDDD, ~zDDDDDDDDDD and ~tDDDDDDDDDDDDDDDDDDD, which are overwritten; it is gone through again and again.
// FILE is appended to. It writes what is due each millisecond, and prints {"lines":N,"bytes":N,"firstNs":N,"lateMs":X} at its end: how late, at
// worst, it was itself.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "writer: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void patch(char *line, size_t length, char mark, int digits, uint64_t value) {
  for (char *at = line; (at = memchr(at, '~', (size_t)(line + length - at))); at++) {
    if (at[1] != mark) continue;
    for (int i = digits; i > 0; i--, value /= 10) at[1 + i] = (char)('0' + value % 10);
    return;
  }
  fprintf(stderr, "writer: a line without mark %c\n", mark);
  exit(1);
}

int main(int count, char **arguments) {
  if (count != 5) return 64;
  int source = open(arguments[1], O_RDONLY), file = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (source < 0) fail(arguments[1]);
  if (file < 0) fail(arguments[2]);
  struct stat stat;
  fstat(source, &stat);
  char *block = malloc((size_t)stat.st_size + 1), *end = block + stat.st_size, *line = block;
  if (read(source, block, (size_t)stat.st_size) != stat.st_size) fail("read");
  double per_second = atof(arguments[3]), seconds = atof(arguments[4]);
  uint64_t lines = 0, bytes = 0, worst = 0;
  uint64_t begun = now_ns(), last = begun + (uint64_t)(seconds * 1e9);
  for (uint64_t due = begun; due < last; due += 1000000) {
    struct timespec until = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
    uint64_t now = now_ns();
    if (now - due > worst) worst = now - due;
    while ((double)bytes < (double)(due - begun) / 1e9 * per_second) {
      char *newline = memchr(line, '\n', (size_t)(end - line));
      if (!newline) fail("a block without line end");
      size_t length = (size_t)(newline + 1 - line);
      patch(line, length, 'q', 10, lines);
      patch(line, length, 'z', 10, lines);
      patch(line, length, 't', 19, now_ns());
      if (write(file, line, length) != (ssize_t)length) fail("write");
      lines++;
      bytes += length;
      line = newline + 1 == end ? block : newline + 1;
    }
  }
  printf("{\"lines\":%llu,\"bytes\":%llu,\"firstNs\":%llu,\"lateMs\":%.3f}\n", (unsigned long long)lines, (unsigned long long)bytes,
         (unsigned long long)begun, (double)worst / 1e6);
  return 0;
}
