#include "ctl/report_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/content_hash.h"
#include "ctl/report_inline.h"
#include "ctl/report_moment.h"
#include "fixture.h"
#include "report_made.h"
#include "unit.h"

/* A folder that stands for dygraphs'. */
static struct fixture folder;

static void write_dygraphs(const char *script, size_t len) {
  fixture_write_bytes(&folder, "dygraph.min.js", script, len);
  fixture_write(&folder, "dygraph.css", ".a{}");
}

/* The page of an empty report with this script; NULL: no page. */
static char *page_with(const char *script, size_t len, int expected) {
  struct report r;
  char *page = NULL;
  size_t page_len = 0;

  ck_assert(report_made("empty", &r));
  write_dygraphs(script, len);
  FILE *out = open_memstream(&page, &page_len);
  ck_assert_ptr_nonnull(out);
  ck_assert_int_eq(report_page_write(out, &r, folder.root), expected);
  ck_assert_int_eq(fclose(out), 0);
  report_free(&r);
  if (page_len > 0)
    return page;
  free(page);
  return NULL;
}

static void check_script(const char *script, const char *in_page) {
  char element[256];
  char hash[CONTENT_HASH_MAX];
  char *page = page_with(script, strlen(script), 0);

  ck_assert_ptr_nonnull(page);
  snprintf(element, sizeof(element), "<script>%s</script>", in_page);
  ck_assert_msg(strstr(page, element) != NULL, "%s is not there", element);
  content_hash(in_page, strlen(in_page), hash);
  ck_assert_msg(strstr(page, hash) != NULL, "%s is not there", hash);
  free(page);
}

START_TEST(hashes_are_those_of_a_browser) {
  char hash[CONTENT_HASH_MAX];

  content_hash("", 0, hash);
  ck_assert_str_eq(hash, "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  content_hash("abc", 3, hash);
  ck_assert_str_eq(hash, "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}
END_TEST

START_TEST(the_script_is_there_as_a_browser_hashes_it) {
  fixture_make(&folder);
  check_script("f();", "f();");
  check_script("a\r\nb\rc\n", "a\nb\nc\n");
  fixture_remove(&folder);
}
END_TEST

START_TEST(a_source_map_is_not_asked_for) {
  fixture_make(&folder);
  check_script("f();\n//# sourceMappingURL=f.js.map", "f();\n");
  check_script("f();\n//# sourceMappingURL=f.js.map\ng();",
               "f();\n//# sourceMappingURL=f.js.map\ng();");
  fixture_remove(&folder);
}
END_TEST

START_TEST(a_script_that_would_end_its_element_is_refused) {
  fixture_make(&folder);
  const char *const bad[] = {"s='</ScRiPt>'", "s='</style '", "s='<!--'"};

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    ck_assert_ptr_null(page_with(bad[i], strlen(bad[i]), -EBADMSG));
  ck_assert_ptr_null(page_with("a\0b", 3, -EBADMSG));
  fixture_remove(&folder);
}
END_TEST

START_TEST(a_script_too_large_to_be_one_is_refused) {
  fixture_make(&folder);
  size_t len = (1 << 20) + 1;
  char *text = malloc(len);

  ck_assert_ptr_nonnull(text);
  memset(text, ' ', len);
  ck_assert_ptr_null(page_with(text, len, -EFBIG));
  char *page = page_with(text, len - 1, 0);
  ck_assert_ptr_nonnull(page);
  free(page);
  free(text);
  fixture_remove(&folder);
}
END_TEST

START_TEST(without_dygraphs_there_is_an_error_and_no_page) {
  fixture_make(&folder);
  struct report r = {0};
  FILE *out = tmpfile();

  ck_assert_ptr_nonnull(out);
  ck_assert_int_eq(report_page_write(out, &r, "/nonexistent"), -ENOENT);
  /* A script, but no style. */
  fixture_write(&folder, "dygraph.min.js", "f()");
  ck_assert_int_eq(report_page_write(out, &r, folder.root), -ENOENT);
  ck_assert_int_eq(ftell(out), 0);
  ck_assert_int_eq(fclose(out), 0);
  fixture_remove(&folder);
}
END_TEST

START_TEST(a_full_disk_is_an_error) {
  fixture_make(&folder);
  struct report r;
  FILE *out = fopen("/dev/full", "w");

  ck_assert_ptr_nonnull(out);
  ck_assert(report_made("one", &r));
  write_dygraphs("f()", 3);
  ck_assert_int_eq(report_page_write(out, &r, folder.root), -ENOSPC);
  (void)fclose(out);
  report_free(&r);
  fixture_remove(&folder);
}
END_TEST

static void check_duration(double seconds, const char *expected) {
  char text[REPORT_MOMENT_MAX];

  ck_assert_str_eq(report_moment_duration(seconds, text), expected);
}

START_TEST(durations_have_two_units) {
  check_duration(0, "0 s");
  check_duration(0.05, "0.05 s");
  check_duration(59.4, "59.4 s");
  check_duration(60, "1 min");
  check_duration(3599, "59 min 59 s");
  check_duration(3600, "1 h");
  check_duration(3600 + 61, "1 h 1 min");
  check_duration(86400 * 3 + 7200, "3 d 2 h");
  check_duration(1e300, "\xe2\x80\x93");
  check_duration(-1, "\xe2\x80\x93");
}
END_TEST

static void check_moment(double time_s, const char *expected) {
  char text[REPORT_MOMENT_MAX];

  ck_assert_str_eq(report_moment_print(time_s, text), expected);
}

START_TEST(moments_are_those_of_the_log) {
  check_moment(0, "1970-01-01 00:00:00");
  check_moment(1221574450.9, "2008-09-16 14:14:10");
  check_moment(-0.5, "1969-12-31 23:59:59");
  check_moment(1e300, "\xe2\x80\x93");
  check_moment(-1e300, "\xe2\x80\x93");
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      hashes_are_those_of_a_browser,
      the_script_is_there_as_a_browser_hashes_it,
      a_source_map_is_not_asked_for,
      a_script_that_would_end_its_element_is_refused,
      a_script_too_large_to_be_one_is_refused,
      without_dygraphs_there_is_an_error_and_no_page,
      a_full_disk_is_an_error,
      durations_have_two_units,
      moments_are_those_of_the_log,
  };
  return UNIT_RUN("report_page", tests);
}
