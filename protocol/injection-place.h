/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/injection.h"

/* Credentials that become a part of the path or of the body of a request. What is judged, kept and
 * told of such a request is without them. */

#define BFY_INJECTION_PLACEHOLDER "{token}"
/* Of a body that a credential goes into: it is made in secret memory. */
#define BFY_INJECTION_BODY_BYTES_MAX (64 * 1024)

/* "/bot{token}": segments without escapes or dot segments, the placeholder once, no slash at the
 * end. */
gboolean bfy_injection_template_check (const char *pattern);

/* For PATH: the template with the secret in its place, percent-encoded, and @path behind it.
 * BFY_ERROR_CREDENTIAL_DAMAGED when it would be a dot segment, or is empty. */
BfySecret *bfy_injection_path (const BfyInjection *self,
                               const char *path,
                               const BfySecret *secret,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For BODY: @body, a JSON object or a form by @content_type (nullable), with the field set to the
 * secret, in place of what it was. BFY_ERROR_UNSUPPORTED_MEDIA for all other bodies,
 * BFY_ERROR_BAD_REQUEST for what is no JSON object, BFY_ERROR_TOO_LARGE,
 * BFY_ERROR_CREDENTIAL_DAMAGED for a secret that is no UTF-8. */
BfySecret *bfy_injection_body (const BfyInjection *self,
                               const char *content_type,
                               GBytes *body,
                               const BfySecret *secret,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
