/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/condition-options.h"
#include "client/presented-key.h"
#include "client/sign-in-options.h"
#include "client/terminal.h"
#include "protocol/program.h"
#include "protocol/secret.h"

/* Places for a token that are new to most people: where options of the same kind stand in BfyAdd.
 */
typedef struct
{
  char *path;          /* (owned) (nullable) --in-path */
  char *field;         /* (owned) (nullable) --in-body */
  char *access_key_id; /* (owned) (nullable) --sigv4 */
  char *scope;         /* (owned) (nullable) --sign-for */
  char *certificate;   /* (owned) (nullable) of a device that no authority vouches for */
  char *mac;           /* (owned) (nullable) of a device that can be woken */
  gboolean rewrites_links;
  gboolean keeps_cookies;
} BfyAddPlace;

/* One run of bindify-add: what was typed, and what was found out on the way. */
typedef struct
{
  char *target;    /* (owned) service or URL */
  char *name;      /* (owned) --name, later the name it gets; NULL: the agent chooses */
  char *account;   /* (owned) (nullable) */
  char *type;      /* (owned) (nullable) --type */
  char *database;  /* (owned) (nullable) its URL, until it is the target */
  gboolean relays; /* programs may speak to it themselves */
  char *keyring;   /* (owned) (nullable) */
  char *username;  /* (owned) (nullable) --basic, or asked for */
  char *header;    /* (owned) (nullable) */
  char *prefix;    /* (owned) (nullable) */
  char *query;     /* (owned) (nullable) */
  BfyAddPlace place;
  char *refused_token; /* (owned) (nullable) --token, which is refused */
  BfyProgram *program; /* (owned) (nullable) --command and what goes with it */
  char *profile;       /* (owned) (nullable) */
  GStrv allow_tools;   /* (owned) (nullable) */
  GStrv deny_tools;    /* (owned) (nullable) */
  char *client;        /* (owned) (nullable) label of the client that can open it */
  BfyKeyOptions key;   /* or where the key of one that exists comes from */
  BfySignInOptions sign_in;
  BfyConditionOptions conditions;
  gboolean is_sealed;
  gboolean is_token_on_stdin;
  gboolean wants_key; /* --api-key */
  gboolean allow_local;
  gboolean skips_check;
  gboolean has_no_token; /* --no-token */
  gboolean is_quiet;

  gboolean is_url;
  gboolean is_guided;        /* by questions: what fails can be tried again */
  char *host;                /* (owned) (nullable) of a URL on the internet */
  JsonArray *services;       /* (owned) (nullable) the catalogue, when it was needed */
  JsonObject *service;       /* (owned) (nullable) the catalogue record */
  gboolean needs_credential; /* that is typed, or read from stdin */
  gboolean signs_in;         /* instead */
  gboolean asked_username;
  gboolean was_instructed; /* where the token is got */
  gboolean is_free_form;   /* the secret may be any text, several lines too */
  BfySecret *credential;   /* (owned) (nullable) */
  BfySecret *client_key;   /* (owned) (nullable) printed form */
} BfyAdd;

/* --command as typed. */
typedef struct
{
  char *text;        /* (owned) (nullable) */
  char *env;         /* (owned) (nullable) */
  char *secret_file; /* (owned) (nullable) */
  char *secret_fd;   /* (owned) (nullable) */
  GStrv pass;        /* (owned) (nullable) */
  GStrv share;       /* (owned) (nullable) */
  gboolean no_sandbox;
  gboolean no_network;
} BfyAddCommand;

/* What ssh-add does with a letter, instead of adding. */
typedef struct
{
  gboolean lists;
  gboolean lists_long;
  char *removed; /* (owned) (nullable) a name, or "-" */
  gboolean removes_all;
  char *tested; /* (owned) (nullable) */
  gboolean locks;
  gboolean unlocks;
  gboolean is_sure;
} BfyAddModes;

void bfy_add_clear (BfyAdd *self);

/* add-modes.c: @entries with those letters behind them; free with g_free(). */
GOptionEntry *bfy_add_join_modes (BfyAddModes *modes, const GOptionEntry *entries);
guint bfy_add_n_modes (const BfyAddModes *modes);
gboolean
bfy_add_run_mode (BfyCli *cli, const BfyAddModes *modes, gboolean is_quiet, GError **error);
/* add-again.c: what is there already and is added again with other conditions only gets these, as
 * with ssh-add, and keeps its credential. @is_done: that was so. */
gboolean bfy_add_again (BfyCli *cli, const BfyAdd *self, gboolean *is_done, GError **error);

/* add-target.c: what is being added, whether its name is free, what credential it wants. */
gboolean bfy_add_resolve (BfyCli *cli, BfyAdd *self, GError **error);
/* Found out before the person has typed a secret for nothing. */
gboolean bfy_add_check_name_is_free (BfyCli *cli, BfyAdd *self, GError **error);
/* add-program.c: @entries with those of --command behind them; free with g_free(). */
GOptionEntry *bfy_add_join_command_options (BfyAddCommand *command, const GOptionEntry *entries);
/* The local command, shown and confirmed unless @is_sure. */
gboolean bfy_add_resolve_program (
    BfyCli *cli, BfyAdd *self, const BfyAddCommand *command, gboolean is_sure, GError **error);
/* The catalogue record with this id, or NULL. Borrowed from @services. */
JsonObject *bfy_add_find_service (JsonArray *services, const char *id);
/* add-credential.c: gets the credential from the person or from stdin. */
gboolean bfy_add_read_credential (BfyCli *cli, BfyAdd *self, GError **error);
/* Forgets the one that was typed, and the user name with it. */
void bfy_add_forget_credential (BfyAdd *self);
/* add-guide.c: whether there is a person to lead through questions; leading one, which sets the
 * target and more; what else is offered in between and afterwards. */
gboolean bfy_add_can_ask (void);
gboolean bfy_add_guide (BfyCli *cli, BfyAdd *self, GError **error);
void bfy_add_offer_page (BfyCli *cli, BfyTerminal *terminal, const char *url);
gboolean bfy_add_offer_connection (BfyCli *cli, const BfyAdd *self, GError **error);
/* What a signal leaves behind, if it ended the questions. */
void bfy_add_say_cancelled (const BfyCli *cli, const BfyAdd *self);
/* add-owner.c: the target of a token that came on stdin without one. */
gboolean bfy_add_find_owner (BfyCli *cli, BfyAdd *self, gboolean is_sure, GError **error);
/* Asks before a token goes to a stranger; a script is refused. */
gboolean bfy_add_check_owner (BfyCli *cli, BfyAdd *self, gboolean is_sure, GError **error);
gboolean bfy_add_load_services (BfyCli *cli, BfyAdd *self, GError **error);
/* (nullable) NULL with @is_sure, and where nobody would see a question. */
BfyTerminal *bfy_add_open_terminal (gboolean is_sure);
/* FALSE after a signal, too. */
gboolean bfy_add_ask_yes (BfyCli *cli, BfyTerminal *terminal, const char *question);
/* add-sign-in.c: how its credential is got. Pure. */
typedef enum
{
  BFY_ADD_KEY,
  BFY_ADD_SIGN_IN,
  BFY_ADD_NO_KEY, /* a key was asked for and there are none */
} BfyAddWay;

typedef struct
{
  gboolean has_key;
  gboolean has_oauth;
  gboolean wants_own_app; /* the person has to register an application first */
} BfyAddOffer;

/* What a new user would expect: no key where signing in just works. */
BfyAddWay bfy_add_choose_way (const BfyAdd *self, const BfyAddOffer *offer);
/* Any of the options that say how the token is sent, or where it comes from. */
gboolean bfy_add_is_credential_given (const BfyAdd *self);
/* What does not go together. */
gboolean bfy_add_check_sign_in (const BfyAdd *self, gboolean is_command, GError **error);
/* POSTs to @path; @open_part (taken) without its "oauth". The answer is that of other additions. */
JsonObject *bfy_add_sign_in (
    BfyCli *cli, BfyAdd *self, const char *path, JsonObject *open_part, GError **error);
/* When a token that nobody renews has to be renewed by hand. */
void bfy_add_report_expiry (JsonObject *binding);
/* Whose credential it is, if the service told: @told (nullable) has it as "account". */
void bfy_add_report_account (JsonObject *told);
/* add-policy.c: words that no pattern can be; and what the options mean, as members of the request.
 */
gboolean bfy_add_check_policy (const BfyAdd *self, GError **error);
void bfy_add_put_policy (const BfyAdd *self, JsonObject *request);
/* add-request.c: the POST's body, in secret memory; and what to say about the reply. */
JsonObject *bfy_add_build_open_part (const BfyAdd *self);
GBytes *bfy_add_build_request (const BfyAdd *self);
/* @open_part (taken) with the credential or the wish to sign in, and the client's key if there is
 * one, as further members, in secret memory. */
GBytes *bfy_add_join_credential (const BfyAdd *self, JsonObject *open_part);
void bfy_add_report (const BfyAdd *self, JsonObject *reply);
/* add-sealed.c: options that do not go together; @is_sealed: what the binding is or will be. */
gboolean bfy_add_check_sealed (const BfyAdd *self, gboolean is_sealed, GError **error);
/* The key of an existing client, if one is to be presented. */
gboolean bfy_add_read_key (BfyCli *cli, BfyAdd *self, GError **error);
/* The new key alone, for scripts. */
void bfy_add_print_key (JsonObject *reply);
/* Who can open it, with what key, and what that costs. */
void bfy_add_report_sealed (JsonObject *reply, const char *name);
#define BFY_SEALED_COST_TEXT                                                                       \
  N_ ("What this costs: without a client’s key in hand the agent can do nothing with it, so it " \
      "is not\nrefreshed or checked while idle; when all keys are lost, the credential has to be " \
      "entered again.\n")

/* add-injection.c: @entries with those that say where a token goes behind them; free with g_free().
 */
GOptionEntry *bfy_add_join_injection_options (BfyAddPlace *place, const GOptionEntry *entries);
/* add-certificate.c: after @problem, whether a person trusts the certificate that was refused,
 * which
 * @self has then. Sets a hint when nobody was asked. */
gboolean
bfy_add_trust_certificate (BfyCli *cli, BfyAdd *self, gboolean is_sure, const GError *problem);
void bfy_add_place_clear (BfyAddPlace *self);
gboolean bfy_add_place_is_set (const BfyAddPlace *self);
/* Two places at once. */
gboolean bfy_add_check_place (const BfyAdd *self, GError **error);
/* Of a REST service: members of the request that are only there when they were said. */
void bfy_add_put_ways (const BfyAddPlace *self, JsonObject *request);
/* NULL when the service or the default decides. */
JsonObject *bfy_add_build_injection (const BfyAdd *self);
/* A --prefix as it goes into the header: a word is followed by a space. Free with g_free(). */
char *bfy_add_complete_prefix (const char *prefix);
