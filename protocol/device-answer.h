/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* What a device authorization endpoint answered (RFC 8628, 3.2): what the person types, and where.
 */
typedef struct
{
  BfySecret *device_code;          /* (owned) */
  char *user_code;                 /* (owned) one line of visible ASCII */
  char *verification_uri;          /* (owned) passes bfy_oauth_url_judge() */
  char *verification_uri_complete; /* (owned) (nullable) the same with the code in it */
  gint64 expires_in_s;             /* at most a day */
  gint64 interval_s;               /* between two questions; 5 when not said, 1 to 60 */
} BfyDeviceAnswer;

void bfy_device_answer_free (BfyDeviceAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDeviceAnswer, bfy_device_answer_free)

/* BFY_ERROR_UPSTREAM_FAILED in a sentence of ours, with the OAuth error code when there is one. */
BfyDeviceAnswer *bfy_device_answer_parse (guint status,
                                          const char *content_type,
                                          const BfySecret *body,
                                          gboolean allow_local,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
