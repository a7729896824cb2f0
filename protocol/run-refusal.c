/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/run-refusal.h"

#define EACH_MAX 8 /* that have a record each; behind it those whose number is a power of two */

static const char *const names[] = {
  [BFY_RUN_REFUSED_BINDING] = "binding",         [BFY_RUN_REFUSED_KEY] = "key",
  [BFY_RUN_REFUSED_CONTROL] = "control",         [BFY_RUN_REFUSED_PATH] = "path",
  [BFY_RUN_REFUSED_ORIGIN] = "origin",           [BFY_RUN_REFUSED_HOST] = "host",
  [BFY_RUN_REFUSED_ADDRESS] = "address",         [BFY_RUN_REFUSED_PLAIN] = "plain",
  [BFY_RUN_REFUSED_PLACEHOLDER] = "placeholder", [BFY_RUN_REFUSED_PROCESS] = "process",
  [BFY_RUN_REFUSED_KERNEL_KEY] = "kernel_key",   [BFY_RUN_REFUSED_MOUNT] = "mount",
  [BFY_RUN_REFUSED_NAMESPACE] = "namespace",     [BFY_RUN_REFUSED_KERNEL] = "kernel",
  [BFY_RUN_REFUSED_TERMINAL] = "terminal",       [BFY_RUN_N_REFUSALS] = NULL,
};

const char *
bfy_run_refusal_to_wire (BfyRunRefusal refusal)
{
  return names[refusal];
}

const char *const *
bfy_run_refusal_names (void)
{
  return names;
}

gboolean
bfy_run_refusal_is_news (guint64 n)
{
  return n <= EACH_MAX || (n & (n - 1)) == 0;
}

char *
bfy_run_refusal_format_end (int status, guint64 n_requests, const guint64 *n_refused)
{
  GString *text = g_string_new (NULL);
  const char *separator = ", refused: ";

  if (status >= 0)
    g_string_append_printf (text, "status %d, ", status);
  g_string_append_printf (text, "%" G_GUINT64_FORMAT " requests", n_requests);
  for (guint i = 0; i < BFY_RUN_N_REFUSALS; i++)
    {
      if (n_refused[i] == 0)
        continue;
      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s", separator, n_refused[i],
                              names[i]);
      separator = ", ";
    }

  return g_string_free (text, FALSE);
}
