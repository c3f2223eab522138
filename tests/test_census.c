#include "plugin/census.h"

#include <stdio.h>
#include <string.h>

#include "plugin/family.h"
#include "unit.h"

/* A process table that is played. */
static struct proc_info played[16];
static size_t n_played;
static int scans, looks, visits;

static struct proc_info *play(pid_t pid, pid_t parent, uint64_t token) {
  size_t i = 0;

  while (i < n_played && played[i].pid != pid)
    i++;
  played[i] = (struct proc_info){.have = UINT32_MAX,
                                 .pid = pid,
                                 .parent = parent,
                                 .token = token,
                                 .start = token,
                                 .age_ns = UINT64_C(60000000000),
                                 .command = "x",
                                 .command_line = "x -y"};
  if (i == n_played)
    n_played++;
  return &played[i];
}

static void end(pid_t pid) {
  for (size_t i = 0; i < n_played; i++)
    if (played[i].pid == pid)
      played[i] = played[--n_played];
}

static int play_scan(struct backend_ctx *ctx, const struct scan *s) {
  int result = 0;

  (void)ctx;
  scans++;
  for (size_t i = 0; i < n_played && result == 0; i++) {
    looks++;
    if (s->look(s->arg, played[i].pid, played[i].token) != 0) {
      visits++;
      result = s->visit(s->arg, &played[i]);
    }
  }
  return result;
}

static const struct backend backend = {.scan = play_scan};

struct world {
  struct census *census;
  unsigned id;
  int asked;
};

static bool is_even(void *arg, const struct proc_info *info) {
  struct world *w = arg;

  w->asked++;
  return info->pid % 2 == 0;
}

static void world_make(struct world *w) {
  n_played = 0;
  w->asked = scans = looks = visits = 0;
  ck_assert_int_eq(census_create(&backend, NULL, &w->census), 0);
  ck_assert_int_eq(
      census_join(w->census, FACT_PARENT | FACT_COMMAND, is_even, w, &w->id),
      0);
}

static void world_remove(struct world *w) {
  census_leave(w->census, w->id);
  census_free(w->census);
}

/* `pid:parent's pid` of all, those that match with a star. */
static const char *table(struct world *w, uint64_t max_age_ns) {
  static char text[512];
  struct census_view view;
  size_t used = 0;

  ck_assert_int_eq(census_hold(w->census, max_age_ns, &view), 0);
  text[0] = '\0';
  for (size_t i = 0; i < view.n; i++) {
    const struct census_entry *e = &view.entries[i];
    int parent = e->parent_i < 0 ? 0 : (int)view.entries[e->parent_i].pid;
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%d:%d%s ",
                             (int)e->pid, parent,
                             census_answer(w->census, i, w->id) ? "*" : "");
  }
  census_release(w->census);
  return text;
}

START_TEST(what_is_known_is_not_opened_again) {
  struct world w;

  world_make(&w);
  play(1, 0, 11);
  play(4, 1, 14);
  play(3, 4, 13);
  ck_assert_str_eq(table(&w, 0), "1:0 3:0 4:1* ");
  ck_assert_int_eq(visits, 3);
  ck_assert_str_eq(table(&w, 0), "1:0 3:0 4:1* ");
  ck_assert_int_eq(scans, 2);
  ck_assert_int_eq(visits, 3);
  play(6, 1, 16);
  ck_assert_str_eq(table(&w, 0), "1:0 3:0 4:1* 6:1* ");
  ck_assert_int_eq(visits, 4);
  ck_assert_int_eq(w.asked, 4);
  world_remove(&w);
}
END_TEST

START_TEST(one_scan_serves_all_that_are_due) {
  struct world w;

  world_make(&w);
  play(2, 0, 12);
  for (int i = 0; i < 100; i++)
    ck_assert_str_eq(table(&w, UINT64_C(3600000000000)), "2:0* ");
  ck_assert_int_eq(scans, 1);
  world_remove(&w);
}
END_TEST

START_TEST(another_process_of_the_same_pid_is_opened) {
  struct world w;

  world_make(&w);
  play(2, 0, 12);
  table(&w, 0);
  play(2, 0, 99);
  table(&w, 0);
  ck_assert_int_eq(visits, 2);
  /* Where the system has no tokens, all are. */
  play(2, 0, 0);
  table(&w, 0);
  table(&w, 0);
  ck_assert_int_eq(visits, 4);
  world_remove(&w);
}
END_TEST

START_TEST(a_young_process_is_looked_at_again) {
  struct world w;

  world_make(&w);
  play(2, 0, 12)->age_ns = 1;
  table(&w, 0);
  table(&w, 0);
  ck_assert_int_eq(visits, 2);
  play(2, 0, 12)->age_ns = UINT64_C(10000000000);
  table(&w, 0);
  table(&w, 0);
  ck_assert_int_eq(visits, 3);
  world_remove(&w);
}
END_TEST

START_TEST(an_orphan_is_no_child_of_who_takes_its_parents_pid) {
  struct world w;

  world_make(&w);
  play(1, 0, 11);
  play(10, 1, 20);
  play(12, 10, 30);
  ck_assert_str_eq(table(&w, 0), "1:0 10:1* 12:10* ");
  play(10, 1, 40);
  played[2].parent = 1;
  ck_assert_str_eq(table(&w, 0), "1:0 10:1* 12:1* ");
  world_remove(&w);
}
END_TEST

START_TEST(an_orphan_of_a_higher_pid_is_nobodys_child_for_one_scan) {
  struct world w;

  world_make(&w);
  play(1, 0, 11);
  play(8, 12, 30);
  play(12, 1, 20);
  ck_assert_str_eq(table(&w, 0), "1:0 8:12* 12:1* ");
  play(12, 1, 25);
  played[1].parent = 1;
  ck_assert_str_eq(table(&w, 0), "1:0 8:0* 12:1* ");
  ck_assert_str_eq(table(&w, 0), "1:0 8:1* 12:1* ");
  world_remove(&w);
}
END_TEST

START_TEST(a_parent_is_not_younger_than_its_child) {
  struct world w;

  world_make(&w);
  play(10, 0, 40);
  play(12, 10, 30);
  ck_assert_str_eq(table(&w, 0), "10:0* 12:0* ");
  world_remove(&w);
}
END_TEST

START_TEST(the_ended_are_gone_and_the_rest_keeps_its_answers) {
  struct world w;

  world_make(&w);
  for (pid_t pid = 1; pid < 9; pid++)
    play(pid, 0, (uint64_t)pid);
  table(&w, 0);
  end(3);
  end(4);
  ck_assert_str_eq(table(&w, 0), "1:0 2:0* 5:0 6:0* 7:0 8:0* ");
  ck_assert_int_eq(visits, 8);
  world_remove(&w);
}
END_TEST

static bool is_small(void *arg, const struct proc_info *info) {
  (void)arg;
  return info->pid < 3;
}

START_TEST(more_monitors_than_bits_in_a_word_have_their_own_answers) {
  struct census_view view;
  struct world w;
  unsigned ids[130];

  world_make(&w);
  play(2, 0, 12);
  play(3, 0, 13);
  table(&w, 0);
  for (int i = 0; i < 130; i++)
    ck_assert_int_eq(census_join(w.census, FACT_COMMAND, is_small, &w, &ids[i]),
                     0);
  /* A census that somebody joined has no answer for him: it is taken anew. */
  ck_assert_int_eq(census_hold(w.census, UINT64_MAX, &view), 0);
  ck_assert_uint_eq(view.n, 2);
  for (int i = 0; i < 130; i++) {
    ck_assert(census_answer(w.census, 0, ids[i]));
    ck_assert(!census_answer(w.census, 1, ids[i]));
  }
  ck_assert(census_answer(w.census, 0, w.id));
  census_release(w.census);
  for (int i = 0; i < 130; i++)
    census_leave(w.census, ids[i]);
  ck_assert_str_eq(table(&w, 0), "2:0* 3:0 ");
  world_remove(&w);
}
END_TEST

START_TEST(all_descendants_belong_to_a_family) {
  /* 0 is above 1 and 2, 2 above 3; 4 and 5 are each other's parents. */
  struct census_entry entries[] = {{.parent_i = -1}, {.parent_i = 0},
                                   {.parent_i = 0},  {.parent_i = 2},
                                   {.parent_i = 5},  {.parent_i = 4}};
  struct census_view view = {entries, 6, 1};
  unsigned char marks[6] = {[2] = FAMILY_MEMBER};
  const unsigned char expected[6] = {FAMILY_OTHER,  FAMILY_OTHER, FAMILY_MEMBER,
                                     FAMILY_MEMBER, FAMILY_OTHER, FAMILY_OTHER};

  family_spread(&view, marks);
  ck_assert_mem_eq(marks, expected, sizeof(marks));
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      what_is_known_is_not_opened_again,
      one_scan_serves_all_that_are_due,
      another_process_of_the_same_pid_is_opened,
      a_young_process_is_looked_at_again,
      an_orphan_is_no_child_of_who_takes_its_parents_pid,
      an_orphan_of_a_higher_pid_is_nobodys_child_for_one_scan,
      a_parent_is_not_younger_than_its_child,
      the_ended_are_gone_and_the_rest_keeps_its_answers,
      more_monitors_than_bits_in_a_word_have_their_own_answers,
      all_descendants_belong_to_a_family,
  };
  return UNIT_RUN("census", tests);
}
