/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Reading a file that somebody edits: a regular file that belongs to us or to root, that nobody
 * else can write to, and that is small. Who could change it could tell the agent where to send a
 * credential. */
typedef enum
{
  BFY_SMALL_FILE_PLAIN = 0,
  BFY_SMALL_FILE_FOLLOW = 1 << 0, /* the name may be a symbolic link */
} BfySmallFileFlags;

/* BFY_ERROR_NOT_FOUND, _UNSAFE_PATH, _TOO_LARGE or _STORAGE; the messages do not repeat @path. The
 * text may hold anything, NUL included; one more NUL follows it. Free with g_free(). */
char *bfy_small_file_read (const char *path,
                           gsize bytes_max,
                           BfySmallFileFlags flags,
                           gsize *length,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
