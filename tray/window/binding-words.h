/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a person reads of a binding in the window, where buttons take the place of the commands that
 * client/binding-text.h names. Pure; all text is one harmless line. Free what is no const with
 * g_free(). */

/* For the symbol and the colour beside the words, which say the same. */
typedef enum
{
  BFY_TONE_GOOD,
  BFY_TONE_QUIET, /* on purpose not usable */
  BFY_TONE_WARNING,
  BFY_TONE_ERROR,
} BfyTone;

BfyTone bfy_binding_words_tone (JsonObject *binding, gint64 now_s);
const char *bfy_binding_words_icon (BfyTone tone);
/* "Ready", "Paused", "Sign in again", "Its token ends in 3 days", … */
char *bfy_binding_words_state (JsonObject *binding, gint64 now_s);
/* "GitHub · me@example.org". @service: (nullable) its name in the catalogue. */
char *bfy_binding_words_what (JsonObject *binding, const char *service);
/* "Last used 3 minutes ago". */
char *bfy_binding_words_used (JsonObject *binding, gint64 now_s);
/* How it gets at the service: "A token", "A sign-in with the browser", … */
const char *bfy_binding_words_credential (JsonObject *binding);
/* What programs may do with it. */
const char *bfy_binding_words_policy (JsonObject *binding);
/* On what conditions it may be used, a sentence each. Free with g_strfreev(). */
GStrv bfy_binding_words_conditions (JsonObject *binding, gint64 now_s);
/* Whether the person can give it a new credential, and whether by signing in. */
gboolean bfy_binding_words_can_login (JsonObject *binding);
/* "12 calls today, 3 of them in this hour"; "" when nothing is known. */
char *bfy_binding_words_usage (JsonObject *usage);
