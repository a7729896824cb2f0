/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/enrol/enrolment.h"

/* The inside of an enrolment, the data of its task, shared by the two files that make it up:
 * enrol.c resolves and checks, keep.c stores. */
typedef struct
{
  BfyAgent *agent;         /* borrowed */
  BfyEnrolment *enrolment; /* (owned) */
  BfyRequest *request;     /* (owned) */
  BfyBinding *binding;     /* (owned) (nullable) */
  BfySealing *sealing;     /* (owned) (nullable) */
  BfyTrialResult *trial;   /* (owned) (nullable) */
  gboolean is_renewal;     /* of a binding that exists */
  gboolean was_checked;
} BfyEnrol;

/* Whether the name is not taken; a renewal has it already. */
gboolean bfy_enrol_check_free (BfyEnrol *enrol, GError **error);
/* Ends @task (borrowed). */
void bfy_enrol_keep (GTask *task);
