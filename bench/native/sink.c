// The destination of every agent in the benchmarks: an HTTP server that takes bulk bodies, NDJSON and OTLP, accepts everything at once, and
// checks that each numbered record comes exactly once. One thread, so cheap (some GB a second) that it can look at every byte of every run.
//
//   sink [--tls CERTIFICATE KEY] [--silent]     prints {"event":"listening","port":N}; --silent takes bodies and never answers
//
// Commands, one a line on stdin; the end of stdin ends it:
//   run COUNT SAMPLE_BYTES   forgets all; expects the numbers 0 to COUNT-1; keeps one body (unpacked) of each SAMPLE_BYTES that come, 0: none
//   since NS                 counts latencies of records written from then on (CLOCK_MONOTONIC)
//   stats                    prints what came so far, as {"event":"stats",…}
//   samples PATH             writes the kept bodies there, each as: kind (1 byte), length (4 bytes, little endian), bytes. Prints {"event":"samples"}
//
// It prints {"event":"first","ns":N} and {"event":"complete","ns":N} when the first and the last of COUNT numbers have come.
//
// A record carries its number twice, near its start as ~qDDDDDDDDDD and near its end as ~zDDDDDDDDDD (in any order once parsed), and, in live
// cases, the time of its writing as ~tDDDDDDDDDDDDDDDDDDD. A head and a tail that do not belong together, or are on two lines of the body, are
// "broken": a cut, merged or damaged record. The time of arrival is the end of the body: before that no agent can have an answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { HEAD_MAX = 64 * 1024, SLACK = 64, OTHERS_MAX = 24, KEPT_MAX = 24 };
enum kind { BULK = 1, NDJSON = 2, OTLP_JSON = 3, OTLP_PROTO = 4 };
static const size_t BODY_MAX = 512u * 1024 * 1024;

struct bytes {
  char *at;
  size_t length, room;
};

struct connection {
  int fd;
#ifdef WITH_TLS
  SSL *tls;
  bool shaken;
#endif
  char head[HEAD_MAX + 1];
  size_t head_length;
  bool in_body, chunked, gzip;
  size_t body_wanted;
  char method[8], target[512], type[128];
  bool vendor;
  struct bytes body, raw, reply;
  size_t raw_at, chunk_left, reply_at;
  enum { SIZE, DATA, AFTER, TRAILER } chunk_state;
};

// What came since `run`.
static struct {
  uint64_t expected, records, distinct, repeated, foreign, broken, lines_wrong;
  uint64_t requests, answered, body_bytes, wire_bytes, bad_bodies, connections;
  uint64_t first_ns, complete_ns, last_ns, since_ns;
  uint8_t *seen;
  uint64_t *latencies;
  size_t latency_count, latency_room;
  uint64_t sample_every, next_sample;
  struct {
    enum kind kind;
    char *at;
    size_t length;
  } kept[KEPT_MAX];
  size_t kept_count;
  char *others[OTHERS_MAX];
  size_t other_count;
} run;

static bool silent;
static int events;
static struct bytes unpacked;
#ifdef WITH_TLS
static SSL_CTX *tls_context;
#endif

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void need(struct bytes *b, size_t room) {
  if (b->room >= room) return;
  size_t wanted = b->room ? b->room : 64 * 1024;
  while (wanted < room) wanted *= 2;
  b->at = realloc(b->at, wanted + SLACK);
  if (!b->at) fail("memory");
  b->room = wanted;
}

static void put(struct bytes *b, const char *text, size_t length) {
  need(b, b->length + length);
  memcpy(b->at + b->length, text, length);
  b->length += length;
}

static void put_text(struct bytes *b, const char *text) {
  put(b, text, strlen(text));
}

// ---- looking at a body

struct scan {
  uint64_t open, sent_ns;
  char open_kind; // 0: no half of a record is waiting for the other one
  bool by_lines, binary;
  uint64_t lines, records;
};

static bool number(const char *at, const char *end, int digits, uint64_t *value) {
  if (end - at < digits) return false;
  uint64_t n = 0;
  for (int i = 0; i < digits; i++) {
    unsigned digit = (unsigned char)at[i] - '0';
    if (digit > 9) return false;
    n = n * 10 + digit;
  }
  *value = n;
  return true;
}

static void latency(uint64_t sent_ns) {
  if (run.latency_count == run.latency_room) {
    run.latency_room = run.latency_room ? run.latency_room * 2 : 65536;
    run.latencies = realloc(run.latencies, run.latency_room * sizeof *run.latencies);
    if (!run.latencies) fail("memory");
  }
  run.latencies[run.latency_count++] = sent_ns;
}

static void whole(struct scan *s, uint64_t n) {
  s->records++;
  run.records++;
  if (n >= run.expected) {
    run.foreign++;
  } else if (run.seen[n >> 3] & (1 << (n & 7))) {
    run.repeated++;
  } else {
    run.seen[n >> 3] |= (uint8_t)(1 << (n & 7));
    run.distinct++;
    if (s->sent_ns && s->sent_ns >= run.since_ns) latency(s->sent_ns);
  }
  s->sent_ns = 0;
}

static void half_lost(struct scan *s) {
  if (s->open_kind) run.broken++;
  s->open_kind = 0;
  if (s->by_lines) s->sent_ns = 0;
}

static inline void special(struct scan *s, const char *at, const char *end) {
  uint64_t n;
  if (*at == '\n') {
    s->lines++;
    if (s->by_lines && s->open_kind) half_lost(s);
    return;
  }
  if (end - at < 2) return;
  char kind = at[1];
  if (kind == 't') {
    if (number(at + 2, end, 19, &n)) s->sent_ns = n;
    return;
  }
  if ((kind != 'q' && kind != 'z') || !number(at + 2, end, 10, &n)) {
    // In protobuf it may be a length.
    if (!s->binary) run.broken++;
    return;
  }
  if (!s->open_kind) {
    s->open = n;
    s->open_kind = kind;
  } else if (s->open_kind != kind && s->open == n) {
    s->open_kind = 0;
    whole(s, n);
  } else {
    half_lost(s);
    s->open = n;
    s->open_kind = kind;
  }
}

// Visits each line end and each tilde. The body has SLACK bytes of room behind its end.
static void look(struct scan *s, const char *at, size_t length) {
  const char *end = at + length;
#ifdef __AVX2__
  const __m256i tilde = _mm256_set1_epi8('~'), newline = _mm256_set1_epi8('\n');
  for (const char *p = at; p < end; p += 32) {
    __m256i v = _mm256_loadu_si256((const __m256i *)p);
    uint32_t hits = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(v, tilde), _mm256_cmpeq_epi8(v, newline)));
    if (end - p < 32) hits &= (1u << (end - p)) - 1;
    while (hits) {
      special(s, p + __builtin_ctz(hits), end);
      hits &= hits - 1;
    }
  }
#else
  for (const char *p = at; p < end; p++)
    if (*p == '~' || *p == '\n') special(s, p, end);
#endif
}

static bool unpack(const char *from, size_t length) {
  z_stream z = {0};
  if (inflateInit2(&z, 15 + 32) != Z_OK) return false;
  z.next_in = (Bytef *)from;
  z.avail_in = (uInt)length;
  unpacked.length = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    need(&unpacked, unpacked.length + 1024 * 1024);
    z.next_out = (Bytef *)unpacked.at + unpacked.length;
    z.avail_out = (uInt)(unpacked.room - unpacked.length);
    code = inflate(&z, Z_NO_FLUSH);
    unpacked.length = unpacked.room - z.avail_out;
    if (unpacked.length > BODY_MAX) code = Z_DATA_ERROR;
  }
  inflateEnd(&z);
  return code == Z_STREAM_END;
}

static void keep(enum kind kind, const char *at, size_t length) {
  if (!run.sample_every || run.kept_count == KEPT_MAX || run.body_bytes < run.next_sample) return;
  char *copy = malloc(length + 1);
  if (!copy) fail("memory");
  memcpy(copy, at, length);
  run.kept[run.kept_count].kind = kind;
  run.kept[run.kept_count].at = copy;
  run.kept[run.kept_count++].length = length;
  run.next_sample = run.body_bytes + run.sample_every;
}

// Returns the number of items that the answer to this body names.
static uint64_t take(struct connection *c, enum kind kind) {
  const char *at = c->body.at;
  size_t length = c->body.length;
  run.wire_bytes += length;
  if (c->gzip) {
    if (!unpack(at, length)) {
      run.bad_bodies++;
      return 0;
    }
    at = unpacked.at;
    length = unpacked.length;
  }
  keep(kind, at, length);
  run.body_bytes += length;
  struct scan s = {.by_lines = kind == BULK || kind == NDJSON, .binary = kind == OTLP_PROTO};
  size_t latencies_before = run.latency_count;
  bool was_complete = run.distinct == run.expected, was_empty = run.distinct == 0;
  look(&s, at, length);
  half_lost(&s);
  // An action line and a document each, in a bulk body. The last line of an NDJSON body may lack its end.
  uint64_t lines = s.lines + (kind == NDJSON && length > 0 && at[length - 1] != '\n');
  if (s.by_lines && lines != (kind == BULK ? 2 : 1) * s.records) run.lines_wrong++;
  uint64_t now = now_ns();
  for (size_t i = latencies_before; i < run.latency_count; i++) run.latencies[i] = now - run.latencies[i];
  run.last_ns = now;
  if (was_empty && run.distinct > 0) {
    run.first_ns = now;
    printf("{\"event\":\"first\",\"ns\":%llu}\n", (unsigned long long)now);
  }
  if (!was_complete && run.distinct == run.expected) {
    run.complete_ns = now;
    printf("{\"event\":\"complete\",\"ns\":%llu}\n", (unsigned long long)now);
  }
  fflush(stdout);
  return kind == BULK ? lines / 2 : s.records;
}

// ---- answers

static void answer(struct connection *c, const char *type, const char *body, size_t length, bool head_only) {
  char head[256];
  int n = snprintf(head, sizeof head,
                   "HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-type: %s\r\ncontent-length: %zu\r\n\r\n", type, length);
  put(&c->reply, head, (size_t)n);
  if (!head_only) put(&c->reply, body, length);
}

// As Elasticsearch answers one who asks for the least with one entry per item; who asks for `errors` alone gets that. An agent that asks for nothing
// would get ten times as much from a real server: the short form favours it.
static void answer_bulk(struct connection *c, uint64_t items, const char *type) {
  static struct bytes body;
  static const char created[] = "{\"create\":{\"status\":201}},", indexed[] = "{\"index\":{\"status\":201}},";
  const char *action = c->gzip ? unpacked.at : c->body.at;
  size_t action_length = c->gzip ? unpacked.length : c->body.length;
  bool index = memmem(action, action_length < 32 ? action_length : 32, "\"index\"", 7) != NULL;
  const char *filter = strstr(c->target, "filter_path=");
  body.length = 0;
  if (!filter) put_text(&body, "{\"took\":1,\"errors\":false,\"items\":[");
  else if (strstr(filter, "items")) put_text(&body, "{\"errors\":false,\"items\":[");
  else put_text(&body, "{\"errors\":false}");
  if (!filter || strstr(filter, "items")) {
    const char *item = index ? indexed : created;
    size_t item_length = index ? sizeof indexed - 1 : sizeof created - 1;
    for (uint64_t i = 0; i < items; i++) put(&body, item, item_length);
    if (items) body.length--;
    put_text(&body, "]}");
  }
  answer(c, type, body.at, body.length, false);
}

static void note_other(struct connection *c) {
  if (run.other_count == OTHERS_MAX) return;
  char text[640];
  snprintf(text, sizeof text, "%s %s", c->method, c->target);
  for (char *p = text; *p; p++)
    if (*p == '"' || *p == '\\' || !isprint((unsigned char)*p)) *p = '?';
  for (size_t i = 0; i < run.other_count; i++)
    if (strcmp(run.others[i], text) == 0) return;
  run.others[run.other_count++] = strdup(text);
}

static void request(struct connection *c) {
  static const char root[] = "{\"name\":\"sink\",\"cluster_name\":\"bench\",\"cluster_uuid\":\"s\",\"version\":{\"number\":\"8.19.2\",\"build_flavor\":\"default\","
                             "\"minimum_wire_compatibility_version\":\"7.17.0\",\"minimum_index_compatibility_version\":\"7.0.0\"},\"tagline\":\"You Know, for Search\"}";
  bool post = strcmp(c->method, "POST") == 0 || strcmp(c->method, "PUT") == 0;
  bool bulk = strstr(c->target, "_bulk") != NULL;
  bool otlp = strncmp(c->target, "/v1/logs", 8) == 0;
  bool proto = otlp && strstr(c->type, "protobuf") != NULL;
  const char *type = c->vendor ? "application/vnd.elasticsearch+json; compatible-with=8" : "application/json";
  run.requests++;
  if (post && c->body.length > 0) {
    uint64_t items = take(c, bulk ? BULK : proto ? OTLP_PROTO : otlp ? OTLP_JSON : NDJSON);
    if (silent) return;
    if (bulk) answer_bulk(c, items, type);
    else if (proto) answer(c, "application/x-protobuf", "", 0, false);
    else answer(c, "application/json", "{}", 2, false);
  } else {
    note_other(c);
    if (silent) return;
    answer(c, type, root, sizeof root - 1, strcmp(c->method, "HEAD") == 0);
  }
  run.answered++;
}

// ---- connections

static ssize_t receive(struct connection *c, char *at, size_t room) {
#ifdef WITH_TLS
  if (c->tls) {
    size_t got;
    if (SSL_read_ex(c->tls, at, room, &got)) return (ssize_t)got;
    int why = SSL_get_error(c->tls, 0);
    ERR_clear_error();
    errno = EAGAIN;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
  }
#endif
  return recv(c->fd, at, room, 0);
}

static ssize_t transmit(struct connection *c, const char *at, size_t length) {
#ifdef WITH_TLS
  if (c->tls) {
    size_t sent;
    if (SSL_write_ex(c->tls, at, length, &sent)) return (ssize_t)sent;
    int why = SSL_get_error(c->tls, 0);
    ERR_clear_error();
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
  }
#endif
  return send(c->fd, at, length, MSG_NOSIGNAL);
}

static void finish(struct connection *c) {
#ifdef WITH_TLS
  if (c->tls) SSL_free(c->tls);
#endif
  close(c->fd);
  free(c->body.at);
  free(c->raw.at);
  free(c->reply.at);
  free(c);
}

// False when the connection is gone.
static bool flush_reply(struct connection *c) {
  while (c->reply_at < c->reply.length) {
    ssize_t sent = transmit(c, c->reply.at + c->reply_at, c->reply.length - c->reply_at);
    if (sent < 0) {
      if (errno != EAGAIN) return false;
      struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
      epoll_ctl(events, EPOLL_CTL_MOD, c->fd, &e);
      return true;
    }
    c->reply_at += (size_t)sent;
  }
  if (c->reply.length) {
    c->reply.length = c->reply_at = 0;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(events, EPOLL_CTL_MOD, c->fd, &e);
  }
  return true;
}

static void header_value(const char *head, const char *name, char *into, size_t room) {
  into[0] = 0;
  size_t length = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    const char *at = line + 2;
    if (strncasecmp(at, name, length) != 0 || at[length] != ':') continue;
    at += length + 1;
    while (*at == ' ' || *at == '\t') at++;
    size_t n = strcspn(at, "\r");
    if (n >= room) n = room - 1;
    memcpy(into, at, n);
    into[n] = 0;
    return;
  }
}

// Reads the head when it is whole; what came behind it goes where the body goes. False: not whole yet. Exits the connection by *bad.
static bool open_request(struct connection *c, bool *bad) {
  c->head[c->head_length] = 0;
  char *end = memmem(c->head, c->head_length, "\r\n\r\n", 4);
  if (!end) {
    *bad = c->head_length == HEAD_MAX;
    return false;
  }
  size_t head_size = (size_t)(end - c->head) + 4;
  char saved = c->head[head_size], value[128];
  c->head[head_size] = 0;
  if (sscanf(c->head, "%7s %511s", c->method, c->target) != 2) *bad = true;
  header_value(c->head, "content-length", value, sizeof value);
  c->body_wanted = strtoull(value, NULL, 10);
  header_value(c->head, "transfer-encoding", value, sizeof value);
  c->chunked = strcasecmp(value, "chunked") == 0;
  header_value(c->head, "content-encoding", value, sizeof value);
  c->gzip = strcasecmp(value, "gzip") == 0;
  header_value(c->head, "accept", value, sizeof value);
  c->vendor = strstr(value, "vnd.elasticsearch") != NULL;
  header_value(c->head, "content-type", c->type, sizeof c->type);
  header_value(c->head, "expect", value, sizeof value);
  if (strcasecmp(value, "100-continue") == 0) put_text(&c->reply, "HTTP/1.1 100 Continue\r\n\r\n");
  c->head[head_size] = saved;
  if (c->body_wanted > BODY_MAX) *bad = true;
  size_t rest = c->head_length - head_size;
  c->body.length = c->raw.length = c->raw_at = 0;
  c->chunk_state = SIZE;
  if (c->chunked) {
    put(&c->raw, c->head + head_size, rest);
    c->head_length = 0;
  } else {
    size_t mine = rest < c->body_wanted ? rest : c->body_wanted;
    need(&c->body, c->body_wanted);
    put(&c->body, c->head + head_size, mine);
    c->head_length = rest - mine;
    memmove(c->head, c->head + head_size + mine, c->head_length);
  }
  c->in_body = true;
  return true;
}

// Moves what is there of a chunked body from `raw` to `body`. True: the body is whole; what follows is the next head.
static bool unchunk(struct connection *c, bool *bad) {
  for (;;) {
    char *at = c->raw.at + c->raw_at;
    size_t left = c->raw.length - c->raw_at;
    if (c->chunk_state == DATA) {
      size_t n = left < c->chunk_left ? left : c->chunk_left;
      if (c->body.length + n > BODY_MAX) *bad = true;
      if (*bad || n == 0) break;
      put(&c->body, at, n);
      c->raw_at += n;
      c->chunk_left -= n;
      if (c->chunk_left == 0) c->chunk_state = AFTER;
      continue;
    }
    char *end = left ? memmem(at, left, "\r\n", 2) : NULL;
    if (!end) break;
    c->raw_at += (size_t)(end - at) + 2;
    if (c->chunk_state == AFTER) {
      c->chunk_state = SIZE;
    } else if (c->chunk_state == SIZE) {
      c->chunk_left = strtoull(at, NULL, 16);
      c->chunk_state = c->chunk_left ? DATA : TRAILER;
    } else if (end == at) {
      c->head_length = c->raw.length - c->raw_at;
      if (c->head_length > HEAD_MAX) *bad = true;
      else memcpy(c->head, c->raw.at + c->raw_at, c->head_length);
      return true;
    }
  }
  memmove(c->raw.at, c->raw.at + c->raw_at, c->raw.length - c->raw_at);
  c->raw.length -= c->raw_at;
  c->raw_at = 0;
  return false;
}

// Goes on as far as the bytes that are there allow. False: the connection is to be closed.
static bool advance(struct connection *c) {
  bool bad = false;
  for (;;) {
    if (!c->in_body && !open_request(c, &bad)) break;
    if (bad) return false;
    bool is_whole = c->chunked ? unchunk(c, &bad) : c->body.length == c->body_wanted;
    if (bad) return false;
    if (!is_whole) break;
    c->in_body = false;
    request(c);
    if (c->head_length == 0) break;
  }
  return !bad && flush_reply(c);
}

static void readable(struct connection *c) {
#ifdef WITH_TLS
  if (c->tls && !c->shaken) {
    int code = SSL_accept(c->tls);
    if (code != 1) {
      int why = SSL_get_error(c->tls, code);
      ERR_clear_error();
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) finish(c);
      return;
    }
    c->shaken = true;
  }
#endif
  for (;;) {
    char *at;
    size_t room;
    if (!c->in_body) {
      at = c->head + c->head_length;
      room = HEAD_MAX - c->head_length;
    } else if (c->chunked) {
      need(&c->raw, c->raw.length + 256 * 1024);
      at = c->raw.at + c->raw.length;
      room = c->raw.room - c->raw.length;
    } else {
      at = c->body.at + c->body.length;
      room = c->body_wanted - c->body.length;
    }
    ssize_t got = receive(c, at, room);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return finish(c);
    if (!c->in_body) c->head_length += (size_t)got;
    else if (c->chunked) c->raw.length += (size_t)got;
    else c->body.length += (size_t)got;
    if (!advance(c)) return finish(c);
  }
}

static void take_connection(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct connection *c = calloc(1, sizeof *c);
  if (!c) fail("memory");
  c->fd = fd;
  run.connections++;
#ifdef WITH_TLS
  if (tls_context) {
    c->tls = SSL_new(tls_context);
    SSL_set_fd(c->tls, fd);
    SSL_set_accept_state(c->tls);
  }
#endif
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &e) < 0) fail("epoll_ctl");
}

// ---- commands

static void forget(uint64_t expected, uint64_t sample_every) {
  for (size_t i = 0; i < run.kept_count; i++) free(run.kept[i].at);
  for (size_t i = 0; i < run.other_count; i++) free(run.others[i]);
  free(run.seen);
  free(run.latencies);
  memset(&run, 0, sizeof run);
  run.expected = expected;
  run.sample_every = sample_every;
  run.seen = calloc(1, (size_t)(expected >> 3) + 1);
  if (!run.seen) fail("memory");
}

static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static double quantile_ms(double q) {
  if (!run.latency_count) return 0;
  size_t at = (size_t)(q * (double)(run.latency_count - 1) + 0.5);
  return (double)run.latencies[at] / 1e6;
}

static void print_stats(void) {
  qsort(run.latencies, run.latency_count, sizeof *run.latencies, ascending);
  uint64_t missing_first = run.expected;
  for (uint64_t n = 0; n < run.expected && missing_first == run.expected; n++)
    if (!(run.seen[n >> 3] & (1 << (n & 7)))) missing_first = n;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
#define N(name) (unsigned long long)run.name
  printf("{\"event\":\"stats\",\"expected\":%llu,\"records\":%llu,\"distinct\":%llu,\"repeated\":%llu,\"foreign\":%llu,\"broken\":%llu,\"linesWrong\":%llu,"
         "\"missing\":%llu,\"firstMissing\":%lld,\"requests\":%llu,\"answered\":%llu,\"bodyBytes\":%llu,\"wireBytes\":%llu,\"badBodies\":%llu,\"connections\":%llu,"
         "\"firstNs\":%llu,\"completeNs\":%llu,\"lastNs\":%llu,\"cpuSeconds\":%.6f,\"samples\":%zu,",
         N(expected), N(records), N(distinct), N(repeated), N(foreign), N(broken), N(lines_wrong), (unsigned long long)(run.expected - run.distinct),
         missing_first == run.expected ? -1LL : (long long)missing_first, N(requests), N(answered), N(body_bytes), N(wire_bytes), N(bad_bodies),
         N(connections), N(first_ns), N(complete_ns), N(last_ns), cpu, run.kept_count);
#undef N
  printf("\"latency\":{\"count\":%zu,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f},\"others\":[", run.latency_count, quantile_ms(0.5),
         quantile_ms(0.9), quantile_ms(0.99), quantile_ms(0.999), quantile_ms(1));
  for (size_t i = 0; i < run.other_count; i++) printf("%s\"%s\"", i ? "," : "", run.others[i]);
  printf("]}\n");
}

static void write_samples(const char *path) {
  FILE *file = fopen(path, "wb");
  if (!file) fail(path);
  for (size_t i = 0; i < run.kept_count; i++) {
    uint32_t length = (uint32_t)run.kept[i].length;
    fputc((int)run.kept[i].kind, file);
    fwrite(&length, sizeof length, 1, file); // little endian: this is only built for such machines
    fwrite(run.kept[i].at, 1, length, file);
  }
  if (fclose(file) != 0) fail(path);
  printf("{\"event\":\"samples\"}\n");
}

static void command(char *line) {
  unsigned long long a, b;
  char path[4096];
  if (sscanf(line, "run %llu %llu", &a, &b) == 2) forget(a, b);
  else if (sscanf(line, "since %llu", &a) == 1) run.since_ns = a;
  else if (sscanf(line, "samples %4095s", path) == 1) write_samples(path);
  else if (strncmp(line, "stats", 5) == 0) print_stats();
  else fprintf(stderr, "sink: unknown command %s\n", line);
  fflush(stdout);
}

static void commands(void) {
  static char text[8192];
  static size_t length;
  ssize_t got = read(0, text + length, sizeof text - 1 - length);
  if (got <= 0) exit(0);
  length += (size_t)got;
  text[length] = 0;
  char *at = text, *end;
  while ((end = strchr(at, '\n'))) {
    *end = 0;
    command(at);
    at = end + 1;
  }
  length -= (size_t)(at - text);
  memmove(text, at, length);
}

static void set_up_tls(const char *certificate, const char *key) {
#ifdef WITH_TLS
  tls_context = SSL_CTX_new(TLS_server_method());
  if (!tls_context || SSL_CTX_use_certificate_chain_file(tls_context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls_context, key, SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    exit(1);
  }
  SSL_CTX_set_mode(tls_context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
#else
  (void)certificate;
  (void)key;
  fprintf(stderr, "sink: built without TLS\n");
  exit(1);
#endif
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "--silent") == 0) silent = true;
    else if (strcmp(arguments[i], "--tls") == 0 && i + 2 < count) {
      set_up_tls(arguments[i + 1], arguments[i + 2]);
      i += 2;
    } else {
      fprintf(stderr, "sink: unknown argument %s\n", arguments[i]);
      return 64;
    }
  }
  forget(0, 0);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event on_listener = {.events = EPOLLIN, .data.ptr = NULL}, on_stdin = {.events = EPOLLIN, .data.ptr = &run};
  if (epoll_ctl(events, EPOLL_CTL_ADD, listener, &on_listener) < 0 || epoll_ctl(events, EPOLL_CTL_ADD, 0, &on_stdin) < 0) fail("epoll_ctl");
  printf("{\"event\":\"listening\",\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event ready[64];
    int n = epoll_wait(events, ready, 64, -1);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      struct connection *c = ready[i].data.ptr;
      if (!c) take_connection(listener);
      else if ((void *)c == (void *)&run) commands();
      else if ((ready[i].events & EPOLLOUT) && !flush_reply(c)) finish(c);
      else readable(c);
    }
  }
}
