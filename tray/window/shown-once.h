/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

#include "protocol/secret.h"

/* A secret that is shown this once, as rows of a window. */

/* The member of a reply as a secret; it is overwritten there. NULL when there is none. */
BfySecret *bfy_shown_once_take (JsonObject *reply, const char *member);
/* Masked, with buttons that uncover and copy it; it is forgotten with the row. */
GtkWidget *bfy_shown_once_row_new (const char *title, BfySecret *secret);
/* With a button that copies @before, the secret and @after as one text. */
GtkWidget *bfy_shown_once_text_row_new (const char *title,
                                        const char *subtitle,
                                        const char *before,
                                        const char *after,
                                        BfySecret *secret);
/* With a button that copies @text, which is no secret. */
GtkWidget *bfy_copied_row_new (const char *title, const char *subtitle, const char *text);
