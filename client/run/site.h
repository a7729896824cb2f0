/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "client/run/offer.h"
#include "client/run/target.h"

/* One host of the bindings of a run, as the proxy of that run plays it. Which binding is asked is
 * decided by the path: several may be parts of one host. Pure. */
typedef struct
{
  BfyRunTarget target;
  GPtrArray *offers;            /* (owned) (element-type BfyRunOffer), which are borrowed */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  SoupServer *server;           /* (owned) (nullable) */
} BfyRunSite;

void bfy_run_site_free (BfyRunSite *self);

/* The hosts of all that has an https address with a name in it, each one once.
 * (element-type BfyRunSite) */
GPtrArray *bfy_run_sites_new (GPtrArray *offers);
/* NULL when none is @target; borrowed. */
BfyRunSite *bfy_run_sites_find (GPtrArray *sites, const BfyRunTarget *target);
/* The binding that @path, as it stands in a request, belongs to, and in @rest (borrowed from @path)
 * what is behind the binding's address in it; NULL when there is none. The one with the longest
 * address, and of those the first. */
const BfyRunOffer *bfy_run_site_choose (BfyRunSite *self, const char *path, const char **rest);

/* A binding of @offers (element-type BfyRunOffer) other than @own whose placeholder is in @bytes,
 * or in what these are when they are Basic credentials. NULL when there is none. */
const BfyRunOffer *bfy_run_find_foreign_placeholder (GPtrArray *offers,
                                                     const BfyRunOffer *own,
                                                     const char *bytes,
                                                     gsize length);
