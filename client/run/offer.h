/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a run is offered by one of its bindings, as far as programs that know nothing of bindify can
 * be led to it: the variables that its SDKs look at, and its host, which the proxy of a run knows.
 * Pure. */
typedef struct
{
  char *name;
  char *url;         /* of the service */
  JsonObject *facts; /* the `env` of its record in the catalogue; may be empty */
  gboolean is_rest;  /* the agent has a door for requests of any kind */
  gboolean is_git;
  char *placeholder; /* (nullable) what its programs are given for a token */
} BfyRunOffer;

/* @binding: as the agent shows it; @service: its record in the catalogue, or an empty object. */
BfyRunOffer *bfy_run_offer_new (JsonObject *binding, JsonObject *service, gboolean is_git);
void bfy_run_offer_free (BfyRunOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunOffer, bfy_run_offer_free)

/* A word that is no token and no secret, and that is met nowhere by chance. */
void bfy_run_offer_make_placeholder (BfyRunOffer *self);

/* "NAME=VALUE" for all of @offers (element-type BfyRunOffer), at the door on @port with @key. Where
 * two have the same variable the first one has it, and its name is added to @clashes (nullable)
 * (element-type utf8). Free with g_strfreev(). */
GStrv bfy_run_offers_list (GPtrArray *offers, guint16 port, const char *key, GPtrArray *clashes);
