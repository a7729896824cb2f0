/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/inside.h"

/* What starts first inside of a sandbox, by itself: the C library is all that it needs, and so it
 * is there in a millisecond, where `bindify` has thirty libraries to load a second time. */
int
main (int argc, char **argv)
{
  return bfy_run_is_inside (argc, argv) ? bfy_run_inside (argc, argv) : 1;
}
