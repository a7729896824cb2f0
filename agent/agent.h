/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"
#include "agent/door/server.h"
#include "agent/keyrings.h"
#include "agent/proxy/postboxes.h"
#include "agent/proxy/sessions.h"
#include "agent/seals.h"
#include "agent/services.h"
#include "agent/store/registry.h"
#include "agent/store/store.h"
#include "agent/unlocker.h"

struct _BfyAll;
struct _BfyChildren;
struct _BfyConfiguration;
struct _BfyDatabases;
struct _BfyEras;
struct _BfyGrants;
struct _BfyGuard;
struct _BfyHints;
struct _BfyLifetimes;
struct _BfyLock;
struct _BfyNetwork;
struct _BfyPauses;
struct _BfyPrompts;
struct _BfyRefresher;
struct _BfyRelays;
struct _BfyScheduler;
struct _BfyStepUp;
struct _BfyTies;
struct _BfyUsage;
struct _BfyUses;

/* What the running agent consists of; the parts get it handed in and borrow from it. main() fills
 * and owns it. */
typedef struct
{
  BfyStore *store;
  BfyRegistry *registry;
  BfyServices *services;
  BfyKeyrings *keyrings;
  BfyCredentials *credentials;
  BfyUnlocker *unlocker;
  BfySeals *seals;
  struct _BfyGuard *guard; /* what must not come out */
  BfyServer *server;
  struct _BfyNetwork *network;     /* the way to the outside */
  struct _BfyChildren *children;   /* local servers of custom bindings */
  struct _BfyDatabases *databases; /* connections to them */
  struct _BfyRelays *relays;       /* (nullable) sockets for programs that speak to them */
  struct _BfyAll *all;             /* the endpoint for all bindings */
  BfySessions *sessions;
  BfyPostboxes *postboxes;
  struct _BfyEras *eras;           /* clients and servers of different eras */
  struct _BfyHints *hints;         /* what servers say of their tools */
  struct _BfyRefresher *refresher; /* OAuth tokens */
  struct _BfyScheduler *scheduler;
  struct _BfyStepUp *step_up;
  struct _BfyGrants *grants;               /* what people have answered */
  struct _BfyPrompts *prompts;             /* what they are asked */
  struct _BfyLock *lock;                   /* (nullable) until it has been read */
  struct _BfyLifetimes *lifetimes;         /* of bindings */
  struct _BfyPauses *pauses;               /* that end by themselves */
  struct _BfyRoom *room;                   /* keeps to the maximum of bindings */
  struct _BfyTies *ties;                   /* keys that end with the program that asked */
  struct _BfyUses *uses;                   /* which of them are in use just now */
  struct _BfyUsage *usage;                 /* of bindings, against the limits of their policies */
  struct _BfyConfiguration *configuration; /* bindify.conf */
  BfyLimits limits;                        /* defaults from the settings */
  const char *client_metadata_url;         /* (nullable) who we are to authorization servers */
  const char *profile;                     /* the policy that new bindings start with */
  gint64 lifetime_s;                       /* how long they last; 0: until they are removed */
  GHashTable *sign_ins; /* (owned) (nullable) agent/oauth/sign-in.c's, by name of binding */
  const char *socket_path;
  const char *state_dir;
  GStrv problems;       /* of settings and records, for `status` */
  gint64 started_at_us; /* monotonic */
} BfyAgent;

/* Unix time. */
gint64 bfy_agent_now_s (void);
gint64 bfy_agent_now_ms (void);

/* What applies to @binding (NULL: to no particular one): its own limits, else those of the
 * settings, else the defaults; where its policy says less, that. */
BfyLimits bfy_agent_limits (const BfyAgent *agent, const BfyBinding *binding);

/* For those who asked the keyrings something: while the agent is locked, nothing that they read to
 * answer may stay in memory. */
void bfy_agent_forget_if_locked (BfyAgent *agent);

/* What is remembered only to be quick leaves the memory; the next use reads it again. */
void bfy_agent_forget_secrets (BfyAgent *agent, const char *why);

/* What events name as the client when the agent acts by itself. */
#define BFY_AGENT_CLIENT "bindify-agent"

/* An event about @binding (nullable), caused by the caller of @request (nullable). */
BfyEvent *bfy_agent_new_event (const char *type, const BfyBinding *binding, BfyRequest *request);
