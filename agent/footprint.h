/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

/* Gives back the memory that only starting needed: free heap pages, and the pages of program and
 * libraries that the dynamic linker and the initialisers went through. They are clean pages of
 * files and come back from the page cache when they are used again. Called once, when the agent is
 * ready. */
void bfy_footprint_trim (void);

/* Overwrites what calls that have returned left below the top of the stack. */
void bfy_footprint_clear_stack (void);
