/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The private homes of local servers, one folder per binding below @base. What is in them was
 * written by the servers, so nothing in them is trusted: links are never followed, also when they
 * are exchanged while we look. */

/* Makes it when it is missing, mode 0700. BFY_ERROR_UNSAFE_PATH. Free with g_free(). */
char *bfy_home_make (const char *base, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With everything in it; what cannot be removed stays. */
void bfy_home_remove (const char *base, const char *name);

/* Removes the homes that nobody has a use for any more. */
typedef gboolean (*BfyHomeFunc) (const char *name, gpointer user_data);
void bfy_home_sweep (const char *base, BfyHomeFunc is_used, gpointer user_data);

/* A folder of ours, made when missing. */
gboolean bfy_home_make_folder (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
