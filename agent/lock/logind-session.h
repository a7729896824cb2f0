/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What matters of a session of logind. */
typedef struct
{
  guint32 uid;
  gboolean is_graphical; /* of a person before a screen, not a login by ssh */
  gboolean is_locked;
} BfyLogindSession;

/* @properties: (a{sv}), from outside. FALSE when it does not say whose it is. */
gboolean bfy_logind_session_read (GVariant *properties, BfyLogindSession *session);

typedef enum
{
  BFY_LOGIND_SESSION_NOTED,
  BFY_LOGIND_SESSION_ASK, /* it has changed, and how is to be asked */
} BfyLogindSessionNews;

/* @changed: the parameters of PropertiesChanged, from outside. */
BfyLogindSessionNews bfy_logind_session_note (BfyLogindSession *session, GVariant *changed);
