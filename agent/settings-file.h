/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A key file that keys are taken out of, one by one. Each returns what is used when the key is not
 * there or is wrong, and then keeps one line about it. */
typedef struct
{
  const char *name;       /* borrowed; how the lines call it */
  GKeyFile *file;         /* (owned) */
  GStrvBuilder *problems; /* (owned) */
} BfySettingsFile;

void bfy_settings_file_complain (BfySettingsFile *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* What of the text is understood. */
void bfy_settings_file_load (BfySettingsFile *self, const char *text, gsize length);

/* NULL when it is not there, is not text or is empty. (transfer full) */
char *bfy_settings_file_take_text (BfySettingsFile *self, const char *group, const char *key);
/* From 0 to @max. */
gint64 bfy_settings_file_take_number (
    BfySettingsFile *self, const char *group, const char *key, gint64 max, gint64 fallback);
/* Absolute; NULL when it is not. (transfer full) */
char *bfy_settings_file_take_path (BfySettingsFile *self, const char *group, const char *key);
/* "true" or "false". */
gboolean bfy_settings_file_take_flag (BfySettingsFile *self,
                                      const char *group,
                                      const char *key,
                                      gboolean fallback);

/* Whatever has not been taken out is no setting. */
void bfy_settings_file_report_unknown (BfySettingsFile *self);
