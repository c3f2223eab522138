#include "content_hash.h"

#include <sha256.h>
#include <stdint.h>
#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 32 bytes are 43 digits and a `=`: three bytes make four digits, and two bytes
 * are left. */
static void print_base64(const uint8_t bytes[SHA256_DIGEST_LENGTH], char *out) {
  for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i += 3) {
    uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8;
    if (i + 2 < SHA256_DIGEST_LENGTH)
      three |= bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6)
      *out++ = digits[three >> shift & 63];
  }
  out[-1] = '=';
  *out = '\0';
}

void content_hash(const char *text, size_t len, char out[CONTENT_HASH_MAX]) {
  static const char name[] = "sha256-";
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA2_CTX hash;

  SHA256Init(&hash);
  SHA256Update(&hash, (const uint8_t *)text, len);
  SHA256Final(digest, &hash);
  memcpy(out, name, sizeof(name) - 1);
  print_base64(digest, out + sizeof(name) - 1);
}
