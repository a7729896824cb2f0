/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Tells by its look whose a token is, so that a person need not say it twice, and so that a token
 * that was pasted into the wrong place does not go to a stranger. Pure. */

/* Those of @services, as the agent describes them, whose tokens look like @token as a whole; when
 * one is described more closely than the others ("sk-ant-" and "sk-"), only that one. @token:
 * @length bytes, and a zero behind them. (transfer container) (element-type JsonObject) borrowed
 * from @services. */
GPtrArray *bfy_token_owners (JsonArray *services, const char *token, gsize length);

/* The one of @services like whose tokens @token looks when it can hardly be meant for the service
 * called
 * @id (NULL = for a server at @host that is none of the catalogue’s), else NULL. Borrowed. A prefix
 * that many vendors have accuses nobody. */
JsonObject *bfy_token_stranger (
    JsonArray *services, const char *id, const char *host, const char *token, gsize length);
