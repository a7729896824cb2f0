/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/rewrite/place-private.h"

/* YAML is read in two parts: what stands in a line, and the lines that make blocks of it. */

/* Bytes before @at in its line. */
gsize bfy_yaml_column (const BfyReader *reader);
gboolean bfy_yaml_is_line_end (char c);
gboolean bfy_yaml_is_space_or_end (char c);
void bfy_yaml_skip_blanks (BfyReader *reader);
void bfy_yaml_skip_comment (BfyReader *reader);
/* To the first place with something at it. FALSE for indentation that nobody can be sure of. */
gboolean bfy_yaml_skip_lines (BfyReader *reader, GError **error);
gboolean bfy_yaml_end_line (BfyReader *reader, GError **error);
/* “- ” */
gboolean bfy_yaml_is_item (const BfyReader *reader);
/* What has a meaning of its own at the beginning of a value. */
gboolean bfy_yaml_is_special (const BfyReader *reader);
/* How far a plain text reaches in its line, without the blanks at its end. */
gsize bfy_yaml_measure_plain (const BfyReader *reader, gboolean is_flow);
char *bfy_yaml_read_quoted (BfyReader *reader, GError **error);
/* A value that begins in this line, of what stands at the column @parent. */
BfyPlace *bfy_yaml_read_inline (BfyReader *reader, gsize parent, GError **error);
