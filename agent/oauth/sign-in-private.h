/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/discovery.h"
#include "agent/oauth/listener.h"
#include "agent/oauth/sign-in.h"
#include "protocol/token-answer.h"

/* The inside of a sign-in, the data of its task, shared by the files that make it up: sign-in.c
 * finds out who issues the tokens and who we are to them, and makes a credential of their answer;
 * sign-in-browser.c, sign-in-device.c and sign-in-machine.c are the three ways to get that answer.
 */
typedef struct
{
  BfyAgent *agent;       /* borrowed */
  BfyBinding *binding;   /* (owned) */
  BfySignInWish *wish;   /* (owned) */
  BfyOAuthSource *known; /* (owned) (nullable) of the last sign-in */
  BfySignInFunc on_step;
  gpointer step_data;
  GCancellable *stop; /* (owned) cancelled by whoever asked, and by `bindify lock` */
  GSource *gone;      /* (owned) (nullable) */
  gulong locked_id;
  gboolean is_locked;
  BfyDiscovery *discovery; /* (owned) (nullable) */
  char *scope;             /* (owned) (nullable) what is asked for */
  BfyListener *listener;   /* (owned) (nullable) browser: until the answer has come */
  BfyOAuthSource *source;  /* (owned) (nullable) with the client */
  gboolean sends_pkce;     /* browser */
  BfySecret *verifier;     /* (owned) (nullable) browser: of PKCE */
  BfySecret *device_code;  /* (owned) (nullable) device */
  GSource *timer;          /* (owned) (nullable) device: until it is asked again */
  gint64 interval_s;       /* device: between two questions */
  gint64 deadline_us;      /* device: monotonic */
  gboolean is_anew;        /* the client was registered a second time */
  gboolean is_distrustful; /* the last attempt with the client that is known led nowhere */
  gboolean was_abandoned;  /* and this one too */
} BfySignIn;

/* Ends @task (borrowed). @error is taken. */
void bfy_sign_in_fail (GTask *task, GError *error);
/* With an object that has "step" already; taken. */
void bfy_sign_in_tell (BfySignIn *self, JsonObject *step);
JsonObject *bfy_sign_in_step_new (const char *name);
void bfy_sign_in_set_text (JsonObject *step, const char *member, const char *text);
/* What came of asking for tokens, whichever way; @answer is taken. Ends @task (borrowed), or begins
 * once more with a new client when the server no longer knows the one that was registered. */
void bfy_sign_in_take_answer (GTask *task, BfyTokenAnswer *answer);

/* The client of the last sign-in, if it is one of this server's. */
BfyOAuthClient *bfy_sign_in_peek_known (BfySignIn *self);
/* Takes over when it is known what to ask for, and hands on to one of the next three. */
void bfy_sign_in_begin_registration (GTask *task);

/* Each takes over when the client is there: `source` and `scope` are set. */
void bfy_sign_in_begin_browser (GTask *task);
void bfy_sign_in_begin_device (GTask *task);
void bfy_sign_in_begin_machine (GTask *task);

/* How long to wait before the server is asked again, after @answer to a question @interval_s after
 * the one before it (RFC 8628, 3.5). Pure. */
gint64 bfy_sign_in_next_interval_s (const BfyTokenAnswer *answer, gint64 interval_s);

/* Whether an S256 challenge goes along (mcp.md B.1.5, behaviour 17.3). Pure. */
typedef enum
{
  BFY_PKCE_SEND,
  BFY_PKCE_OMIT,   /* the person, or the catalogue, accepted that */
  BFY_PKCE_REFUSE, /* the server does not say that it takes it */
} BfyPkceChoice;

/* @record (nullable): of the catalogue. */
BfyPkceChoice bfy_sign_in_choose_pkce (const BfyOAuthServer *server,
                                       const BfyServiceOAuth *record,
                                       gboolean allow_no_pkce);
