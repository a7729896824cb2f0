// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <glib-unix.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "tests/fixture/valgrind.h"
#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

using testing::HasSubstr;
using testing::Not;

// `bindify-add` on a terminal: what a person types unseen stays unseen, and the terminal is as it
// was on every way out (behaviour 19.1).

class Terminal : public testing::Test
{
protected:
  void SetUp () override
  {
    if (is_under_valgrind ())
      GTEST_SKIP () << "valgrind gives the forked shell an exit status of its own";
  }

  FakeAgent agent{ [] (const Request &request, const AnswerPtr &answer) {
    if (request.path == "/v1/services")
      answer->json (
          200,
          R"({"services":[{"id":"github","name":"GitHub","supports_api_key":true,"username_field":null,"token_url":"https://github.com/settings/tokens","instructions":["Make one."]}]})");
    else if (request.path == "/v1/probe")
      answer->json (200, R"({"auth":"bearer"})");
    else if (request.method == "GET")
      answer->json (404, R"({"error":"not_found","message":"none","hint":null})");
    else
      answer->json (
          201, R"({"binding":{"name":"github","url":"https://x.example/","keyring":"vault"}})");
  } };

  void start (std::vector<const char *> words, const char *name = "bindify-add")
  {
    std::string path = program_path (name);
    g_auto (GStrv) environment =
        g_environ_setenv (g_get_environ (), "BINDIFY_SOCK", agent.socket ().c_str (), TRUE);

    words.insert (words.begin (), path.c_str ());
    words.push_back (nullptr);
    ASSERT_EQ (openpty (&master, &slave, nullptr, nullptr, nullptr), 0);
    ASSERT_TRUE (g_unix_open_pipe (stops, FD_CLOEXEC, nullptr));
    pid = fork ();
    if (pid == 0)
      be_a_shell (const_cast<char **> (words.data ()), environment);
    ASSERT_GT (pid, 0);
    g_unix_set_fd_nonblocking (master, TRUE, nullptr);
    ASSERT_EQ (tcgetattr (master, &before), 0);
    ASSERT_EQ (read (stops[0], &program, sizeof program), static_cast<gssize> (sizeof program));
    g_unix_set_fd_nonblocking (stops[0], TRUE, nullptr);
    source_id = g_unix_fd_add (
        master, static_cast<GIOCondition> (G_IO_IN | G_IO_HUP),
        [] (gint fd, GIOCondition, gpointer data) -> gboolean {
          auto *self = static_cast<Terminal *> (data);
          char bytes[4096];
          gssize n = read (fd, bytes, sizeof bytes);

          if (n > 0)
            self->screen.append (bytes, n);
          else if (n == 0 || errno != EAGAIN)
            {
              self->source_id = 0;
              return G_SOURCE_REMOVE;
            }
          return G_SOURCE_CONTINUE;
        },
        this);
  }

  // What a shell does: a session with the terminal, and the program in the foreground, in a process
  // group that can be stopped because its parent is there to continue it.
  [[noreturn]] void be_a_shell (char **words, char **environment)
  {
    int status;
    pid_t child;

    close (master);
    login_tty (slave);
    signal (SIGTTOU, SIG_IGN);
    child = fork ();
    if (child == 0)
      {
        setpgid (0, 0);
        tcsetpgrp (0, getpid ());
        signal (SIGTTOU, SIG_DFL);
        execve (words[0], words, environment);
        _exit (99);
      }
    setpgid (child, child);
    if (write (stops[1], &child, sizeof child) != sizeof child)
      _exit (98);
    while (waitpid (child, &status, WUNTRACED) == child && WIFSTOPPED (status))
      {
        if (write (stops[1], "S", 1) != 1)
          _exit (97);
      }
    if (WIFSIGNALED (status))
      {
        signal (WTERMSIG (status), SIG_DFL);
        kill (getpid (), WTERMSIG (status));
      }
    _exit (WEXITSTATUS (status));
  }

  ~Terminal () override
  {
    if (source_id != 0)
      g_source_remove (source_id);
    if (pid > 0)
      {
        kill (program, SIGKILL);
        kill (pid, SIGKILL);
        waitpid (pid, nullptr, 0);
      }
    close (master);
    close (slave);
    close (stops[0]);
    close (stops[1]);
  }

  // As fast as the terminal takes it.
  void type (const std::string &bytes)
  {
    gsize n_typed = 0;

    EXPECT_TRUE (spin ([&] {
      gssize n = write (master, bytes.data () + n_typed, bytes.size () - n_typed);

      n_typed += n > 0 ? n : 0;
      return n_typed == bytes.size ();
    }));
  }

  bool wait_for (const std::string &text)
  {
    return spin ([this, text] { return screen.find (text) != std::string::npos; });
  }

  bool echoes () const
  {
    struct termios now;

    return tcgetattr (master, &now) == 0 && (now.c_lflag & ECHO) != 0;
  }

  // The raw wait status, so that a death by signal is not taken for an exit.
  int wait ()
  {
    int status = -1;

    if (spin ([&] { return waitpid (pid, &status, WNOHANG) == pid; }))
      pid = -1;
    EXPECT_EQ (pid, -1) << "the program does not end";
    return status;
  }

  void expect_terminal_as_before ()
  {
    struct termios now;

    ASSERT_EQ (tcgetattr (master, &now), 0);
    EXPECT_EQ (now.c_lflag, before.c_lflag);
    EXPECT_EQ (now.c_iflag, before.c_iflag);
    EXPECT_EQ (now.c_cc[VMIN], before.c_cc[VMIN]);
  }

  int master = -1;
  int slave = -1;     // ours, so that the terminal outlives the program
  pid_t pid = -1;     // the shell
  pid_t program = -1; // its job
  int stops[2] = { -1, -1 };
  guint source_id = 0;
  struct termios before;
  std::string screen;
};

TEST_F (Terminal, ATokenIsTypedUnseenAndStored)
{
  start ({ "github" });
  ASSERT_TRUE (wait_for ("Token for github (not shown): ")) << screen;
  EXPECT_THAT (screen, HasSubstr ("https://github.com/settings/tokens"));
  EXPECT_THAT (screen, HasSubstr ("1. Make one."));
  EXPECT_FALSE (echoes ());
  type ("ghp_hux\x7fsh\n");
  int status = wait ();
  EXPECT_TRUE (WIFEXITED (status));
  EXPECT_EQ (WEXITSTATUS (status), 0) << screen;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (R"("api_key":"ghp_hush")"));
  EXPECT_THAT (screen, Not (HasSubstr ("hush")));
  expect_terminal_as_before ();
}

TEST_F (Terminal, TokensLongerThanALineOfTheKernelAreWhole)
{
  std::string token (20000, 'k');

  start ({ "github" });
  ASSERT_TRUE (wait_for ("(not shown): "));
  type (token);
  type ("\n");
  EXPECT_EQ (wait (), 0) << screen;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr ("\"api_key\":\"" + token + "\""));
}

struct WayOut
{
  const char *name;
  const char *typed; // or, when empty:
  int signal_number;
  int status;
};

class TerminalWayOut : public Terminal, public testing::WithParamInterface<WayOut>
{
};

TEST_P (TerminalWayOut, LeavesTheTerminalAsItWas)
{
  start ({ "github" });
  ASSERT_TRUE (wait_for ("(not shown): ")) << screen;
  EXPECT_FALSE (echoes ());
  type ("half a tok");
  if (*GetParam ().typed != '\0')
    type (GetParam ().typed);
  else
    kill (program, GetParam ().signal_number);
  int status = wait ();
  EXPECT_TRUE (WIFEXITED (status));
  EXPECT_EQ (WEXITSTATUS (status), GetParam ().status) << screen;
  EXPECT_EQ (agent.lines ().back (), "GET /v1/bindings/github") << "something was stored";
  EXPECT_THAT (screen, Not (HasSubstr ("half")));
  expect_terminal_as_before ();
}

INSTANTIATE_TEST_SUITE_P (Ways,
                          TerminalWayOut,
                          testing::Values (WayOut{ "CtrlC", "\x03", 0, 130 },
                                           WayOut{ "CtrlBackslash", "\x1c", 0, 131 },
                                           WayOut{ "Term", "", SIGTERM, 143 },
                                           WayOut{ "Hangup", "", SIGHUP, 129 },
                                           WayOut{ "EmptyAfterKill", "\x15\n", 0, 1 }),
                          case_name<WayOut>);

TEST_F (Terminal, StoppingShowsTheTerminalAndComingBackHidesIt)
{
  char stop = 0;

  start ({ "github" });
  ASSERT_TRUE (wait_for ("(not shown): "));
  type ("first\x1a");
  ASSERT_TRUE (spin ([&] { return read (stops[0], &stop, 1) == 1; }));
  expect_terminal_as_before ();
  screen.clear ();
  kill (program, SIGCONT);
  ASSERT_TRUE (wait_for ("(not shown): "));
  EXPECT_FALSE (echoes ());
  type ("second\n");
  EXPECT_EQ (wait (), 0);
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (R"("api_key":"second")"));
}

TEST_F (Terminal, AsksBeforeItUsesALocalAddress)
{
  start ({ "http://127.0.0.1:9/mcp", "--name", "local" });
  ASSERT_TRUE (wait_for ("127.0.0.1 is on your own machine. Use it? [y/N] ")) << screen;
  type ("n\n");
  EXPECT_EQ (WEXITSTATUS (wait ()), 3);
  EXPECT_TRUE (agent.requests.empty ());
}

TEST_F (Terminal, UsesALocalAddressWithConsent)
{
  start ({ "http://127.0.0.1:9/mcp", "--name", "local" });
  ASSERT_TRUE (wait_for ("[y/N] "));
  type ("y\n");
  ASSERT_TRUE (wait_for ("(not shown): ")) << screen;
  type ("t\n");
  EXPECT_EQ (wait (), 0);
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (R"("allow_local":true)"));
}

namespace
{

// The commands that ask for passphrases.
class VaultTerminal : public Terminal
{
protected:
  void SetUp () override
  {
    Terminal::SetUp ();
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      if (request.path == "/v1/vault" && request.method == "GET")
        answer->json (200, "{\"state\":\"" + state + "\",\"path\":\"/v\",\"slots\":" + slots + "}");
      else if (request.path == "/v1/unlock")
        answer->json (200, R"({"locked":false,"changed":false})");
      else if (request.path == "/v1/status")
        answer->json (200, R"({"keyrings":[]})");
      else if (request.path == "/v1/vault/unlock" && n_refusals-- > 0)
        answer->json (403, R"({"error":"denied","message":"no","hint":null})");
      else if (request.path == "/v1/vault/unlock")
        answer->empty (204);
      else
        answer->json (201, R"({"slot":1})");
    };
  }

  // The same question for the nth time.
  bool wait_for_question (int n, const std::string &text = "(not shown): ")
  {
    return spin ([this, n, text] {
      int n_seen = 0;

      for (gsize at = screen.find (text); at != std::string::npos; at = screen.find (text, at + 1))
        n_seen++;
      return n_seen >= n;
    });
  }

  gsize n_requests (const std::string &line)
  {
    std::vector<std::string> lines = agent.lines ();

    return std::count (lines.begin (), lines.end (), line);
  }

  std::string state = "absent", slots = "[]";
  int n_refusals = 0;
};

constexpr char kPassphraseSlot[] =
    R"([{"number":1,"kind":"passphrase","kdf":{"algorithm":"scrypt","salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":14,"r":8,"p":1}}])";

} // namespace

TEST_F (VaultTerminal, ANewPassphraseIsTypedTwiceAndNotSent)
{
  start ({ "vault", "init", "--passphrase", "--no-key-file" }, "bindify");
  ASSERT_TRUE (wait_for ("New passphrase for the vault (not shown): ")) << screen;
  EXPECT_FALSE (echoes ());
  type ("short\n");
  ASSERT_TRUE (wait_for_question (2)) << screen;
  EXPECT_THAT (screen, HasSubstr ("too short"));
  type ("hush hush hush\n");
  ASSERT_TRUE (wait_for ("The same again: ")) << screen;
  type ("hush hush hash\n");
  ASSERT_TRUE (wait_for_question (3)) << screen;
  EXPECT_THAT (screen, HasSubstr ("The two are not the same."));
  type ("hush hush hush\n");
  ASSERT_TRUE (wait_for_question (2, "The same again: "));
  type ("hush hush hush\n");
  EXPECT_EQ (wait (), 0) << screen;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr ("\"kind\":\"passphrase\""));
  EXPECT_THAT (agent.requests.back ().body, HasSubstr ("\"algorithm\":\"scrypt\""));
  EXPECT_THAT (agent.requests.back ().body, Not (HasSubstr ("hush")));
  EXPECT_THAT (screen, Not (HasSubstr ("hush")));
  expect_terminal_as_before ();
}

TEST_F (VaultTerminal, ThreeBadNewOnesAreEnough)
{
  start ({ "vault", "init", "--passphrase" }, "bindify");
  for (int i = 1; i <= 3; i++)
    {
      ASSERT_TRUE (wait_for_question (i)) << screen;
      type ("short\n");
    }
  EXPECT_EQ (WEXITSTATUS (wait ()), 1);
  EXPECT_EQ (n_requests ("POST /v1/vault"), 0u);
}

TEST_F (VaultTerminal, UnlockForgivesTypingMistakes)
{
  state = "locked";
  slots = kPassphraseSlot;
  n_refusals = 1;
  start ({ "unlock" }, "bindify");
  ASSERT_TRUE (wait_for ("Passphrase of the vault (not shown): ")) << screen;
  type ("hush hush hash\n");
  ASSERT_TRUE (wait_for_question (2)) << screen;
  EXPECT_THAT (screen, HasSubstr ("That is not the passphrase."));
  type ("hush hush hush\n");
  EXPECT_EQ (wait (), 0) << screen;
  EXPECT_THAT (screen, HasSubstr ("The vault is open."));
  EXPECT_THAT (screen, Not (HasSubstr ("hush")));
}

TEST_F (VaultTerminal, ThreeWrongOnesAreDenied)
{
  state = "locked";
  slots = kPassphraseSlot;
  n_refusals = 9;
  start ({ "unlock" }, "bindify");
  for (int i = 1; i <= 3; i++)
    {
      ASSERT_TRUE (wait_for_question (i)) << screen;
      type ("hush hush hash\n");
    }
  EXPECT_EQ (WEXITSTATUS (wait ()), 3);
  EXPECT_EQ (n_requests ("POST /v1/vault/unlock"), 3u);
}

TEST_F (VaultTerminal, CtrlCLeavesItLocked)
{
  state = "locked";
  slots = kPassphraseSlot;
  start ({ "unlock" }, "bindify");
  ASSERT_TRUE (wait_for ("(not shown): ")) << screen;
  type ("hush\x03");
  EXPECT_EQ (WEXITSTATUS (wait ()), 130);
  EXPECT_EQ (n_requests ("POST /v1/vault/unlock"), 0u);
  expect_terminal_as_before ();
}
