/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* grants: what it costs a request that a person has agreed to not to be asked for again: finding
 * the grant among 1, 100 and 10,000, finding that there is none, and everything beside the policy:
 * what the request wants with the digest of its arguments, the grant, and the note of the request
 * in case it is taken back. */

#include "agent/grant/grants.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_CALLS 20000
#define N_RUNS 11
#define N_HELD 200 /* at once */

static const char message_text[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"create_issue\","
    "\"arguments\":{\"owner\":\"acme\",\"repo\":\"sandbox-1\",\"title\":\"Short words for a "
    "change\",\"count\":3}}}";

static const BfyRequestSink no_sink = { NULL, NULL, NULL };

typedef struct
{
  BfyGrants *grants;
  BfyCaller *caller;
  BfyRpc *rpc;
  BfyPolicy *policy;
  BfyWish *wish;    /* covered */
  BfyWish *foreign; /* not covered */
} Setup;

static void
need (gconstpointer thing, const GError *error)
{
  if (thing != NULL)
    return;
  fprintf (stderr, "%s\n", error != NULL ? error->message : "refused");
  exit (1);
}

/* Of this thread, so that others on the machine count less. */
static double
cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static BfyWish *
make_wish (const Setup *setup)
{
  const BfyRpcMessage *message = bfy_rpc_message (setup->rpc, 0);
  BfyPolicyVerdict verdict = bfy_policy_check (setup->policy, message, NULL);

  return bfy_wish_new ("id-of-svc", "svc", message, &verdict,
                       bfy_policy_rule_digest (setup->policy, verdict.rule),
                       bfy_policy_grant_reach (setup->policy, &verdict));
}

static void
judge (const Setup *setup)
{
  BfyPolicyVerdict verdict =
      bfy_policy_check (setup->policy, bfy_rpc_message (setup->rpc, 0), NULL);

  if (verdict.effect != BFY_POLICY_ASK)
    exit (1);
}

static void
hit (const Setup *setup)
{
  if (bfy_grants_use (setup->grants, setup->caller, setup->wish, NULL) != BFY_GRANTS_ALLOW)
    exit (1);
}

static void
miss (const Setup *setup)
{
  if (bfy_grants_use (setup->grants, setup->caller, setup->foreign, NULL) != BFY_GRANTS_NOTHING)
    exit (1);
}

/* All that follows when the policy asks. */
static void
admit (const Setup *setup)
{
  g_autoptr (BfyWish) wish = make_wish (setup);
  g_autoptr (BfyGrant) grant = NULL;

  if (bfy_grants_use (setup->grants, setup->caller, wish, &grant) != BFY_GRANTS_ALLOW)
    exit (1);
}

static int
compare_double (const void *one, const void *other)
{
  double difference = *(const double *) one - *(const double *) other;

  return (difference > 0) - (difference < 0);
}

static double
measure (const Setup *setup, void (*call) (const Setup *setup))
{
  double times[N_RUNS];

  for (guint run = 0; run < N_RUNS; run++)
    {
      double start_ns = cpu_ns ();

      for (guint i = 0; i < N_CALLS; i++)
        call (setup);
      times[run] = (cpu_ns () - start_ns) / N_CALLS;
    }
  qsort (times, N_RUNS, sizeof times[0], compare_double);

  return times[N_RUNS / 2];
}

/* The note of a request that is under way, and its end. */
static double
measure_holding (const Setup *setup)
{
  const BfyInnerSetup inner = { "POST", "svc", NULL };
  g_autoptr (BfyGrant) grant = NULL;
  double sum_ns = 0;

  (void) bfy_grants_use (setup->grants, setup->caller, setup->wish, &grant);
  for (guint run = 0; run < N_CALLS / N_HELD; run++)
    {
      g_autoptr (BfyRequest) request = bfy_request_new_inner (NULL, &inner, &no_sink, NULL);
      double start_ns = cpu_ns ();

      for (guint i = 0; i < N_HELD; i++)
        bfy_grants_hold_request (setup->grants, grant, request, "1");
      bfy_request_abandon (request);
      sum_ns += cpu_ns () - start_ns;
    }

  return sum_ns / N_CALLS;
}

/* Grants for other tools, half of them bound to arguments. */
static void
fill (const Setup *setup, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = bfy_grants_get_n (setup->grants); i < n; i++)
    {
      BfyWish wish = *setup->wish;
      g_autofree char *tool = g_strdup_printf ("tool_%u", i);

      wish.name = tool;
      wish.reach = i % 2 == 0 ? BFY_WISH_ANY_ARGUMENTS : BFY_WISH_SAME_ARGUMENTS;
      need (
          bfy_grants_add (setup->grants, setup->caller, &wish, BFY_GRANT_UNTIL_LOCK, FALSE, &error),
          error);
    }
}

static void
print_line (const Setup *setup, guint n)
{
  double judged, admitted;

  fill (setup, n);
  judged = measure (setup, judge);
  admitted = measure (setup, admit);
  printf ("%8u %10.0f %10.0f %10.0f %14.0f %14.0f\n", n, measure (setup, hit),
          measure (setup, miss), judged, admitted - judged, measure_holding (setup));
}

static void
run_in (const char *directory)
{
  static const char policy_text[] = "{\"version\":1,\"default\":\"ask\",\"rules\":[]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyStore) store = bfy_store_open (directory, &error);
  g_autoptr (BfyCaller) caller = bfy_caller_new ();
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (message_text, strlen (message_text), NULL);
  g_autoptr (BfyPolicy) policy = bfy_policy_parse (policy_text, strlen (policy_text), NULL);
  g_autoptr (BfyGrants) grants = NULL;
  g_autoptr (BfyWish) wish = NULL;
  Setup setup = { .caller = caller, .rpc = rpc, .policy = policy };
  BfyWish foreign;

  need (store, error);
  grants = bfy_grants_new (store, &error);
  need (grants, error);
  setup.grants = grants;
  caller->client_id = g_strdup ("5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0001");
  setup.wish = wish = make_wish (&setup);
  foreign = *wish;
  foreign.name = (char *) "delete_issue";
  setup.foreign = &foreign;
  need (bfy_grants_add (grants, caller, wish, BFY_GRANT_UNTIL_LOCK, FALSE, &error), error);

  printf ("%8s %10s %10s %10s %14s %14s   ns: median of %d runs\n", "grants", "found", "none",
          "policy", "beside it", "note of it", N_RUNS);
  print_line (&setup, 1);
  print_line (&setup, 100);
  print_line (&setup, 10000);
  bfy_grants_stop (grants);
}

int
main (void)
{
  g_autofree char *directory = g_dir_make_tmp ("bindify-bench-XXXXXX", NULL);
  g_autofree char *database = g_build_filename (directory, "bindify.db", NULL);
  g_autofree char *lock = g_build_filename (directory, "bindify.lock", NULL);

  run_in (directory);
  (void) g_unlink (database);
  (void) g_unlink (lock);
  (void) g_rmdir (directory);

  return 0;
}
