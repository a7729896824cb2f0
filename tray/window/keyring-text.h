/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What the page of the keyrings says. Pure. */

/* “Keyring of the desktop”; the name itself for one that is not known. */
const char *bfy_keyring_text_name (const char *name);
/* One of GET /v1/keyrings: state, what rests there. Free with g_free(). */
char *bfy_keyring_text_details (JsonObject *keyring);
/* Of GET /v1/lock. */
const char *bfy_keyring_text_lock (JsonObject *lock);
