/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/child/trial.h"
#include "agent/enrol/conditions.h"
#include "agent/enrol/sealing.h"
#include "agent/oauth/sign-in.h"
#include "protocol/credential.h"

/* Who watches a sign-in as it goes on. */
typedef struct
{
  void (*begin) (gpointer user_data); /* (nullable) the wish is in order */
  BfySignInFunc step;                 /* (nullable) */
  gpointer user_data;
} BfyEnrolWatch;

/* What a person asked for with `bindify add`, before it is a binding. */
typedef struct
{
  char *name;                /* (owned) (nullable) */
  char *type;                /* (owned) (nullable) of the binding; NULL: what fits */
  char *service;             /* (owned) (nullable) exactly one of service, url, program */
  char *url;                 /* (owned) (nullable) */
  BfyProgram *program;       /* (owned) (nullable) */
  BfyInjection *injection;   /* (owned) (nullable) */
  BfyCredential *credential; /* (owned) (nullable) */
  BfySignInWish *oauth;      /* (owned) (nullable) or how to get one */
  BfyEnrolWatch watch;       /* of that */
  BfyPolicy *policy;         /* (owned) (nullable) */
  char *profile;             /* (owned) (nullable) or where it starts from */
  JsonArray *rules;          /* (owned) (nullable) and what comes before that */
  char *keyring;             /* (owned) (nullable) */
  char *account;             /* (owned) (nullable) */
  char *client;              /* (owned) (nullable) label for the client that can open it */
  BfySecret *client_key;     /* (owned) (nullable) or the key of one that exists, 64 bytes */
  BfyLimits limits;
  BfyConditions conditions; /* (owned) */
  gboolean is_sealed;
  gboolean allow_local;
  gboolean skips_check;
  gboolean rewrites_links; /* of a REST service: what its policy says under "network" */
  gboolean keeps_cookies;
  char *certificate; /* (owned) (nullable) of a device that no authority vouches for */
  char *mac;         /* (owned) (nullable) of a device that can be woken */
} BfyEnrolment;

void bfy_enrolment_free (BfyEnrolment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyEnrolment, bfy_enrolment_free)

/* From the body of POST /v1/bindings. The credential is taken from the bytes without touching the
 * ordinary heap. Unknown members are an error: a constraint that is not understood must not be
 * ignored. */
BfyEnrolment *
bfy_enrolment_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From the body of POST /v1/bindings/NAME/login: credential or sign-in, check and, for a sealed
 * binding, who can open it. */
BfyEnrolment *bfy_enrolment_parse_renewal (const char *text,
                                           gsize length,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Checks the wish, signs in if that is wished for, asks the service whether it takes the
 * credential, or runs the command for a try, stores it, reads it back, records the binding and, if
 * it is sealed, the client with the new key, in that order; on any failure nothing is left behind.
 * Takes over @enrolment.
 * @request: who asked, for the event and for giving up when they are gone. Once storing has begun
 * it is carried to its end. */
void bfy_enrol_async (BfyAgent *agent,
                      BfyEnrolment *enrolment,
                      BfyRequest *request,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
/* The same for a new credential of a binding that exists; the old one stays in force until the new
 * one is stored. BFY_ERROR_INVALID_ARGUMENT when it is of another kind than the binding's. For a
 * sealed binding all clients keep their access if the key of one of them is presented; otherwise
 * only that client, or a new one, can open it (behaviour 11.6). */
void bfy_renew_async (BfyAgent *agent,
                      BfyBinding *binding,
                      BfyEnrolment *enrolment,
                      BfyRequest *request,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
/* For both. @was_checked: whether the service was asked. (transfer full) */
BfyBinding *bfy_enrol_finish (GAsyncResult *result,
                              gboolean *was_checked,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For both: who can open the sealed binding now; NULL for a managed one. Borrowed from @result. */
const BfySealing *bfy_enrol_get_sealing (GAsyncResult *result);
/* What a local command said in its trial run; NULL when there was none. Borrowed from @result. */
const BfyTrialResult *bfy_enrol_get_trial (GAsyncResult *result);
/* Whose credential it is, as the service said; NULL when it did not. Borrowed from @result. */
const char *bfy_enrol_get_account (GAsyncResult *result);

/* Whether there is a credential, or will be. */
gboolean bfy_enrolment_has_credential (const BfyEnrolment *self);
/* "api_key", "basic", …, "none" without a credential. Static. */
const char *bfy_enrolment_auth_type (const BfyEnrolment *self);

/* enrolment-ways.c: what a signature of AWS is for (region and service), told by the host of
 * @upstream (nullable) unless the person said it; and what else a REST service was asked for. */
gboolean bfy_enrolment_fill_scope (const BfyEnrolment *self,
                                   BfyBinding *binding,
                                   const BfyUpstream *upstream,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_enrolment_fill_ways (const BfyEnrolment *self,
                                  BfyBinding *binding,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Resolves the wish into a complete binding without asking anybody: URL, injection, names, reach.
 * For enrolment and for POST /v1/probe. */
BfyBinding *bfy_enrolment_resolve (const BfyEnrolment *self,
                                   BfyAgent *agent,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
