/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/call.h"
#include "agent/proxy/feed.h"
#include "agent/proxy/leg.h"
#include "agent/proxy/pool.h"
#include "agent/proxy/presented.h"

/* The inside of a leg: leg.c is what both kinds have in common, leg-soup.c the one through libsoup,
 * leg-wire.c the one over a connection of our own. */

typedef struct
{
  SoupMessageHeaders *(*get_request_headers) (BfyLeg *self);
  gboolean (*inject) (BfyLeg *self,
                      const BfyInjection *injection,
                      const BfyCredential *credential,
                      GError **error);
  void (*announce_body) (BfyLeg *self, goffset length);
  void (*write) (BfyLeg *self, GBytes *piece);
  void (*start) (BfyLeg *self);
  guint (*get_status) (BfyLeg *self);
  SoupMessageHeaders *(*get_response_headers) (BfyLeg *self);
  goffset (*get_length) (BfyLeg *self);
  void (*read) (BfyLeg *self);
  gboolean (*was_sent) (BfyLeg *self);
  const char *(*get_cut_reason) (BfyLeg *self);
  void (*stop) (BfyLeg *self); /* its owner has gone; asynchronous calls may still hold it */
} BfyLegKind;

struct _BfyLeg
{
  gatomicrefcount ref_count;
  const BfyLegKind *kind;
  BfyUpstreams *upstreams;   /* (owned) */
  GCancellable *cancellable; /* (owned) */
  const BfyLegFuncs *funcs;  /* (nullable) NULL before the start and once its owner has gone */
  gpointer user_data;

  struct
  {
    BfyCall *call;       /* (owned) */
    GInputStream *input; /* (owned) (nullable) the body */
    BfyFeed *feed;       /* (owned) (nullable) of the request's body */
  } soup;

  struct
  {
    GUri *uri;    /* (owned) */
    char *method; /* (owned) */
    GBytes *body; /* (owned) (nullable) */
    gboolean is_upgrading;
    BfyPieces pieces;            /* of the body that was announced */
    goffset body_length;         /* of that, -1 if not known */
    SoupMessageHeaders *headers; /* (owned) of the request */
    BfyPresented presented;      /* until the head is made */
    BfyWire *wire;               /* (owned) (nullable) */
    guint epoch;
    gulong cancelled_id;
    guint cancel_idle_id;
    gboolean is_reused;
    gboolean was_sent;
    const char *cut_reason; /* (nullable) static */
  } wire;
};

BfyLeg *bfy_leg_ref (BfyLeg *self);
void bfy_leg_unref (BfyLeg *self);

/* Take the half-made leg over, or leave it when they fail. */
gboolean
bfy_leg_init_soup (BfyLeg *self, const char *method, const char *url, GBytes *body, GError **error);
gboolean
bfy_leg_init_wire (BfyLeg *self, const char *method, const char *url, GBytes *body, GError **error);
