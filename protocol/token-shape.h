/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/token-pattern.h"

/* What credentials look like when nothing else tells that they are ones (behaviour 20.2).
 *
 * A run of key characters is easy to find, but base64 has slashes in it and so have file paths. So
 * a run is cut at its slashes and dots, and pieces that a person would hardly write make it
 * suspicious; then all goes but what is plain at either end. */

/* The length of a vendor's token or of a long hexadecimal number that starts at @text, or 0.
 * @before is the character in front of it. */
gsize bfy_token_shape_span (const char *text, char before);
/* The same, and whose it is: id of a catalogue record, NULL for others. */
gsize bfy_token_shape_find (const char *text, char before, const char **service);
/* Shapes besides the built-in ones, in the whole process: those of the catalogue. (nullable)
 * (element-type BfyTokenPattern), a reference is kept; to be called before there are threads. */
void bfy_token_shape_add (GPtrArray *patterns);

/* The length of the run of key characters, slashes and dots at the start of @text, with padding. */
gsize bfy_token_run_span (const char *text);
/* The length of the part of such a run that looks random, or 0; it starts at @offset. */
gsize bfy_token_run_find (const char *run, gsize run_length, gsize *offset);
