/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* A policy in words, line by line, for `bindify policy explain`.
 *
 *   1  deny   whatever cannot be taken back  “Nothing goes for good”
 *   2  allow  tools create_issue with /repo like sandbox-*
 *      ask    everything else
 *
 * @policy: a document that passed bfy_policy_parse(). @capabilities: (nullable) an array of objects
 * with id and name. Free with g_free(). */
char *bfy_policy_words_format (JsonObject *policy, JsonArray *capabilities);
/* Of a verdict of POST …/policy/test, how much may be used and how much of it is left: "57 of 60
 * requests this minute left; to each client 20 requests a minute". NULL without limits. */
char *bfy_policy_words_left (JsonObject *verdict);
