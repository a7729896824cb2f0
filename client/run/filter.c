/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "client/run/calls.h"

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define ARCHITECTURE_NAME "x86_64"
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define ARCHITECTURE_NAME "aarch64"
#endif

/* Calls with this bit are for another view of the same processor (x32). */
#define FOREIGN_BIT 0x40000000U

#ifdef ARCHITECTURE

static const guint32 families[] = { AF_UNIX, AF_INET, AF_INET6 };

static void
add (GArray *program, guint16 code, guint32 value, guint8 if_true, guint8 if_false)
{
  const struct sock_filter line = { code, if_true, if_false, value };

  g_array_append_val (program, line);
}

static void
load (GArray *program, gsize offset)
{
  add (program, BPF_LD | BPF_W | BPF_ABS, (guint32) offset, 0, 0);
}

static void
load_number (GArray *program)
{
  load (program, offsetof (struct seccomp_data, nr));
}

/* The kernel itself takes commands and families for 32 bits wide, and flags that are unknown to it
 * are an error; so the lower half is all that counts. Both processors are little-endian. */
static void
load_argument (GArray *program, guint index)
{
  load (program, offsetof (struct seccomp_data, args) + index * sizeof (guint64));
}

static void
end (GArray *program, guint32 verdict)
{
  add (program, BPF_RET | BPF_K, verdict, 0, 0);
}

static guint32
get_verdict (const BfyRunCall *call)
{
  return call->refusal != BFY_RUN_N_REFUSALS ? SECCOMP_RET_USER_NOTIF
                                             : SECCOMP_RET_ERRNO | (guint32) call->error;
}

/* The number is loaded before and after. */
static void
add_call (GArray *program, const BfyRunCall *call)
{
  guint16 test = call->test == BFY_RUN_CALL_BITS ? BPF_JSET : BPF_JEQ;
  gboolean is_always = call->test == BFY_RUN_CALL_ALWAYS;

  add (program, BPF_JMP | BPF_JEQ | BPF_K, (guint32) call->number, 0, is_always ? 1 : 4);
  if (is_always)
    {
      end (program, get_verdict (call));
      return;
    }
  load_argument (program, call->argument);
  add (program, BPF_JMP | test | BPF_K, call->value, 0, 1);
  end (program, get_verdict (call));
  load_number (program);
}

static void
add_families (GArray *program)
{
  const guint8 n = G_N_ELEMENTS (families);

  add (program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, n + 3);
  load_argument (program, 0);
  for (guint8 i = 0; i < n; i++)
    add (program, BPF_JMP | BPF_JEQ | BPF_K, families[i], n - i, 0);
  end (program, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
  end (program, SECCOMP_RET_ALLOW);
}

const char *
bfy_run_filter_architecture (void)
{
  return ARCHITECTURE_NAME;
}

static GArray *
begin_program (void)
{
  GArray *program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));

  load (program, offsetof (struct seccomp_data, arch));
  add (program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  end (program, SECCOMP_RET_KILL_PROCESS);
  load_number (program);
  add (program, BPF_JMP | BPF_JGE | BPF_K, FOREIGN_BIT, 0, 1);
  end (program, SECCOMP_RET_KILL_PROCESS);

  return program;
}

static void
add_calls (GArray *program, gboolean is_told)
{
  gsize n;
  const BfyRunCall *calls = bfy_run_calls (&n);

  for (gsize i = 0; i < n; i++)
    {
      if ((calls[i].refusal != BFY_RUN_N_REFUSALS) == is_told)
        add_call (program, &calls[i]);
    }
}

static GBytes *
end_program (GArray *program)
{
  gsize length = program->len * sizeof (struct sock_filter);

  end (program, SECCOMP_RET_ALLOW);
  length += sizeof (struct sock_filter);

  return g_bytes_new_take (g_array_free (program, FALSE), length);
}

GBytes *
bfy_run_filter_build (void)
{
  GArray *program = begin_program ();

  add_calls (program, FALSE);
  add_families (program);

  return end_program (program);
}

GBytes *
bfy_run_filter_build_watch (void)
{
  GArray *program = begin_program ();

  add_calls (program, TRUE);

  return end_program (program);
}

#else

const char *
bfy_run_filter_architecture (void)
{
  return NULL;
}

GBytes *
bfy_run_filter_build (void)
{
  return NULL;
}

GBytes *
bfy_run_filter_build_watch (void)
{
  return NULL;
}

#endif
