/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "agent/store/registry.h"
#include "agent/store/store.h"
#include "protocol/grant.h"

/* What people have answered, so that they are not asked again. Found by hash, whatever their
 * number. What is over goes by itself, on a clock that goes on in suspend.
 *
 * A yes for ten minutes or for always, and a no, outlive the agent: they are written to the store
 * before they count. A yes for once, for a session or until the lock is kept in memory only: a
 * crash must not let it be used twice, and nobody knows what was locked or ended while no agent was
 * there.
 *
 * The newest answer counts: it takes the place of those before it that were about the same.
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

typedef BfyMoment (*BfyGrantsClock) (void);

BfyGrants *bfy_grants_new (BfyStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* By another clock than that of the machine. */
BfyGrants *bfy_grants_new_with_clock (BfyStore *store,
                                      BfyGrantsClock clock,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Once: what is about bindings, rules and clients that are gone goes, now and whenever that
 * changes; a binding that gets another name keeps its grants (behaviour 13.4). */
void bfy_grants_follow (BfyGrants *self, BfyRegistry *registry);
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
/* A person's answer, from which on it counts; recorded. @scope must be among
 * bfy_grant_scopes_for(), else BFY_ERROR_DENIED, also for the session of a program that has ended;
 * for a denial it is ignored. BFY_ERROR_STORAGE when it cannot be kept. (transfer none), so "added"
 * must not be answered with bfy_grants_use(). */
BfyGrant *bfy_grants_add (BfyGrants *self,
                          const BfyCaller *caller,
                          const BfyWish *wish,
                          BfyGrantScope scope,
                          gboolean is_denial,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @request goes on because of @grant, and ends when that is revoked. @rpc_id: (nullable) the raw id
 * to tell it by. */
void bfy_grants_hold_request (BfyGrants *self,
                              const BfyGrant *grant,
                              BfyRequest *request,
                              const char *rpc_id);

/* (transfer container) (element-type BfyGrant) newest first */
GPtrArray *bfy_grants_list (BfyGrants *self);
guint bfy_grants_get_n (BfyGrants *self);
/* By its id, or the beginning of it (at least BFY_GRANT_ID_MIN characters). BFY_ERROR_NOT_FOUND;
 * BFY_ERROR_INVALID_ARGUMENT when several begin so. (transfer none) */
#define BFY_GRANT_ID_MIN 4
BfyGrant *
bfy_grants_find (BfyGrants *self, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* By its whole id; FALSE when there is none. In all that revokes, requests in flight end, and what
 * the store refuses to forget is tried again. */
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
