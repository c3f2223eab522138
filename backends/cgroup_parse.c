#include "cgroup_parse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* --- cgroup.procs --- */

void cgroup_procs_feed(struct cgroup_procs *p, const char *text, size_t len) {
  p->at = text;
  p->end = text + len;
}

static void add_to_line(struct cgroup_procs *p, char c) {
  if (c < '0' || c > '9') {
    p->is_bad = true;
    return;
  }
  p->number = p->number * 10 + (uint64_t)(c - '0');
  p->has_digits = true;
  /* Stops here, long before the number could run over. */
  if (p->number > INT_MAX)
    p->is_bad = true;
  if (p->is_bad)
    p->number = 0;
}

bool cgroup_procs_next(struct cgroup_procs *p, pid_t *out) {
  while (p->at < p->end) {
    char c = *p->at++;
    if (c != '\n') {
      add_to_line(p, c);
      continue;
    }
    bool is_pid = p->has_digits && !p->is_bad && p->number > 0;
    *out = (pid_t)p->number;
    p->number = 0;
    p->has_digits = p->is_bad = false;
    if (is_pid)
      return true;
  }
  return false;
}

static void swap(pid_t *a, pid_t *b) {
  pid_t kept = *a;
  *a = *b;
  *b = kept;
}

static void sift_down(pid_t *pids, size_t root, size_t n) {
  for (size_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && pids[child + 1] > pids[child])
      child++;
    if (pids[root] >= pids[child])
      return;
    swap(&pids[root], &pids[child]);
  }
}

static bool is_sorted(const pid_t *pids, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (pids[i - 1] > pids[i])
      return false;
  return true;
}

/* A heap sort: qsort of the libc allocates. */
static void sort(pid_t *pids, size_t n) {
  if (is_sorted(pids, n))
    return;
  for (size_t i = n / 2; i-- > 0;)
    sift_down(pids, i, n);
  for (size_t left = n; left > 1; left--) {
    swap(&pids[0], &pids[left - 1]);
    sift_down(pids, 0, left - 1);
  }
}

size_t cgroup_sort_pids(pid_t *pids, size_t n) {
  size_t used = 0;

  sort(pids, n);
  for (size_t i = 0; i < n; i++)
    if (used == 0 || pids[used - 1] != pids[i])
      pids[used++] = pids[i];
  return used;
}

/* --- cpu.stat --- */

/* A number in microseconds that ends with the line. */
static int read_usec(const char *at, const char *end, uint64_t *out_ns) {
  uint64_t value = 0;

  if (at == end)
    return -EINVAL;
  for (; at < end; at++) {
    if (*at < '0' || *at > '9')
      return -EINVAL;
    value = value * 10 + (uint64_t)(*at - '0');
    if (value > UINT64_MAX / 1000 / 10)
      return -EINVAL;
  }
  *out_ns = value * 1000;
  return 0;
}

static int read_key(const char *text, size_t len, const char *key,
                    uint64_t *out_ns) {
  const char *end = text + len;
  size_t key_len = strlen(key);

  while (text < end) {
    const char *eol = memchr(text, '\n', (size_t)(end - text));
    if (eol == NULL)
      eol = end;
    if ((size_t)(eol - text) > key_len && memcmp(text, key, key_len) == 0 &&
        text[key_len] == ' ')
      return read_usec(text + key_len + 1, eol, out_ns);
    text = eol < end ? eol + 1 : end;
  }
  return -EINVAL;
}

int cgroup_parse_cpu(const char *text, size_t len, struct cgroup_cpu *out) {
  if (read_key(text, len, "usage_usec", &out->usage_ns) != 0 ||
      read_key(text, len, "user_usec", &out->user_ns) != 0 ||
      read_key(text, len, "system_usec", &out->system_ns) != 0)
    return -EINVAL;
  return 0;
}

/* --- names --- */

/* A NUL ended text that grows up to a size. */
struct out {
  char *text;
  size_t used, size;
  bool is_full;
};

static void append(struct out *out, const char *text, size_t len) {
  if (out->is_full || len >= out->size - out->used) {
    out->is_full = true;
    return;
  }
  memcpy(out->text + out->used, text, len);
  out->used += len;
  out->text[out->used] = '\0';
}

static void append_text(struct out *out, const char *text) {
  append(out, text, strlen(text));
}

static struct out out_start(char *text, size_t size) {
  text[0] = '\0';
  return (struct out){.text = text, .size = size};
}

int cgroup_clean_path(const char *path, char *out, size_t size) {
  struct out clean = out_start(out, size);

  if (path[0] == '\0')
    return -EINVAL;
  while (*path != '\0') {
    size_t len = strcspn(path, "/");
    if (len == 2 && memcmp(path, "..", 2) == 0)
      return -EINVAL;
    if (len > 0 && !(len == 1 && path[0] == '.')) {
      if (clean.used > 0)
        append_text(&clean, "/");
      append(&clean, path, len);
    }
    path += len + (path[len] == '/');
  }
  return clean.is_full ? -EINVAL : 0;
}

/* What the name of a unit ends with, from its last dot on; "" for a name that
 * has no suffix which systemd knows. */
static const char *suffix_of(const char *name) {
  static const char *const known[] = {
      ".service", ".socket", ".target", ".device", ".mount", ".automount",
      ".swap",    ".timer",  ".path",   ".slice",  ".scope"};
  const char *dot = strrchr(name, '.');

  for (size_t i = 0; dot != NULL && i < sizeof(known) / sizeof(known[0]); i++)
    if (strcmp(dot, known[i]) == 0)
      return dot;
  return name + strlen(name);
}

int cgroup_unit_name(const char *name, char *out, size_t size) {
  struct out unit = out_start(out, size);
  const char *suffix = suffix_of(name);

  if (suffix == name || strchr(name, '/') != NULL)
    return -EINVAL;
  append_text(&unit, name);
  if (*suffix == '\0')
    append_text(&unit, ".service");
  /* It is the name of a folder, behind a `_` perhaps. */
  return unit.is_full || unit.used >= CGROUP_NAME_MAX ? -EINVAL : 0;
}

/* Each dash in the name of a slice stands for a level above it. */
static void append_slice(struct out *out, const char *name, size_t len) {
  for (size_t i = 1; i < len; i++) {
    if (name[i] != '-')
      continue;
    append(out, name, i);
    append_text(out, ".slice/");
  }
  append(out, name, len);
  append_text(out, ".slice");
}

static bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '.';
}

/* As unit_name_escape of systemd does, so that no dash is taken for a level. */
static void append_escaped(struct out *out, const char *text, size_t len) {
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    char code[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
    if (is_plain(text[i]) && !(i == 0 && text[i] == '.'))
      append(out, &text[i], 1);
    else
      append(out, code, sizeof(code));
  }
}

/* The instances of a template share a slice of their own. */
static int append_template_slice(struct out *out, const char *unit,
                                 size_t prefix_len) {
  char name[(size_t)4 * CGROUP_NAME_MAX + sizeof("system-")];
  struct out slice = out_start(name, sizeof(name));

  append_text(&slice, "system-");
  append_escaped(&slice, unit, prefix_len);
  append_slice(out, name, slice.used);
  return slice.is_full ? -EINVAL : 0;
}

int cgroup_unit_place(const char *unit, char *out, size_t size) {
  struct out place = out_start(out, size);
  const char *suffix = suffix_of(unit);
  const char *at = memchr(unit, '@', (size_t)(suffix - unit));

  if (strcmp(unit, "-.slice") == 0)
    return 0;
  if (strcmp(suffix, ".slice") == 0) {
    append_slice(&place, unit, (size_t)(suffix - unit));
    return place.is_full ? -EINVAL : 0;
  }
  if (strcmp(unit, "init.scope") == 0) {
    append_text(&place, unit);
    return place.is_full ? -EINVAL : 0;
  }
  if (at == NULL)
    append_text(&place, "system.slice");
  else if (append_template_slice(&place, unit, (size_t)(at - unit)) != 0)
    return -EINVAL;
  append_text(&place, "/");
  append_text(&place, unit);
  return place.is_full ? -EINVAL : 0;
}
