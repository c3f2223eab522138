/* What collectd's config.h says where collectd is built with MinGW: the part
 * that its plugin headers ask for, and on which no type of theirs depends. That
 * of Debian's collectd-dev is Linux's, and that of a source tree asks for the
 * gnulib that it was built with. */
#ifndef PROCMON_COMPAT_COLLECTD_WINDOWS_H
#define PROCMON_COMPAT_COLLECTD_WINDOWS_H

/* automake sets it for our own. */
#undef HAVE_CONFIG_H

#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_STRINGS_H 1
#define HAVE_UNISTD_H 1
#define HAVE_FCNTL_H 1
#define TIME_WITH_SYS_TIME 1
#define NAN_STATIC_DEFAULT 1
#define HAVE_DIRENT_H 1
#define HAVE_SYS_PARAM_H 1
#define KERNEL_WIN32 1

/* A compiler that is not strict defines it, and collectd.h then asks for the
 * gnulib of collectd's own build. */
#undef WIN32

#endif
