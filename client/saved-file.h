/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Files that a person names: a vault's backup or export. */

/* A new file, 0600, on the disk when this returns. BFY_ERROR_EXISTS for a name that is taken, even
 * by a dangling link; BFY_ERROR_STORAGE. What could not be written whole is removed. */
gboolean
bfy_saved_file_write (const char *path, GBytes *content, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE when nothing has this name yet, so that nobody is asked for a passphrase in vain. The same
 * errors. */
gboolean bfy_saved_file_is_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BFY_ERROR_NOT_FOUND, BFY_ERROR_TOO_LARGE, BFY_ERROR_STORAGE, BFY_ERROR_INVALID_ARGUMENT for what
 * is no regular file. */
GBytes *
bfy_saved_file_read (const char *path, gsize bytes_max, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The parts of writing one, for those that put a file in the place of another. All of @content goes
 * to @fd; errno tells of a failure. */
gboolean bfy_saved_file_write_all (int fd, GBytes *content) G_GNUC_WARN_UNUSED_RESULT;
/* The name, too, has to be on the disk: syncs the directory in which @path is; likewise. */
gboolean bfy_saved_file_sync_directory (const char *path);
