/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/enrol/enrolment.h"

/* The inside of an enrolment, the data of its task, shared by the files that make it up:
 * enrol.c resolves and checks, enrol-sign-in.c gets the credential of a sign-in, keep.c stores. */
typedef struct
{
  BfyAgent *agent;         /* borrowed */
  BfyEnrolment *enrolment; /* (owned) */
  BfyRequest *request;     /* (owned) */
  BfyBinding *binding;     /* (owned) (nullable) */
  BfySealing *sealing;     /* (owned) (nullable) */
  BfyTrialResult *trial;   /* (owned) (nullable) */
  char *account;           /* (owned) (nullable) whose credential it is, as the service says */
  BfyOAuthSource *known;   /* (owned) (nullable) of the credential that a sign-in renews */
  gboolean is_renewal;     /* of a binding that exists */
  gboolean was_checked;
  gboolean was_signed_in;
  gboolean has_tokens;  /* OAuth: then the record is told these */
  gint64 expires_at_s;  /* of the new credential; 0 = never */
  gboolean can_refresh; /* the same */
} BfyEnrol;

/* Whether the name is not taken; a renewal has it already. */
gboolean bfy_enrol_check_free (BfyEnrol *enrol, GError **error);
/* Each of these goes on to the next one, or ends @task (borrowed). */
void bfy_enrol_sign_in (GTask *task);
void bfy_enrol_check (GTask *task);
void bfy_enrol_keep (GTask *task);
/* An event for a sign-in that led to nothing. */
void bfy_enrol_note_failure (BfyEnrol *enrol, const GError *error);
/* A token that a sign-in gave and that was not stored is given back, as far as that goes. */
void bfy_enrol_give_back (const BfyEnrol *enrol);
/* Tells who watches a sign-in. */
void bfy_enrol_tell (const BfyEnrol *enrol, const char *step);
