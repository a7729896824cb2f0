/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "protocol/secret.h"

/* A directory that only we may enter, and files in it that only we may read: owner and mode are
 * checked on the open descriptor every time, links are not followed, and what was written is on the
 * disk before anyone is told so (behaviour 12.8, 12.9). Files are named relative to the directory
 * that was checked, so that nothing can be put in its place in between.
 *
 * Errors: G_IO_ERROR_NOT_FOUND when it is not there (the one foreign error: callers decide what
 * that means), BFY_ERROR_UNSAFE_PATH, BFY_ERROR_STORAGE for whatever the system refuses. */
typedef struct _BfySafeDirectory BfySafeDirectory;

BfySafeDirectory *bfy_safe_directory_open (const char *path,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One that may belong to somebody else and be open to others: what is opened in it is still
 * checked.
 */
BfySafeDirectory *bfy_safe_directory_open_foreign (const char *path,
                                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes it (0700), and its parents, when it is missing. */
BfySafeDirectory *bfy_safe_directory_create (const char *path,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_safe_directory_free (BfySafeDirectory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySafeDirectory, bfy_safe_directory_free)

/* An open file, for reading. */
typedef struct
{
  int fd;
  char *path; /* (owned) for messages */
  struct stat status;
} BfySafeFile;

BfySafeFile *bfy_safe_file_open (BfySafeDirectory *directory,
                                 const char *name,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With flags of open(2); a file that O_CREAT makes is ours alone. */
BfySafeFile *bfy_safe_file_open_with (BfySafeDirectory *directory,
                                      const char *name,
                                      int flags,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Up to @length bytes from the start; returns how many there were, or -1. */
gssize bfy_safe_file_read (BfySafeFile *self, gpointer buffer, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void bfy_safe_file_free (BfySafeFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySafeFile, bfy_safe_file_free)

/* The whole file, or nothing of it, under its name; FALSE leaves what was there. A file called
 * @name.new is used on the way and does not stay. One writer at a time: hold a BfySafeLock. */
gboolean bfy_safe_directory_replace (BfySafeDirectory *self,
                                     const char *name,
                                     gconstpointer bytes,
                                     gsize length,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* _replace in two halves, for who wants to look around in between: _prepare writes @name.new, which
 * _commit gives its name, or _clean removes. */
gboolean bfy_safe_directory_prepare (BfySafeDirectory *self,
                                     const char *name,
                                     gconstpointer bytes,
                                     gsize length,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_safe_directory_commit (BfySafeDirectory *self,
                                    const char *name,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same as _replace, but fails when there is a file of that name. */
gboolean bfy_safe_directory_create_file (BfySafeDirectory *self,
                                         const char *name,
                                         gconstpointer bytes,
                                         gsize length,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a file of ours a second name, which must be free or that of the same file; it stays when
 * the first is replaced. */
gboolean bfy_safe_directory_keep (BfySafeDirectory *self,
                                  const char *name,
                                  const char *kept_name,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Durable like a write. */
gboolean bfy_safe_directory_remove (BfySafeDirectory *self,
                                    const char *name,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes what a writer that was killed, or thought better of it, left of @name.new; hold the lock.
 */
void bfy_safe_directory_clean (BfySafeDirectory *self, const char *name);

/* Holds others off that ask for the same lock, here or in another process; the kernel lets go of it
 * when we die. */
typedef struct _BfySafeLock BfySafeLock;

/* Fails at once with BFY_ERROR_IN_USE when somebody else holds it. */
BfySafeLock *bfy_safe_lock_try (BfySafeDirectory *directory,
                                const char *name,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_safe_lock_free (BfySafeLock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySafeLock, bfy_safe_lock_free)
