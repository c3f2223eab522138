#include "compat/strftime.h"

#include <stdlib.h>

#include "fixture.h"
#include "unit.h"

START_TEST(it_prints_what_the_libc_prints) {
  static const char *const formats[] = {
      "%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %p %P %r",
      "%R %S %T %u %U %V %w %W %x %X %y %Y %z %Z %%",
      "%-d %_d %0e %-e %_m %-H %_j %-j %_y %-I %-S %-U %_V %-W %-g %-z %_z",
      "%^a %^B %^c %^p %^Z %#a %#B %#p %#Z %^h %#h",
      "%^P %#P %^#p %#^Z %^#a %^c %^r %#c %^D",
      "%Ec %EC %Ex %EX %Ey %EY %Od %Oe %OH %OI %Om %OM %OS %Ou %OU %OV %Ow",
  };
  static const char *const zones[] = {"UTC0", "XYZ-5:30", "NST3:30"};

  for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
    fixture_set_zone(zones[z]);
    /* A step of 27 hours and a bit meets each day and hour of 30 years. */
    for (time_t t = 915148800; t < 1861920000; t += 97777)
      for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
        char expected[512], out[512];
        struct tm tm;
        localtime_r(&t, &tm);
        ck_assert_uint_gt(strftime(expected, 512, formats[f], &tm), 0);
        ck_assert_uint_gt(strftime_c99(out, 512, formats[f], &tm), 0);
        ck_assert_str_eq(out, expected);
      }
  }
}
END_TEST

int main(void) {
  const TTest *const tests[] = {
      it_prints_what_the_libc_prints,
  };
  return UNIT_RUN("strftime and the libc", tests);
}
