/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* An HTTP request on its way to the upstream, as the policy looks at it. A server that lets a
 * header stand in for the method (X-HTTP-Method-Override) must not be sent one. All of it is
 * borrowed. */
typedef struct
{
  const char *method;
  const char *target;       /* path and query, as in the request line */
  const char *content_type; /* (nullable) */
  const char *body;         /* (nullable) not compressed */
  gsize body_length;
} BfyHttpMessage;
