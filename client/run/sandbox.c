/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/sandbox.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/run/door.h"
#include "client/run/filter.h"
#include "client/run/inside.h"
#include "protocol/error.h"
#include "run-modules.h"

/* What bubblewrap gets; the line is the lowest, so that all above it can be closed. */
enum
{
  FD_LINE = 3,
  FD_WORDS,
  FD_FILTER,
  FD_PYTHON,
  FD_JAVASCRIPT,
  FD_AUTHORITY,
  FD_AUTHORITY_AGAIN,
  FD_WATCH,
};

struct _BfyRunSandbox
{
  GSubprocess *process;  /* (owned) bubblewrap */
  BfyRunDoor *door;      /* (owned) (nullable) */
  BfyRunProxy *proxy;    /* (nullable) borrowed */
  BfyRunReport *report;  /* (nullable) borrowed */
  GCancellable *waiting; /* (owned) */
  int line;              /* (owned) */
  guint line_id;
  guint16 port;
  int status; /* of the command; -1 until it is known */
  BfyRunEndFunc func;
  gpointer user_data;
};

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "%s: %s", what, g_strerror (errno));

  return FALSE;
}

/* -1 with errno. */
static int
put_into_memory (gconstpointer bytes, gsize length)
{
  int fd = memfd_create ("bindify-run", MFD_CLOEXEC);

  if (fd < 0)
    return -1;
  if (write (fd, bytes, length) == (gssize) length && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  close (fd);

  return -1;
}

static gboolean
hand_over (GSubprocessLauncher *launcher, gconstpointer bytes, gsize length, int target)
{
  int fd = put_into_memory (bytes, length);

  if (fd >= 0)
    g_subprocess_launcher_take_fd (launcher, fd, target);

  return fd >= 0;
}

/* The plan has the key in it, and so is in nobody's argument list. */
static gboolean
hand_over_words (GSubprocessLauncher *launcher, GPtrArray *words)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < words->len; i++)
    g_byte_array_append (bytes, words->pdata[i], (guint) strlen (words->pdata[i]) + 1);

  return hand_over (launcher, bytes->data, bytes->len, FD_WORDS);
}

/* Takes @filter. */
static gboolean
hand_over_filter (GSubprocessLauncher *launcher, GBytes *filter, int target)
{
  g_autoptr (GBytes) taken = filter;
  gsize length = 0;
  gconstpointer lines = taken != NULL ? g_bytes_get_data (taken, &length) : NULL;

  return taken == NULL || hand_over (launcher, lines, length, target);
}

/* bubblewrap's, and that of the command alone. */
static gboolean
hand_over_filters (GSubprocessLauncher *launcher)
{
  return hand_over_filter (launcher, bfy_run_filter_build (), FD_FILTER) &&
         hand_over_filter (launcher, bfy_run_filter_build_watch (), FD_WATCH);
}

static gboolean
hand_over_module (GSubprocessLauncher *launcher, const char *name, int target)
{
  g_autofree char *path = g_strconcat ("/bindify/clients/", name, NULL);
  g_autoptr (GBytes) module = g_resource_lookup_data (run_modules_get_resource (), path,
                                                      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize length = 0;
  gconstpointer text = module != NULL ? g_bytes_get_data (module, &length) : NULL;

  return text != NULL && hand_over (launcher, text, length, target);
}

static gboolean
hand_over_authority (GSubprocessLauncher *launcher, BfyRunProxy *proxy)
{
  const char *text = proxy != NULL ? bfy_run_proxy_get_authority (proxy) : NULL;

  return text == NULL || (hand_over (launcher, text, strlen (text), FD_AUTHORITY) &&
                          hand_over (launcher, text, strlen (text), FD_AUTHORITY_AGAIN));
}

/* In the child, before it becomes bubblewrap: signals of the terminal are ours to pass on, and it
 * ends with us. */
static void
prepare_child (gpointer user_data)
{
  sigset_t none;

  (void) setpgid (0, 0);
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

static BfyRunParts
describe_parts (const BfyRunWish *wish, const BfyRunMachine *machine, const BfyRunAccess *access)
{
  /* In the network of the machine the proxy listens already. */
  gboolean brings_proxy = access->proxy != NULL && wish->net != BFY_RUN_NET_HOST;

  return (BfyRunParts){
    .line = FD_LINE,
    .filter = machine->architecture != NULL ? FD_FILTER : -1,
    .watch = machine->architecture != NULL ? FD_WATCH : -1,
    .python = FD_PYTHON,
    .javascript = FD_JAVASCRIPT,
    .authority = access->proxy != NULL ? FD_AUTHORITY : -1,
    .authority_again = access->proxy != NULL ? FD_AUTHORITY_AGAIN : -1,
    .port = access->port,
    .proxy = brings_proxy ? bfy_run_proxy_get_port (access->proxy) : 0,
    .bus = access->bus,
    .key = access->key,
    .variables = access->variables,
  };
}

static GStrv
build_command (const BfyRunWish *wish, const BfyRunMachine *machine, const BfyRunParts *parts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) command = bfy_run_plan_command (wish, machine, parts);

  g_strv_builder_add_many (builder, machine->bwrap, "--args", G_STRINGIFY (4), "--", NULL);
  g_strv_builder_addv (builder, (const char **) command);

  return g_strv_builder_end (builder);
}

static GSubprocess *
spawn (const BfyRunWish *wish,
       const BfyRunMachine *machine,
       const BfyRunAccess *access,
       int far_end,
       GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  const BfyRunParts parts = describe_parts (wish, machine, access);
  g_autoptr (GPtrArray) words = bfy_run_plan (wish, machine, &parts);
  g_auto (GStrv) command = build_command (wish, machine, &parts);
  static char *nothing[] = { NULL };

  G_STATIC_ASSERT (FD_WORDS == 4);
  g_subprocess_launcher_take_fd (launcher, far_end, FD_LINE);
  g_subprocess_launcher_set_environ (launcher, nothing);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  if (!hand_over_words (launcher, words) || !hand_over_filters (launcher) ||
      !hand_over_module (launcher, "bindify.py", FD_PYTHON) ||
      !hand_over_module (launcher, "bindify.mjs", FD_JAVASCRIPT) ||
      !hand_over_authority (launcher, access->proxy))
    {
      fail (error, "memfd");
      return NULL;
    }

  return g_subprocess_launcher_spawnv (launcher, (const char *const *) command, error);
}

static void
open_proxy (BfyRunSandbox *self, int listener)
{
  g_autoptr (GError) error = NULL;
  gboolean is_open = bfy_run_proxy_listen (self->proxy, listener, &error);

  self->proxy = NULL;
  if (!is_open)
    g_warning ("The proxy of this run stays closed: %s", error->message);
}

static void
open_door (BfyRunSandbox *self, int listener)
{
  g_autoptr (GError) error = NULL;

  self->door = bfy_run_door_new (listener, self->port, &error);
  if (self->door == NULL)
    g_warning ("The door of this run stays closed: %s", error->message);
}

/* One message, and the descriptor that came with it (-1). FALSE at the end. */
static gboolean
receive (int line, BfyRunMessage *message, int *door)
{
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct iovec part = { message, sizeof *message };
  struct msghdr head = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  gssize n = recvmsg (line, &head, MSG_CMSG_CLOEXEC);
  struct cmsghdr *first = n > 0 ? CMSG_FIRSTHDR (&head) : NULL;

  *door = -1;
  if (first != NULL && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS &&
      first->cmsg_len == CMSG_LEN (sizeof *door))
    memcpy (door, CMSG_DATA (first), sizeof *door);

  return n == (gssize) sizeof *message;
}

static gboolean
on_message (int fd, GIOCondition condition, gpointer user_data)
{
  BfyRunSandbox *self = user_data;
  BfyRunMessage message;
  int door;

  if (!receive (fd, &message, &door))
    {
      self->line_id = 0;
      return G_SOURCE_REMOVE;
    }

  if (message.letter == BFY_RUN_ENDED)
    self->status = message.number & 0xff;
  if (message.letter == BFY_RUN_CALL_REFUSED && message.number >= 0 &&
      message.number < BFY_RUN_N_REFUSALS)
    bfy_run_report_add (self->report, (BfyRunRefusal) message.number);
  if (door < 0)
    return G_SOURCE_CONTINUE;
  if (message.letter == BFY_RUN_PROXY && self->proxy != NULL)
    open_proxy (self, door);
  else if (message.letter == BFY_RUN_READY && self->door == NULL && self->port != 0)
    open_door (self, door);
  else
    close (door);

  return G_SOURCE_CONTINUE;
}

/* What was said last may not have been heard yet. */
static void
hear_the_rest (BfyRunSandbox *self)
{
  while (self->line_id != 0 && g_unix_set_fd_nonblocking (self->line, TRUE, NULL) &&
         on_message (self->line, G_IO_IN, self))
    continue;
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRunSandbox *self = user_data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autoptr (GError) error = NULL;
  gboolean was_killed;

  if (!g_subprocess_wait_finish (process, result, &error) &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  hear_the_rest (self);
  g_clear_pointer (&self->door, bfy_run_door_free);
  was_killed = g_subprocess_get_if_signaled (process);
  if (self->status < 0 && was_killed)
    self->status = 128 + g_subprocess_get_term_sig (process);
  self->func (self->status, self->user_data);
}

BfyRunSandbox *
bfy_run_sandbox_start (const BfyRunWish *wish,
                       const BfyRunMachine *machine,
                       const BfyRunAccess *access,
                       BfyRunEndFunc func,
                       gpointer user_data,
                       GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  BfyRunSandbox *self;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    {
      fail (error, "socketpair");
      return NULL;
    }
  process = spawn (wish, machine, access, ends[1], error);
  if (process == NULL)
    {
      close (ends[0]);
      return NULL;
    }

  self = g_new0 (BfyRunSandbox, 1);
  self->process = g_steal_pointer (&process);
  self->waiting = g_cancellable_new ();
  self->line = ends[0];
  self->port = wish->net != BFY_RUN_NET_HOST ? access->port : 0;
  self->proxy = access->proxy;
  self->report = access->report;
  self->status = -1;
  self->func = func;
  self->user_data = user_data;
  self->line_id = g_unix_fd_add (self->line, G_IO_IN | G_IO_HUP, on_message, self);
  g_subprocess_wait_async (self->process, self->waiting, on_ended, self);

  return self;
}

void
bfy_run_sandbox_signal (BfyRunSandbox *self, int number)
{
  const BfyRunMessage message = { BFY_RUN_SIGNAL, number };

  if (send (self->line, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    g_debug ("Signal %d was not passed on: %s", number, g_strerror (errno));
}

void
bfy_run_sandbox_kill (BfyRunSandbox *self)
{
  g_subprocess_force_exit (self->process);
}

void
bfy_run_sandbox_free (BfyRunSandbox *self)
{
  if (self == NULL)
    return;

  bfy_run_sandbox_kill (self);
  g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);
  g_clear_handle_id (&self->line_id, g_source_remove);
  g_clear_pointer (&self->door, bfy_run_door_free);
  close (self->line);
  g_clear_object (&self->process);
  g_free (self);
}
