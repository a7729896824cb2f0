/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/askpass.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/child/launch.h"
#include "agent/child/process.h"
#include "agent/prompt/askpass-answer.h"
#include "protocol/name.h"

#define ANSWERED_BY "the askpass program"
/* Between asking the program to end and ending it: its launcher does the same, and has to be there
 * to wait for it. */
#define KILL_MS (BFY_LAUNCH_TERM_MS + 1000)
#define COMPLAINT_BYTES_MAX 512
#define SHOWN_MAX 120

/* What a program needs to open a window, beside XDG_…; nothing else of the agent's environment. */
static const char *const passed[] = {
  "DISPLAY",     "WAYLAND_DISPLAY",          "XAUTHORITY",         "LC_ALL",
  "LC_MESSAGES", "DBUS_SESSION_BUS_ADDRESS", "SSH_ASKPASS_PROMPT", NULL,
};

struct _BfyAskpass
{
  BfyPrompts *prompts;   /* borrowed */
  BfyPrompter *prompter; /* borrowed from the prompts */
  char *program;         /* (owned) */
  GStrv environment;     /* (owned) */
  GStrv pass;            /* (owned) names of what the program gets of it */
  char *home;            /* (owned) */
  char *own_unit;        /* (owned) (nullable) */
  char *launcher;        /* (owned) */
  GQueue waiting;        /* (element-type BfyPrompt) (owned) */

  /* Of the program that runs. */
  BfyPrompt *asked;    /* (owned) (nullable) NULL: it is to end, its question is closed */
  BfyProcess *process; /* (owned) (nullable) */
  int pipes[3];
  GString *output;    /* (owned) */
  GString *complaint; /* (owned) what it says on its standard error */
  guint output_id;
  guint complaint_id;
  guint kill_id;
  guint next_id;
};

static void look_for_next (BfyAskpass *self);

static void
close_pipe (BfyAskpass *self, guint i)
{
  if (self->pipes[i] >= 0)
    close (self->pipes[i]);
  self->pipes[i] = -1;
}

static void
forget_process (BfyAskpass *self)
{
  g_clear_handle_id (&self->output_id, g_source_remove);
  g_clear_handle_id (&self->complaint_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  for (guint i = 0; i < 3; i++)
    close_pipe (self, i);
  g_clear_pointer (&self->process, bfy_process_free);
  g_string_truncate (self->output, 0);
  g_string_truncate (self->complaint, 0);
}

static gboolean
on_kill (gpointer user_data)
{
  BfyAskpass *self = user_data;

  self->kill_id = 0;
  bfy_process_kill (self->process);

  return G_SOURCE_REMOVE;
}

static void
end_process (BfyAskpass *self)
{
  if (self->process == NULL || self->kill_id != 0)
    return;
  bfy_process_end (self->process);
  self->kill_id = g_timeout_add (KILL_MS, on_kill, self);
}

/* What can be read now, as far as @n_max; the rest is thrown away. As read(). */
static gssize
read_some (int fd, GString *text, gsize n_max)
{
  char bytes[1024];
  gssize n = read (fd, bytes, sizeof bytes);

  if (n > 0)
    g_string_append_len (text, bytes, (gssize) MIN ((gsize) n, n_max - MIN (n_max, text->len)));

  return n < 0 && errno != EAGAIN && errno != EINTR ? 0 : n;
}

/* One byte more than is taken shows that there was more. */
static gboolean
on_output (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyAskpass *self = user_data;

  if (read_some (fd, self->output, BFY_ASKPASS_OUTPUT_BYTES_MAX + 1) != 0)
    {
      if (self->output->len > BFY_ASKPASS_OUTPUT_BYTES_MAX)
        end_process (self);
      return G_SOURCE_CONTINUE;
    }
  self->output_id = 0;

  return G_SOURCE_REMOVE;
}

static gboolean
on_complaint (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyAskpass *self = user_data;

  if (read_some (fd, self->complaint, COMPLAINT_BYTES_MAX) != 0)
    return G_SOURCE_CONTINUE;
  self->complaint_id = 0;

  return G_SOURCE_REMOVE;
}

/* What was written before the end, and is still in the pipes. */
static void
read_the_rest (BfyAskpass *self)
{
  while (self->output->len <= BFY_ASKPASS_OUTPUT_BYTES_MAX &&
         read_some (self->pipes[1], self->output, BFY_ASKPASS_OUTPUT_BYTES_MAX + 1) > 0)
    continue;
  while (self->complaint->len < COMPLAINT_BYTES_MAX &&
         read_some (self->pipes[2], self->complaint, COMPLAINT_BYTES_MAX) > 0)
    continue;
}

/* A question that was not answered is put away: refused, and nothing is remembered. */
static void
answer (BfyAskpass *self, BfyPrompt *prompt, BfyAnswer answer, BfyGrantScope scope)
{
  g_autoptr (GError) error = NULL;

  if (bfy_prompts_answer (self->prompts, prompt->id, answer, scope, ANSWERED_BY, &error))
    return;
  g_message ("The answer of the askpass program does not count: %s", error->message);
  if (bfy_prompts_find (self->prompts, prompt->id) != NULL &&
      !bfy_prompts_answer (self->prompts, prompt->id, BFY_ANSWER_DISMISS, BFY_GRANT_ONCE,
                           ANSWERED_BY, NULL))
    g_info ("The question stays open");
}

static void
complain (BfyAskpass *self, const char *reason)
{
  g_autofree char *said = NULL;

  g_strdelimit (self->complaint->str, "\n", ' ');
  g_strchomp (self->complaint->str);
  said = bfy_text_to_line (self->complaint->str, SHOWN_MAX);
  g_warning ("The askpass program %s %s, and nothing was allowed%s%s", self->program, reason,
             *said != '\0' ? "; it says: " : "", said);
}

static void
on_ended (BfyProcess *process, const char *reason, int exit_status, gpointer user_data)
{
  BfyAskpass *self = user_data;
  g_autoptr (BfyPrompt) prompt = g_steal_pointer (&self->asked);
  BfyAskpassAnswer said;

  read_the_rest (self);
  said = bfy_askpass_read (exit_status, self->output->str, self->output->len);
  if (prompt != NULL && said.outcome == BFY_ASKPASS_BROKEN)
    complain (self, exit_status == 0 ? "said what is not an answer" : reason);
  forget_process (self);
  if (prompt != NULL)
    answer (self, prompt, said.answer, said.scope);
  look_for_next (self);
}

static gboolean
start (BfyAskpass *self, const BfyPrompt *prompt, GError **error)
{
  g_autofree char *text = bfy_askpass_format (prompt);
  g_autoptr (BfyProgram) program = bfy_program_new ();
  const BfyPlace place = { .launcher = self->launcher,
                           .own_unit = self->own_unit,
                           .label = "askpass",
                           .environment = (const char *const *) self->environment,
                           .home = self->home };
  const char *words[] = { self->program, text, NULL };

  if (!bfy_askpass_check_program (self->program, error))
    return FALSE;

  program->has_sandbox = FALSE;
  g_clear_pointer (&program->argv, g_strfreev);
  program->argv = g_strdupv ((GStrv) words);
  g_clear_pointer (&program->pass, g_strfreev);
  program->pass = g_strdupv (self->pass);
  self->process = bfy_process_start (program, &place, NULL, self->pipes, on_ended, self, error);
  if (self->process == NULL)
    return FALSE;

  close_pipe (self, 0);
  self->output_id = g_unix_fd_add (self->pipes[1], G_IO_IN | G_IO_HUP, on_output, self);
  self->complaint_id = g_unix_fd_add (self->pipes[2], G_IO_IN | G_IO_HUP, on_complaint, self);

  return TRUE;
}

/* In a turn of the main loop of its own: answering one question may open and close others. */
static gboolean
on_next (gpointer user_data)
{
  BfyAskpass *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyPrompt) prompt = NULL;

  self->next_id = 0;
  if (self->process != NULL)
    return G_SOURCE_REMOVE;
  prompt = g_queue_pop_head (&self->waiting);
  if (prompt == NULL)
    return G_SOURCE_REMOVE;
  if (start (self, prompt, &error))
    {
      self->asked = g_steal_pointer (&prompt);
      return G_SOURCE_REMOVE;
    }

  g_warning ("The askpass program cannot be run, and nothing was allowed: %s", error->message);
  answer (self, prompt, BFY_ANSWER_DISMISS, BFY_GRANT_ONCE);
  look_for_next (self);

  return G_SOURCE_REMOVE;
}

static void
look_for_next (BfyAskpass *self)
{
  if (self->next_id == 0 && self->process == NULL && !g_queue_is_empty (&self->waiting))
    self->next_id = g_idle_add (on_next, self);
}

static void
withdraw (BfyAskpass *self, const BfyPrompt *prompt)
{
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    {
      BfyPrompt *waiting = link->data;

      if (!g_str_equal (waiting->id, prompt->id))
        continue;
      g_queue_delete_link (&self->waiting, link);
      bfy_prompt_unref (waiting);
      return;
    }
  if (self->asked == NULL || !g_str_equal (self->asked->id, prompt->id))
    return;
  g_clear_pointer (&self->asked, bfy_prompt_unref);
  end_process (self);
}

static void
on_change (BfyPrompt *prompt, BfyPromptChange change, const char *how, gpointer user_data)
{
  BfyAskpass *self = user_data;

  switch (change)
    {
    case BFY_PROMPT_OPENED:
      g_queue_push_tail (&self->waiting, bfy_prompt_ref (prompt));
      look_for_next (self);
      break;
    case BFY_PROMPT_CHANGED:
      break;
    case BFY_PROMPT_CLOSED:
      withdraw (self, prompt);
      break;
    }
}

static GStrv
list_passed (const char *const *environment)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_strv_builder_addv (names, (const char **) passed);
  for (; *environment != NULL; environment++)
    {
      g_autofree char *name = g_strndup (*environment, strcspn (*environment, "="));

      if (g_str_has_prefix (name, "XDG_"))
        g_strv_builder_add (names, name);
    }

  return g_strv_builder_end (names);
}

BfyAskpass *
bfy_askpass_new (BfyPrompts *prompts, const BfyAskpassSetup *setup)
{
  BfyAskpass *self = g_new0 (BfyAskpass, 1);

  self->prompts = prompts;
  self->program = g_strdup (setup->program);
  self->environment = g_strdupv ((GStrv) setup->environment);
  /* By this ssh-askpass and its like know that they are to ask for a yes, not for a secret. */
  self->environment = g_environ_setenv (self->environment, "SSH_ASKPASS_PROMPT", "confirm", TRUE);
  self->pass = list_passed (setup->environment);
  self->home = g_strdup (setup->home != NULL ? setup->home : "/");
  self->own_unit = g_strdup (setup->own_unit);
  self->launcher = bfy_launch_find_launcher (setup->own_unit);
  self->output = g_string_new (NULL);
  self->complaint = g_string_new (NULL);
  g_queue_init (&self->waiting);
  for (guint i = 0; i < 3; i++)
    self->pipes[i] = -1;
  self->prompter = bfy_prompts_add_prompter (prompts, BFY_PROMPTER_ASKPASS, on_change, self);

  return self;
}

void
bfy_askpass_free (BfyAskpass *self)
{
  bfy_prompts_remove_prompter (self->prompts, self->prompter);
  g_clear_handle_id (&self->next_id, g_source_remove);
  /* The launcher is tied to us, and takes the program with it. */
  if (self->process != NULL)
    bfy_process_end (self->process);
  forget_process (self);
  g_clear_pointer (&self->asked, bfy_prompt_unref);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) bfy_prompt_unref);
  g_free (self->program);
  g_strfreev (self->environment);
  g_strfreev (self->pass);
  g_free (self->home);
  g_free (self->own_unit);
  g_free (self->launcher);
  g_string_free (self->output, TRUE);
  g_string_free (self->complaint, TRUE);
  g_free (self);
}

static gboolean
is_ours_alone (const struct stat *facts)
{
  gboolean is_sticky = S_ISDIR (facts->st_mode) && (facts->st_mode & S_ISVTX) != 0;

  return (facts->st_uid == 0 || facts->st_uid == geteuid ()) &&
         ((facts->st_mode & (S_IWGRP | S_IWOTH)) == 0 || is_sticky);
}

gboolean
bfy_askpass_check_program (const char *path, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_MAX);
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat facts, around;

  if (!g_path_is_absolute (path))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” is not an absolute path",
                   shown);
      return FALSE;
    }
  if (stat (path, &facts) != 0 || stat (folder, &around) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no “%s”", shown);
      return FALSE;
    }
  if (!S_ISREG (facts.st_mode) || access (path, X_OK) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” cannot be run", shown);
      return FALSE;
    }
  if (!is_ours_alone (&facts) || !is_ours_alone (&around))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "“%s” or its folder can be changed by other users", shown);
      return FALSE;
    }

  return TRUE;
}
