#include "report_select.h"

#include <math.h>
#include <stdint.h>

static void swap(double *a, double *b) {
  double kept = *a;
  *a = *b;
  *b = kept;
}

/* A pivot by chance, so that no log is slow because of its order. */
static size_t choose(uint64_t *chance, size_t n) {
  *chance ^= *chance << 13;
  *chance ^= *chance >> 7;
  *chance ^= *chance << 17;
  return (size_t)(*chance % n);
}

/* Brings the number of rank k to its place, with none that is greater before it
 * and none that is less behind it. */
static void select_rank(double *numbers, size_t n, size_t k) {
  uint64_t chance = UINT64_C(88172645463325252);
  size_t low = 0;
  size_t high = n - 1;

  while (low < high) {
    const double pivot = numbers[low + choose(&chance, high - low + 1)];
    size_t i = low;
    size_t j = high;
    while (i <= j) {
      while (numbers[i] < pivot)
        i++;
      while (numbers[j] > pivot)
        j--;
      if (i > j)
        break;
      swap(&numbers[i++], &numbers[j]);
      if (j == 0)
        break;
      j--;
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      return;
  }
}

double report_select_quantile(double *numbers, size_t n, double p) {
  double rank = (double)(n - 1) * p;
  size_t k = (size_t)floor(rank);

  select_rank(numbers, n, k);
  if (k + 1 == n)
    return numbers[k];
  double next = numbers[k + 1];
  for (size_t i = k + 2; i < n; i++)
    next = fmin(next, numbers[i]);
  return numbers[k] + (rank - (double)k) * (next - numbers[k]);
}
