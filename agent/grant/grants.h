/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/store.h"
#include "protocol/grant.h"

/* What people have answered, so that they are not asked again. Found by hash, whatever their
 * number. Those that outlive the agent are written to the store before they count; what is over
 * goes by itself, on a clock that goes on in suspend.
 *
 * Emits "added" (BfyGrant *) and "removed" (BfyGrant *, gboolean is_revoked): when it is revoked,
 * requests in flight on its behalf end. */
#define BFY_TYPE_GRANTS (bfy_grants_get_type ())
G_DECLARE_FINAL_TYPE (BfyGrants, bfy_grants, BFY, GRANTS, GObject)

#define BFY_GRANTS_MAX 20000 /* in all */
#define BFY_GRANTS_PER_SUBJECT_MAX 12000
#define BFY_GRANT_DENIAL_MS (60 * 60 * 1000)
#define BFY_GRANT_ONCE_MS                                                                          \
  (10 * 60 * 1000) /* for the repetition of a request that gave up waiting */

BfyGrants *bfy_grants_new (BfyStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Lets go of timers; nothing is removed from the store. */
void bfy_grants_stop (BfyGrants *self);

typedef enum
{
  BFY_GRANTS_NOTHING, /* a person has to be asked */
  BFY_GRANTS_ALLOW,
  BFY_GRANTS_DENY,
} BfyGrantsVerdict;

/* Looks, and counts the use; one that is for once is used up. @grant (nullable): what decided,
 * (transfer full). */
BfyGrantsVerdict
bfy_grants_use (BfyGrants *self, const BfyCaller *caller, const BfyWish *wish, BfyGrant **grant);
/* A person's answer. @scope must be among bfy_grant_scopes_for(), else BFY_ERROR_DENIED; for a
 * denial it is ignored. BFY_ERROR_STORAGE when it cannot be kept. (transfer none) */
BfyGrant *bfy_grants_add (BfyGrants *self,
                          const BfyCaller *caller,
                          const BfyWish *wish,
                          BfyGrantScope scope,
                          gboolean is_denial,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer container) (element-type BfyGrant) newest first */
GPtrArray *bfy_grants_list (BfyGrants *self);
/* By id; FALSE when there is none. */
gboolean bfy_grants_revoke (BfyGrants *self, const char *id);

/* What is to go; NULL members do not restrict. */
typedef struct
{
  const char *binding_id;
  const char *client_id;
  const char *subject;
} BfyGrantsFilter;

/* How many went. @filter NULL: all of them. */
guint bfy_grants_revoke_all (BfyGrants *self, const BfyGrantsFilter *filter);
/* The agent is being locked: “until lock” ends. */
void bfy_grants_note_locked (BfyGrants *self);
/* The policy of a binding was replaced: grants of rules that are gone go, too. */
void bfy_grants_note_policy (BfyGrants *self, const char *binding_id, const BfyPolicy *policy);
