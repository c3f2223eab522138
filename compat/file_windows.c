#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <string.h>

#include "file.h"

static const DWORD SHARE_ALL =
    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

static int last_error(void) {
  static const struct {
    DWORD windows;
    int error;
  } errors[] = {
      {ERROR_FILE_NOT_FOUND, ENOENT},
      {ERROR_PATH_NOT_FOUND, ENOENT},
      {ERROR_INVALID_DRIVE, ENOENT},
      {ERROR_BAD_NETPATH, ENOENT},
      {ERROR_BAD_NET_NAME, ENOENT},
      {ERROR_ACCESS_DENIED, EACCES},
      {ERROR_SHARING_VIOLATION, EACCES},
      {ERROR_LOCK_VIOLATION, EBUSY},
      {ERROR_WRITE_PROTECT, EROFS},
      {ERROR_ALREADY_EXISTS, EEXIST},
      {ERROR_FILE_EXISTS, EEXIST},
      {ERROR_DISK_FULL, ENOSPC},
      {ERROR_HANDLE_DISK_FULL, ENOSPC},
      {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
      {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
      {ERROR_OUTOFMEMORY, ENOMEM},
      {ERROR_INVALID_NAME, EINVAL},
      {ERROR_INVALID_PARAMETER, EINVAL},
      {ERROR_DIRECTORY, ENOTDIR},
      {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
  };
  DWORD windows = GetLastError();

  for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
    if (errors[i].windows == windows)
      return -errors[i].error;
  return -EIO;
}

/* A path that is no UTF-8 is in the system's code page. */
static int to_wide(const char *path, WCHAR out[PATH_MAX]) {
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, out,
                          PATH_MAX) > 0 ||
      MultiByteToWideChar(CP_ACP, 0, path, -1, out, PATH_MAX) > 0)
    return 0;
  return GetLastError() == ERROR_INSUFFICIENT_BUFFER ? -ENAMETOOLONG : -EINVAL;
}

static bool is_folder(const WCHAR *path) {
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES &&
         (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static int open_path(const char *path, DWORD access, DWORD disposition,
                     DWORD flags, HANDLE *out) {
  WCHAR wide[PATH_MAX];

  int error = to_wide(path, wide);
  if (error != 0)
    return error;
  *out = CreateFileW(wide, access, SHARE_ALL, NULL, disposition, flags, NULL);
  if (*out != INVALID_HANDLE_VALUE)
    return 0;
  error = last_error();
  return error == -EACCES && is_folder(wide) ? -EISDIR : error;
}

/* --- what is there --- */

/* From steps of 100 ns since 1601. */
static uint64_t to_ns(LARGE_INTEGER time) {
  const int64_t steps_to_1970 = INT64_C(116444736000000000);

  return time.QuadPart > steps_to_1970
             ? (uint64_t)(time.QuadPart - steps_to_1970) * 100
             : 0;
}

static int look(HANDLE file, struct file_state *out) {
  BY_HANDLE_FILE_INFORMATION info;
  FILE_BASIC_INFO basic;

  if (!GetFileInformationByHandle(file, &info) ||
      !GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)))
    return last_error();
  *out = (struct file_state){
      .is_regular = GetFileType(file) == FILE_TYPE_DISK &&
                    (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0,
      .volume = info.dwVolumeSerialNumber,
      .id = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow,
      .size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow,
      .modified_ns = to_ns(basic.LastWriteTime),
      .changed_ns = to_ns(basic.ChangeTime),
  };
  return 0;
}

static int look_at(const char *path, DWORD flags, struct file_state *out) {
  HANDLE file;

  int error = open_path(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING,
                        FILE_FLAG_BACKUP_SEMANTICS | flags, &file);
  if (error != 0)
    return error;
  error = look(file, out);
  CloseHandle(file);
  return error;
}

int file_look(const char *path, struct file_state *out) {
  return look_at(path, 0, out);
}

int file_look_open(int fd, struct file_state *out) {
  return look((HANDLE)_get_osfhandle(fd), out);
}

ssize_t file_read_start(const char *path, char *buf, size_t size) {
  HANDLE file;
  DWORD n;

  int error = open_path(path, GENERIC_READ, OPEN_EXISTING, 0, &file);
  if (error != 0)
    return error;
  if (!ReadFile(file, buf, (DWORD)size, &n, NULL))
    error = last_error();
  CloseHandle(file);
  return error != 0 ? error : (ssize_t)n;
}

/* --- logs --- */

static const char *why_not(HANDLE file) {
  BY_HANDLE_FILE_INFORMATION info;

  /* NUL and COM1 are devices, in whatever folder. */
  if (GetFileType(file) != FILE_TYPE_DISK)
    return "it is a device; a log must be a regular file";
  if (!GetFileInformationByHandle(file, &info))
    return NULL;
  if ((info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
    return "it is a symbolic link; a log must be a file itself";
  if (info.nNumberOfLinks > 1)
    return "it has a second name (a hard link); a log must have one";
  return NULL;
}

int file_open_log(const char *path, int *fd, const char **why) {
  HANDLE file;

  *why = NULL;
  int error =
      open_path(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS,
                FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, &file);
  if (error == -EISDIR)
    *why = "it is a folder; a log must be a file";
  if (error != 0)
    return error;
  *why = why_not(file);
  if (*why != NULL) {
    CloseHandle(file);
    return -EINVAL;
  }
  *fd = _open_osfhandle((intptr_t)file, O_RDWR | O_BINARY | O_NOINHERIT);
  if (*fd < 0) {
    CloseHandle(file);
    return -EMFILE;
  }
  return 0;
}

int file_open_log_again(const char *path, int *fd) {
  const char *why;

  return file_open_log(path, fd, &why);
}

int file_look_log(const char *path, struct file_state *out) {
  return look_at(path, FILE_FLAG_OPEN_REPARSE_POINT, out);
}

int file_lock(int fd) {
  /* A lock here keeps others from the bytes that it covers: no log has these,
   * and everybody can read those that it has. */
  OVERLAPPED far_off = {.OffsetHigh = 0x40000000};
  const DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;

  if (LockFileEx((HANDLE)_get_osfhandle(fd), flags, 0, 1, 0, &far_off))
    return 0;
  int error = last_error();
  /* A file system without locks is no reason to write no log. */
  return error == -EBUSY ? error : 0;
}

int file_close(int fd) { return close(fd) != 0 ? -errno : 0; }

int file_reserve(int fd, uint64_t size, size_t len) {
  (void)fd, (void)size, (void)len;
  return 0;
}

int file_write(int fd, const void *data, size_t len) {
  /* Documented to append, wherever the end is at that moment. */
  OVERLAPPED at_end = {.Offset = UINT32_MAX, .OffsetHigh = UINT32_MAX};
  struct file_state file;
  DWORD n = 0;

  if (!WriteFile((HANDLE)_get_osfhandle(fd), data, (DWORD)len, &n, &at_end))
    return last_error();
  if (n == len)
    return 0;
  if (n > 0 && file_look_open(fd, &file) == 0 && file.size >= n)
    file_cut(fd, file.size - n);
  return -ENOSPC;
}

int file_read_at(int fd, uint64_t offset, void *buf, size_t size) {
  OVERLAPPED at = {.Offset = (DWORD)offset,
                   .OffsetHigh = (DWORD)(offset >> 32)};
  DWORD n = 0;

  if (!ReadFile((HANDLE)_get_osfhandle(fd), buf, (DWORD)size, &n, &at))
    return GetLastError() == ERROR_HANDLE_EOF ? -ENODATA : last_error();
  return n == size ? 0 : -ENODATA;
}

int file_cut(int fd, uint64_t size) {
  int error = _chsize_s(fd, (int64_t)size);
  return error != 0 ? -error : 0;
}

int file_sync(int fd) { return _commit(fd) != 0 ? -errno : 0; }

int file_make_folder(const char *path) {
  WCHAR wide[PATH_MAX];

  int error = to_wide(path, wide);
  if (error != 0 || CreateDirectoryW(wide, NULL))
    return error;
  error = last_error();
  if (is_folder(wide))
    return 0;
  return error == -EEXIST ? -ENOTDIR : error;
}

/* --- names --- */

bool file_is_separator(char c) { return c == '\\' || c == '/'; }

/* How long `\\server\share\` is, or `\\?\UNC\server\share\`, or what there is
 * of it. */
static size_t share_length(const char *path) {
  int all = _strnicmp(path + 2, "?\\UNC\\", 6) == 0 ? 4 : 2;
  size_t i = 2;

  for (int names = 0; path[i] != '\0' && names < all; i++)
    names += file_is_separator(path[i]);
  return i;
}

size_t file_root_length(const char *path) {
  bool has_drive = path[0] != '\0' && path[1] == ':';

  if (has_drive)
    return file_is_separator(path[2]) ? 3 : 2;
  if (!file_is_separator(path[0]))
    return 0;
  return file_is_separator(path[1]) ? share_length(path) : 1;
}

bool file_can_be_command(const char *name) {
  return strpbrk(name, "\\/:") == NULL;
}

bool file_is_same_path(const char *a, const char *b) {
  return _stricmp(a, b) == 0;
}
