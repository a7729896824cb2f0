/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/import/places.h"

/* What was found, for people and for programs; never a secret. */

/* {"found":[…],"unchecked":[…]}. (transfer full) */
JsonObject *bfy_import_report_to_json (const BfyImportScan *scan, gint64 now_s);
/* A table and what could not be read. Free with g_free(). */
char *bfy_import_report_to_text (const BfyImportScan *scan, gint64 now_s, gsize width);
/* One line for each secret that should be replaced by a new one, and why; "" for none. @services:
 * (nullable) the answer of GET /v1/services, which knows where. Free with g_free(). */
char *bfy_import_report_rotation (const BfyImportScan *scan, JsonObject *services);
/* "PATH:LINE". Free with g_free(). */
char *bfy_import_where (const BfyImportFile *file, const BfyFind *find);
/* What a person types for what cannot be moved. Free with g_free(). */
char *bfy_import_next (const BfyImportFile *file, const BfyFind *find);
