// The control: what the hardware and the kernel allow. It reads a file, finds line ends, makes a bulk body with an id and the agent's fields for
// each line, posts it on one connection that stays open, and keeps its position on disk once the answer is there. Nothing else: no rotation, no
// retry, no check of UTF-8 or JSON, one file. It follows the file for ever; SIGTERM ends it.
//
//   control raw|json FILE PORT POSITION_FILE
//
// raw: the line, escaped (32 bytes at a time where nothing is to be escaped), becomes `message`. json: the agent's fields go in before the line's
// last brace, when the line starts and ends with braces; other lines go as raw.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

// The working set stays in the second-level cache: 256 KiB read at a time, bodies of up to 2 MiB.
enum { READ = 256 * 1024, BODY = 2 * 1024 * 1024, LINE_MAX_BYTES = 1024 * 1024, SLACK = 64 };
static char in[LINE_MAX_BYTES + READ + SLACK], body[BODY + 6 * LINE_MAX_BYTES + 4096], reply[4 * 1024 * 1024];
static char fields[4608];
static size_t fields_length;
static const char action[] = "{\"create\":{\"_id\":\"3f9c0d7e51aa42b8c6d1e0f2-00000000000000\"}}\n";
static const char text_start[] = "{\"@timestamp\":\"2026-11-20T09:15:02.123Z\",\"message\":\"";

static void fail(const char *what) {
  fprintf(stderr, "control: %s: %s\n", what, strerror(errno));
  exit(1);
}

static inline void digits(char *last, uint64_t n) {
  for (; n; n /= 10) *last-- = (char)('0' + n % 10);
}

static char *escape_byte(char *out, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    *out++ = '\\';
    *out++ = (char)c;
  } else if (c < 0x20) {
    static const char named[] = {[8] = 'b', [9] = 't', [10] = 'n', [12] = 'f', [13] = 'r'};
    *out++ = '\\';
    if (c < sizeof named && named[c]) {
      *out++ = named[c];
    } else {
      memcpy(out, "u00", 3);
      out[3] = hex[c >> 4];
      out[4] = hex[c & 15];
      out += 5;
    }
  } else {
    *out++ = (char)c;
  }
  return out;
}

static char *escape(char *out, const char *at, const char *end) {
#ifdef __AVX2__
  const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), control = _mm256_set1_epi8(0x1f);
  while (at < end) {
    // Both areas have room behind their ends; what is too much is written again or forgotten.
    __m256i v = _mm256_loadu_si256((const __m256i *)at);
    __m256i hit = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, backslash)),
                                  _mm256_cmpeq_epi8(_mm256_min_epu8(v, control), v));
    uint32_t hits = (uint32_t)_mm256_movemask_epi8(hit);
    _mm256_storeu_si256((__m256i *)out, v);
    long left = end - at, clean = hits ? __builtin_ctz(hits) : 32;
    if (clean >= left) return out + left;
    at += clean;
    out += clean;
    if (hits) out = escape_byte(out, (unsigned char)*at++);
  }
#else
  while (at < end) out = escape_byte(out, (unsigned char)*at++);
#endif
  return out;
}

static char *document(char *out, const char *line, const char *end, uint64_t offset, bool json) {
  memcpy(out, action, sizeof action - 1);
  digits(out + sizeof action - 1 - 5, offset);
  out += sizeof action - 1;
  char *field_start;
  if (json && end - line > 2 && line[0] == '{' && end[-1] == '}') {
    memcpy(out, line, (size_t)(end - line) - 1);
    out += end - line - 1;
    field_start = out;
  } else {
    memcpy(out, text_start, sizeof text_start - 1);
    out = escape(out + sizeof text_start - 1, line, end);
    *out++ = '"';
    field_start = out;
  }
  memcpy(field_start, fields, fields_length);
  out = field_start + fields_length;
  digits(out - 4, offset); // over the blanks of `…"offset":             0}}` and a line end
  return out;
}

static int dial(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

static void post(int fd, size_t length) {
  char head[256];
  int n = snprintf(head, sizeof head,
                   "POST /logs/_bulk?filter_path=errors HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: %zu\r\n\r\n", length);
  if (send(fd, head, (size_t)n, MSG_MORE | MSG_NOSIGNAL) != n) fail("send");
  for (size_t at = 0; at < length;) {
    ssize_t sent = send(fd, body + at, length - at, MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    at += (size_t)sent;
  }
  size_t got = 0, wanted = 0;
  while (!wanted || got < wanted) {
    ssize_t more = recv(fd, reply + got, sizeof reply - 1 - got, 0);
    if (more <= 0) fail("answer");
    got += (size_t)more;
    reply[got] = 0;
    char *end = wanted ? NULL : strstr(reply, "\r\n\r\n");
    if (end) {
      char *value = strcasestr(reply, "content-length:");
      wanted = (size_t)(end - reply) + 4 + (value ? strtoull(value + 15, NULL, 10) : 0);
    }
  }
  if (!strstr(reply, " 200 ") || !strstr(reply, "\"errors\":false")) {
    fprintf(stderr, "control: refused: %.200s\n", reply);
    exit(1);
  }
}

// The position goes to disk with each answer, and is synced once a second.
static void keep_position(int fd, uint64_t offset) {
  static time_t synced;
  char text[24];
  int n = snprintf(text, sizeof text, "%020llu\n", (unsigned long long)offset);
  if (pwrite(fd, text, (size_t)n, 0) != n) fail("position");
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  if (t.tv_sec != synced) {
    fdatasync(fd);
    synced = t.tv_sec;
  }
}

int main(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "control raw|json FILE PORT POSITION_FILE\n");
    return 64;
  }
  bool json = strcmp(arguments[1], "json") == 0;
  const char *path = arguments[2];
  int file = open(path, O_RDONLY), position = open(arguments[4], O_RDWR | O_CREAT, 0644);
  if (file < 0) fail(path);
  if (position < 0) fail(arguments[4]);
  fields_length = (size_t)snprintf(fields, sizeof fields, ",\"log\":{\"file\":{\"path\":\"%s\"},\"offset\":             0}}\n", path);
  char saved[24] = {0};
  uint64_t offset = pread(position, saved, sizeof saved - 1, 0) > 0 ? strtoull(saved, NULL, 10) : 0;
  int sock = dial(atoi(arguments[3])), watch = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(watch, path, IN_MODIFY);

  size_t left = 0; // bytes of an open line, at the start of `in`
  char *out = body;
  for (;;) {
    ssize_t got = pread(file, in + left, READ, (off_t)(offset + left));
    if (got < 0) fail("read");
    const char *at = in, *end = in + left + got;
    for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
      if (newline > at) out = document(out, at, newline, offset, json);
      offset += (uint64_t)(newline + 1 - at);
      if (out - body >= BODY) {
        post(sock, (size_t)(out - body));
        keep_position(position, offset);
        out = body;
      }
    }
    left = (size_t)(end - at);
    memmove(in, at, left);
    if (left > LINE_MAX_BYTES) {
      fprintf(stderr, "control: a line longer than 1 MiB\n");
      return 1;
    }
    if (got > 0) continue;
    if (out > body) {
      post(sock, (size_t)(out - body));
      keep_position(position, offset);
      out = body;
      continue;
    }
    struct pollfd wait = {.fd = watch, .events = POLLIN};
    poll(&wait, 1, 1000);
    char events[4096];
    while (read(watch, events, sizeof events) > 0) {
    }
  }
}
