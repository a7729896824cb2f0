/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"
#include "protocol/error.h"

/* The inside of the credentials, shared by the two files that make them up: credentials.c reads and
 * remembers, credentials-change.c stores and removes. */

struct _BfyCredentials
{
  GObject parent_instance;

  BfyKeyrings *keyrings; /* (owned) */
  GHashTable *cached;    /* (owned) binding id → BfyCredential */
  GHashTable *envelopes; /* (owned) sealed binding's id → BfySealedCredential */
  GHashTable *loading;   /* (owned) binding id → GPtrArray of GTask: those who wait */
  GHashTable *held;      /* (owned) ids whose keyring item is being changed */
  gboolean is_locked;    /* nothing is read or kept until _unlock */
  BfyErrorCode lock_code;
  const char *lock_text; /* static */
};

/* Into memory, in the place of what is there. Takes over @credential. */
void bfy_credentials_put (BfyCredentials *self, const char *id, BfyCredential *credential);
/* From memory. */
void bfy_credentials_drop (BfyCredentials *self, const char *id);
/* Everybody who waits for the look-up of that id is told so; its result will be ignored. */
void bfy_credentials_give_up_loading (BfyCredentials *self,
                                      const char *id,
                                      BfyErrorCode code,
                                      const char *message);
/* What has been under way when the agent was locked opens the keyring once more. */
void bfy_credentials_forget_if_locked (BfyCredentials *self);
