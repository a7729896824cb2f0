/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a command in `bindify run` was refused, at the agent or at the door of the run. It is a
 * closed list, as the category of the event run_refused: what a command says about itself does not
 * get into a record by this way. */
typedef enum
{
  BFY_RUN_REFUSED_BINDING,     /* a binding that is not one of the run's, or none */
  BFY_RUN_REFUSED_KEY,         /* a key that is none */
  BFY_RUN_REFUSED_CONTROL,     /* the control API */
  BFY_RUN_REFUSED_PATH,        /* a path where nothing is */
  BFY_RUN_REFUSED_ORIGIN,      /* in the name of a web page or of another host */
  BFY_RUN_REFUSED_HOST,        /* by the proxy: another host or port than those of its bindings */
  BFY_RUN_REFUSED_ADDRESS,     /* by the proxy: a path, or a host inside of the connection */
  BFY_RUN_REFUSED_PLAIN,       /* by the proxy: without TLS */
  BFY_RUN_REFUSED_PLACEHOLDER, /* by the proxy: of one binding, for the host of another one */
  BFY_RUN_REFUSED_PROCESS,     /* of the kernel: to look into another process */
  BFY_RUN_REFUSED_KERNEL_KEY,  /* of the kernel: the keys of the session */
  BFY_RUN_REFUSED_MOUNT,       /* of the kernel: another file system */
  BFY_RUN_REFUSED_NAMESPACE,   /* of the kernel: another namespace */
  BFY_RUN_REFUSED_KERNEL,      /* of the kernel: its insides */
  BFY_RUN_REFUSED_TERMINAL,    /* of the kernel: to type into a terminal */
} BfyRunRefusal;

#define BFY_RUN_N_REFUSALS (BFY_RUN_REFUSED_TERMINAL + 1)

const char *bfy_run_refusal_to_wire (BfyRunRefusal refusal);
/* All of them, in the order of the enum; ended by NULL. */
const char *const *bfy_run_refusal_names (void);
/* Whether the @n-th of its kind in one run has a record of its own: the first ones, then fewer and
 * fewer, so that no command can push out of the log what led to it. */
gboolean bfy_run_refusal_is_news (guint64 n);
/* "status 1, 12 requests, refused: 1 binding, 3 control"; @status is left out where it is negative.
 * Free with g_free(). */
char *bfy_run_refusal_format_end (int status, guint64 n_requests, const guint64 *n_refused);
