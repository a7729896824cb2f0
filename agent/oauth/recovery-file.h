/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Where recovery records (protocol/recovery-record.h) lie: one file for each binding, named by its
 * id, in a directory of the state directory that only we may enter. */
#define BFY_RECOVERY_DIRECTORY "recovery"

/* Makes the directory, so that this does not take time when there is something to write. */
gboolean bfy_recovery_file_prepare (const char *state_dir,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Durable when it returns TRUE, in place of the one that was there. */
gboolean bfy_recovery_file_write (const char *state_dir,
                                  const char *binding_id,
                                  GBytes *record,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL without an error when there is none. */
GBytes *bfy_recovery_file_read (const char *state_dir,
                                const char *binding_id,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What its writer was about to give that name when it was killed: all of it, or a part. NULL
 * without one. Only for who holds the lock, or it may be somebody's who is still alive. */
GBytes *bfy_recovery_file_read_unnamed (const char *state_dir, const char *binding_id);
/* Gives that file its name after all. */
gboolean bfy_recovery_file_name (const char *state_dir,
                                 const char *binding_id,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Both; one that is not there is no error. */
gboolean bfy_recovery_file_remove (const char *state_dir,
                                   const char *binding_id,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The bindings that have one, named or not. Free with g_strfreev(). */
GStrv bfy_recovery_file_list (const char *state_dir);
