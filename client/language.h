/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The person’s language, for programs that speak with one: called first of all by main(). The
 * translations are looked for beside the program (PREFIX/bin, PREFIX/share/locale), so that a moved
 * installation keeps them, and else where they were meant to be installed. The agent does not call
 * it: its log and its records are for everybody, and what it asks is put into words by who shows
 * it. */
void bfy_language_init (void);
/* Between these two everything is for programs to read: English, whatever the person's language is.
 */
void bfy_language_leave (void);
void bfy_language_return (void);
