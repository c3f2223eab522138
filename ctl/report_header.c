#include "report_header.h"

#include <string.h>
#include <strings.h>

static const char separators[] = "\t";

static const char *const unix_names[] = {"Time", "CPU", "Resident", "Virtual"};
static const char *const windows_names[] = {
    "Time", "CPU", "Working", "Virtual", "Private", "Threads", "Handles"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *skip_hash(const char *line) {
  line += *line == '#';
  return line + strspn(line, " ");
}

/* The field at `*at`, without the blanks around it; goes behind it. */
static size_t next_field(const char **at, const char **field) {
  size_t len = strcspn(*at, separators);

  *field = *at;
  *at += len;
  *at += **at != '\0';
  while (len > 0 && **field == ' ') {
    ++*field;
    len--;
  }
  while (len > 0 && (*field)[len - 1] == ' ')
    len--;
  return len;
}

bool report_header_is(const char *line) {
  const char *at = skip_hash(line);
  const char *field;

  while (*at != '\0')
    if (next_field(&at, &field) == strlen("Time") &&
        strncasecmp(field, "Time", strlen("Time")) == 0)
      return true;
  return false;
}

bool report_header_is_rule(const char *line) {
  return strspn(line, "-") >= 3 && strspn(line, "- \t") == strlen(line);
}

static bool has_control(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      return true;
  return false;
}

static const char *check(struct report_header *h) {
  h->time = h->n;
  for (size_t i = 0; i < h->n; i++) {
    if (has_control(h->names[i]))
      return "a control character in a column's name";
    for (size_t other = 0; other < i; other++)
      if (strcmp(h->names[i], h->names[other]) == 0)
        return "two columns of one name";
    if (strcasecmp(h->names[i], "Time") == 0 && h->time == h->n)
      h->time = i;
  }
  return h->time < h->n ? NULL : "no column Time";
}

static const char *split(struct report_header *h, char *line,
                         const char *between) {
  char *rest = line;

  h->n = 0;
  for (char *name; (name = strsep(&rest, between)) != NULL;) {
    name += strspn(name, " ");
    size_t len = strlen(name);
    while (len > 0 && name[len - 1] == ' ')
      name[--len] = '\0';
    /* More tabs than one, to have the names stand above their columns. */
    if (len == 0)
      continue;
    if (h->n == HEADER_COLUMNS_MAX)
      return "more than 256 columns";
    h->names[h->n++] = name;
  }
  return check(h);
}

const char *report_header_take(struct report_header *h, char *line) {
  line += skip_hash(line) - line;
  return split(h, line, separators);
}

static void set(struct report_header *h, const char *const *names, size_t n) {
  memcpy(h->names, names, n * sizeof(*names));
  h->n = n;
  h->time = 0;
}

const char *report_header_choose(struct report_header *h, char *names) {
  if (strcasecmp(names, "unix") == 0)
    set(h, unix_names, COUNT(unix_names));
  else if (strcasecmp(names, "windows") == 0)
    set(h, windows_names, COUNT(windows_names));
  else
    return split(h, names, " \t");
  return NULL;
}

const char *report_header_guess(struct report_header *h, size_t fields) {
  if (fields == COUNT(unix_names))
    set(h, unix_names, COUNT(unix_names));
  else if (fields == COUNT(windows_names))
    set(h, windows_names, COUNT(windows_names));
  else
    return "a line of names with Time among them, or the 4 columns of unix or "
           "the 7 of windows; --columns names others";
  return NULL;
}
