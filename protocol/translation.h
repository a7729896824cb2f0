/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* No other language is in force: there is none for the person, none that they want, or this is the
 * agent, which speaks English. */
gboolean bfy_translation_is_english (void);

/* What the person's language has for TEXT, which comes from the agent or from a record of a
 * service: words that the sources mark with N_(), or data/service-words.c lists. Else TEXT. Not
 * for what is shown as it is, such as names. */
const char *bfy_translation_find (const char *text);
