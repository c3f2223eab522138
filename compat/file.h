/* What a log and a pid file need of the file system, where systems differ: a
 * file of each kind of system implements all of it. Paths are in UTF-8 on
 * Windows. All functions but those on names return 0 or a negative errno, and
 * are thread-safe. */
#ifndef PROCMON_COMPAT_FILE_H
#define PROCMON_COMPAT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file_state {
  bool is_regular;
  uint64_t volume, id; /* together the file's own, as long as it is there */
  uint64_t size;
  uint64_t modified_ns; /* of its content; since 1970 */
  uint64_t changed_ns;  /* of its content or its name; since 1970 */
};

/* The file of this path, or an open one. */
int file_look(const char *path, struct file_state *out);
int file_look_open(int fd, struct file_state *out);

/* Reads the first bytes of a file, without waiting for any. Returns how many,
 * at most `size`. */
ssize_t file_read_start(const char *path, char *buf, size_t size);

/* --- logs --- */

/* Opens a file to append rows to, and to read them back, made where it is
 * missing: without waiting where it is no file, closed on exec, no newline
 * changed, readable for its group. Others may read and rename it meanwhile.
 * `fd` is for the functions below.
 *
 * A file that somebody may have laid there to get at another one is refused:
 * one that is no regular file, a symbolic link, one with more than one link,
 * and in a folder that all may write to one of another user who is not root.
 * Then `why` is set to words that say what it is; else to NULL. Nothing is
 * opened or followed between that check and the use of the file. */
int file_open_log(const char *path, int *fd, const char **why);

/* Opens a log that file_open_log has opened before, in fewer steps: it takes
 * only what nobody could have laid there, and makes none. Any error: ask
 * file_open_log. */
int file_open_log_again(const char *path, int *fd);

/* What has this path now: a symbolic link is one, whatever it points to. */
int file_look_log(const char *path, struct file_state *out);

/* Takes the file for this descriptor alone among those that ask for it.
 * -EBUSY: another one has it. */
int file_lock(int fd);

/* Gives the lock back and closes the file. */
int file_close(int fd);

/* Has the system set space aside for `len` bytes behind the first `size`, where
 * it can: then they are written whole, and nobody sees a part. -ENOSPC, or the
 * like: there is none. */
int file_reserve(int fd, uint64_t size, size_t len);

/* Appends all of it in one write. -ENOSPC: only a part was written; it is cut
 * off again, as far as the system lets us. */
int file_write(int fd, const void *data, size_t len);

/* Reads all of these bytes. -ENODATA: the file is shorter. */
int file_read_at(int fd, uint64_t offset, void *buf, size_t size);

/* Cuts an open file to this size. */
int file_cut(int fd, uint64_t size);

/* Waits until what was written will outlast a loss of power. */
int file_sync(int fd);

/* Makes a folder where there is none. */
int file_make_folder(const char *path);

/* --- names --- */

bool file_is_separator(char c);

/* How much of a path is its root, which cannot be made: `/`, `C:\`,
 * `\\server\share\`. 0: the path is relative. */
size_t file_root_length(const char *path);

/* False of a path where the name of a command alone can match. */
bool file_can_be_command(const char *name);

/* True when two paths without empty and `.` parts are of one name. */
bool file_is_same_path(const char *a, const char *b);

#endif
