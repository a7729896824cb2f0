/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/constraints.h"

BfyConstraints *
bfy_constraints_ref (BfyConstraints *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_constraints_unref (BfyConstraints *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->host);
  g_free (self->path);
  g_strfreev (self->tools);
  g_strfreev (self->clients);
  g_free (self);
}
