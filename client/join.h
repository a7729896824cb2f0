/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

/* Lists in a sentence, in the language of the person: @list, which is NULL at first and owned by
 * the caller, gets one more @item. */
void bfy_join_comma (char **list, const char *item);     /* "a, b, c" */
void bfy_join_semicolon (char **list, const char *item); /* "a; b; c" */
void bfy_join_or (char **list, const char *item);        /* "a or b or c" */
