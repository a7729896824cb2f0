/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* policy: how long one decision takes, with 1, 10 and 100 rules of which the last fits: the most
 * that a document of that length can cost. */

#include "protocol/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DECISIONS 5000
#define RUNS 11
#define N_CAPABILITIES 40
#define TOOL "create_pull_request_review"

/* What the rules are about, with the number of each in the place of “%u”. */
typedef struct
{
  const char *name;
  const char *rule; /* does not fit */
  const char *last; /* fits */
  gboolean is_http;
  gboolean has_facts;
} Case;

static const Case cases[] = {
  { "tool, allowed", "{\"tool\":\"delete_%u_*\",\"effect\":\"allow\"}",
    "{\"tool\":\"create_*\",\"effect\":\"allow\"}", FALSE, FALSE },
  { "tool, denied", "{\"tool\":[\"delete_%u_*\",\"*_remove_%u\"],\"effect\":\"deny\"}",
    "{\"tool\":\"create_*\",\"effect\":\"allow\"}", FALSE, FALSE },
  { "access and 40 capabilities", "{\"capability\":\"capability-%u\",\"effect\":\"deny\"}",
    "{\"access\":\"write\",\"effect\":\"ask\"}", FALSE, TRUE },
  { "arguments in the last", "{\"tool\":\"delete_%u_*\",\"effect\":\"deny\"}",
    "{\"tool\":\"create_*\",\"arguments\":{\"/repo\":\"sandbox-*\",\"/count\":{\"max\":9}},"
    "\"effect\":\"allow\"}",
    FALSE, FALSE },
  { "arguments in every rule",
    "{\"tool\":\"create_*\",\"arguments\":{\"/repo\":\"other-%u-*\"},\"effect\":\"allow\"}",
    "{\"tool\":\"create_*\",\"arguments\":{\"/repo\":\"sandbox-*\",\"/count\":{\"max\":9}},"
    "\"effect\":\"allow\"}",
    FALSE, FALSE },
  { "http, all but a word alike", "{\"http\":\"POST /repos/*/*/thing%u\",\"effect\":\"deny\"}",
    "{\"http\":\"POST /repos/*/*/pulls\",\"effect\":\"allow\"}", TRUE, FALSE },
  { "http", "{\"http\":\"POST /repos/*/*/thing%u/*\",\"effect\":\"deny\"}",
    "{\"http\":\"POST /repos/*/*/pulls\",\"effect\":\"allow\"}", TRUE, FALSE },
};

static const char message_text[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" TOOL
    "\",\"arguments\":{\"owner\":\"acme\",\"repo\":\"sandbox-1\",\"title\":\"Short words for a "
    "change\",\"count\":3}}}";

static void
append_rule (GString *text, const char *rule, guint number)
{
  g_autofree char *digits = g_strdup_printf ("%u", number);
  g_auto (GStrv) parts = g_strsplit (rule, "%u", -1);
  g_autofree char *filled = g_strjoinv (digits, parts);

  g_string_append (text, filled);
}

static BfyPolicy *
policy_new (const Case *row, guint n_rules)
{
  g_autoptr (GString) text = g_string_new ("{\"version\":1,\"default\":\"deny\",\"rules\":[");
  g_autoptr (GError) error = NULL;
  BfyPolicy *policy;

  for (guint i = 1; i < n_rules; i++)
    {
      append_rule (text, row->rule, i);
      g_string_append_c (text, ',');
    }
  append_rule (text, row->last, 0);
  g_string_append (text, "]}");
  policy = bfy_policy_parse (text->str, text->len, &error);
  g_assert_no_error (error);

  return policy;
}

static GPtrArray *
capabilities_new (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);

  for (guint i = 0; i < N_CAPABILITIES; i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{\"id\":\"capability-%u\",\"name\":\"Capability\",\"access\":\"write\","
                           "\"tools\":[\"update_%u\",\"list_%u_*\",\"merge_%u\"]}",
                           i, i, i, i);
      BfyJsonSlice object;

      bfy_json_slice_root (text, strlen (text), &object);
      g_ptr_array_add (all, bfy_capability_read (&object, NULL));
    }

  return all;
}

static int
compare_double (const void *one, const void *other)
{
  double difference = *(const double *) one - *(const double *) other;

  return (difference > 0) - (difference < 0);
}

/* Of this thread, so that others on the machine count less. */
static double
cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static double
run_once (const BfyPolicy *policy, const Case *row, const BfyRpcMessage *message, GPtrArray *all)
{
  BfyPolicyFacts facts = { .capabilities = row->has_facts ? all : NULL };
  BfyHttpMessage request = { "POST", "/repos/acme/sandbox-1/pulls?draft=1", "application/json",
                             "{}", 2 };
  double start_ns = cpu_ns ();

  for (guint i = 0; i < DECISIONS; i++)
    {
      BfyPolicyVerdict verdict = row->is_http ? bfy_policy_check_http (policy, &request, &facts)
                                              : bfy_policy_check (policy, message, &facts);

      g_assert_cmpint (verdict.reason, ==, BFY_POLICY_BY_RULE);
    }

  return (cpu_ns () - start_ns) / DECISIONS;
}

int
main (void)
{
  static const guint numbers[] = { 1, 10, 100 };
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (message_text, strlen (message_text), NULL);
  g_autoptr (GPtrArray) all = capabilities_new ();

  printf ("%-28s %10s %10s %10s   ns per decision: median of %d runs\n", "rules", "1", "10", "100",
          RUNS);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      printf ("%-28s", cases[i].name);
      for (guint n = 0; n < G_N_ELEMENTS (numbers); n++)
        {
          g_autoptr (BfyPolicy) policy = policy_new (&cases[i], numbers[n]);
          double times[RUNS];

          for (guint run = 0; run < RUNS; run++)
            times[run] = run_once (policy, &cases[i], bfy_rpc_message (rpc, 0), all);
          qsort (times, RUNS, sizeof times[0], compare_double);
          printf (" %10.0f", times[RUNS / 2]);
        }
      printf ("\n");
    }

  return 0;
}
