/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <sys/uio.h>

/* What has to go out on a socket: at once if the kernel has room, else when it has some again. */
typedef struct
{
  /*< private >*/
  int fd;
  GByteArray *pending; /* (owned) (nullable) from offset on not sent yet */
  gsize offset;
} BfyOutput;

void bfy_output_init (BfyOutput *self, int fd);
void bfy_output_clear (BfyOutput *self);
/* Sends the parts one after the other, behind what is still waiting. FALSE: the connection is
 * broken. */
gboolean bfy_output_send (BfyOutput *self, const struct iovec *parts, guint n_parts);
/* There is room again. FALSE: the connection is broken. */
gboolean bfy_output_flush (BfyOutput *self);
gboolean bfy_output_is_empty (const BfyOutput *self);
