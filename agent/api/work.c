/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/work.h"

BfyWork *
bfy_work_new (BfyAgent *agent, BfyRequest *request, BfyBinding *binding)
{
  BfyWork *self = g_new0 (BfyWork, 1);

  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->binding = binding != NULL ? bfy_binding_ref (binding) : NULL;

  return self;
}

void
bfy_work_free (BfyWork *self)
{
  bfy_request_unref (self->request);
  g_clear_pointer (&self->binding, bfy_binding_unref);
  g_free (self);
}
