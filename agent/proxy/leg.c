/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/leg-private.h"

static BfyLeg *
alloc (BfyUpstreams *upstreams, GCancellable *cancellable)
{
  BfyLeg *self = g_new0 (BfyLeg, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->upstreams = g_object_ref (upstreams);
  self->cancellable = g_object_ref (cancellable);

  return self;
}

BfyLeg *
bfy_leg_new (BfyUpstreams *upstreams,
             const char *method,
             const char *url,
             GBytes *body,
             GCancellable *cancellable,
             GError **error)
{
  BfyLeg *self = alloc (upstreams, cancellable);
  gboolean is_plain = g_ascii_strncasecmp (url, "http:", 5) == 0;

  if (is_plain ? bfy_leg_init_wire (self, method, url, body, error)
               : bfy_leg_init_soup (self, method, url, body, error))
    return self;

  bfy_leg_unref (self);

  return NULL;
}

BfyLeg *
bfy_leg_new_upgrading (BfyUpstreams *upstreams,
                       const char *url,
                       GCancellable *cancellable,
                       GError **error)
{
  BfyLeg *self = alloc (upstreams, cancellable);

  self->wire.is_upgrading = TRUE;
  if (bfy_leg_init_wire (self, "GET", url, NULL, error))
    return self;

  bfy_leg_unref (self);

  return NULL;
}

void
bfy_leg_open (BfyLeg *self)
{
  bfy_wire_open (self->wire.wire);
}

BfyLeg *
bfy_leg_ref (BfyLeg *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_leg_unref (BfyLeg *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->cancellable);
  g_object_unref (self->upstreams);
  g_free (self);
}

void
bfy_leg_free (BfyLeg *self)
{
  self->funcs = NULL;
  self->kind->stop (self);
  bfy_leg_unref (self);
}

SoupMessageHeaders *
bfy_leg_get_request_headers (BfyLeg *self)
{
  return self->kind->get_request_headers (self);
}

gboolean
bfy_leg_inject (BfyLeg *self,
                const BfyInjection *injection,
                const BfyCredential *credential,
                GError **error)
{
  return self->kind->inject (self, injection, credential, error);
}

void
bfy_leg_announce_body (BfyLeg *self, goffset length)
{
  self->kind->announce_body (self, length);
}

void
bfy_leg_write (BfyLeg *self, GBytes *piece)
{
  self->kind->write (self, piece);
}

void
bfy_leg_start (BfyLeg *self, const BfyLegFuncs *funcs, gpointer user_data)
{
  self->funcs = funcs;
  self->user_data = user_data;
  self->kind->start (self);
}

guint
bfy_leg_get_status (BfyLeg *self)
{
  return self->kind->get_status (self);
}

SoupMessageHeaders *
bfy_leg_get_response_headers (BfyLeg *self)
{
  return self->kind->get_response_headers (self);
}

goffset
bfy_leg_get_length (BfyLeg *self)
{
  return self->kind->get_length (self);
}

void
bfy_leg_read (BfyLeg *self)
{
  self->kind->read (self);
}

gboolean
bfy_leg_was_sent (BfyLeg *self)
{
  return self->kind->was_sent (self);
}

const char *
bfy_leg_get_cut_reason (BfyLeg *self)
{
  return self->kind->get_cut_reason (self);
}
