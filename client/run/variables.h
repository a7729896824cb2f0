/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What leads programs in a run to its proxy. */
typedef struct
{
  guint16 port;
  const char *pass;      /* (nullable) what is asked for there; NULL: nothing */
  const char *authority; /* path of the certificate that they are to trust */
} BfyRunLead;

/* The name that goes with the password. */
#define BFY_RUN_PROXY_USER "run"

/* Appends "NAME=VALUE" to @list, which is taken. Where a password is asked for the command has the
 * network of the machine, and so needs nobody for plain http. */
GStrv bfy_run_variables_append (GStrv list, const BfyRunLead *lead);
