// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Our units under a real `systemd --user`: logging in and out, the first caller, crashes, restarts.

#include <atomic>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>

#include "tests/fixture/account.h"
#include "tests/fixture/await.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/user-systemd.h"

using testing::HasSubstr;

namespace
{

constexpr char kSecret[] = "sk-systemd-login-0123456789abcdef";

mode_t
mode_of (const std::string &path)
{
  struct stat facts = {};

  return stat (path.c_str (), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

// Nobody else's yet.
int
find_free_port ()
{
  struct sockaddr_in address = {};
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (fd, reinterpret_cast<struct sockaddr *> (&address), length) != 0 ||
      getsockname (fd, reinterpret_cast<struct sockaddr *> (&address), &length) != 0)
    throw std::runtime_error ("no free port");
  close (fd);
  return ntohs (address.sin_port);
}

class SystemdLogin : public testing::Test
{
protected:
  // As the README says, and then the next morning.
  void SetUp () override
  {
    systemd.log_in ();
    Finished enabled = systemd.systemctl ({ "enable", "--now", "bindify.socket" });
    ASSERT_EQ (enabled.status, 0) << enabled.errors;
  }
  std::string state (const std::string &unit = "bindify.service")
  {
    return systemd.property (unit, "ActiveState");
  }
  void add_binding ()
  {
    Response added = agent.add ("svc", upstream.url (), kSecret);

    ASSERT_EQ (added.status, 201) << added.body << agent.log ();
    key = agent.add_client ("story");
  }

  UserSystemd systemd;
  UnitAgent agent{ systemd };
  Upstream upstream{ mcp_script (kSecret) };
  std::string key;
};

TEST_F (SystemdLogin, TheSocketIsThereAndTheFirstCallerStartsTheAgent)
{
  systemd.log_out ();
  ASSERT_FALSE (std::filesystem::exists (agent.socket ()));

  systemd.log_in ();
  EXPECT_EQ (state ("bindify.socket"), "active");
  EXPECT_EQ (mode_of (agent.socket ()), 0600u);
  EXPECT_EQ (mode_of (systemd.runtime_dir () + "/bindify"), 0700u);
  EXPECT_EQ (state (), "inactive") << "nobody has asked for anything";

  Finished status = agent.cli ({ "bindify", "status" });
  EXPECT_EQ (status.status, 0) << status.errors;
  EXPECT_EQ (state (), "active") << agent.log ();
  EXPECT_EQ (systemd.property ("bindify.service", "Type"), "notify");
  std::string facts = read_file ("/proc/" + std::to_string (agent.pid ()) + "/status");
  EXPECT_THAT (facts, HasSubstr ("\nNoNewPrivs:\t1\n"));
  EXPECT_THAT (facts, HasSubstr ("\nSeccomp:\t2\n"));

  // What is asked for later is still there the day after.
  add_binding ();
  systemd.log_out ();
  systemd.log_in ();
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\"")) << agent.log ();
  EXPECT_THAT (systemd.systemctl ({ "--failed" }).output, HasSubstr ("0 loaded units"));
}

TEST_F (SystemdLogin, AnAgentThatIsKilledIsBack)
{
  add_binding ();
  pid_t before = agent.pid ();

  ASSERT_GT (before, 0);
  kill (before, SIGKILL);
  ASSERT_TRUE (systemd.wait_for ("bindify.service", "NRestarts", "1"));
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\"")) << agent.log ();
  EXPECT_NE (agent.pid (), before);
}

TEST_F (SystemdLogin, OneThatWasStoppedIsStartedByTheNextCaller)
{
  add_binding ();
  ASSERT_EQ (systemd.systemctl ({ "stop", "bindify.service" }).status, 0);
  EXPECT_EQ (state (), "inactive");
  EXPECT_EQ (systemd.property ("bindify.service", "Result"), "success");
  EXPECT_EQ (agent.cli ({ "bindify", "status" }).status, 0);
  EXPECT_EQ (state (), "active");
  EXPECT_EQ (systemd.property ("bindify.service", "NRestarts"), "0");
}

// Programs connect all the time, and none sees more of a restart than that it takes
// a moment.
TEST_F (SystemdLogin, ARestartRefusesNobody)
{
  std::atomic<bool> is_over{ false };
  std::atomic<int> n_answered{ 0 };
  std::map<int, int> others[2];
  std::vector<std::thread> callers;

  add_binding ();
  for (auto &seen : others)
    callers.emplace_back ([&] {
      while (!is_over)
        {
          int status = agent.control ("GET", "/v1/status").status;

          if (status == 200)
            n_answered++;
          else
            seen[status]++;
        }
    });
  for (int i = 0; i < 3; i++)
    {
      Finished restarted = systemd.systemctl ({ "restart", "bindify.service" });
      EXPECT_EQ (restarted.status, 0) << restarted.errors;
    }
  is_over = true;
  for (std::thread &caller : callers)
    caller.join ();
  for (const auto &seen : others)
    EXPECT_THAT (seen, testing::IsEmpty ());
  EXPECT_GT (n_answered, 3);
}

// One of which a part has come counts as well.
TEST_F (SystemdLogin, ARequestThatHasBegunIsAnsweredBeforeAStop)
{
  const std::string request = format_request ("GET", "/v1/status", "localhost");
  Connection begun = agent.local ();

  ASSERT_TRUE (begun.send (request.substr (0, 10)));
  // Who comes later is let in later: by now that one is.
  ASSERT_EQ (agent.control ("GET", "/v1/status").status, 200);
  ASSERT_EQ (systemd.systemctl ({ "stop", "--no-block", "bindify.service" }).status, 0);
  ASSERT_TRUE (wait_until ([this] { return state () != "active"; }));
  EXPECT_TRUE (begun.send (request.substr (10)));
  EXPECT_EQ (begun.read_response ().status, 200);
  EXPECT_TRUE (systemd.wait_for ("bindify.service", "ActiveState", "inactive"));
}

// The port, too, is systemd's to hold, where the person wants that.
class SystemdHttp : public SystemdLogin
{
protected:
  void SetUp () override
  {
    systemd.drop_in ("bindify-http.socket", "10-test",
                     "[Socket]\nListenStream=\nListenStream=127.0.0.1:" + std::to_string (port) +
                         "\n");
    systemd.log_in ();
    Finished enabled =
        systemd.systemctl ({ "enable", "--now", "bindify.socket", "bindify-http.socket" });
    ASSERT_EQ (enabled.status, 0) << enabled.errors;
  }
  int health (const std::string &host, Connection connection)
  {
    connection.send (format_request ("GET", "/healthz", host, "Connection: close"));
    return connection.read_response ().status;
  }

  const int port = find_free_port ();
};

TEST_F (SystemdHttp, TheAgentIsStartedByTheFirstProgramThatConnects)
{
  const std::string number = std::to_string (port);

  EXPECT_EQ (state (), "inactive");
  EXPECT_EQ (health ("127.0.0.1:" + number, Connection::to_tcp (port)), 200) << agent.log ();
  EXPECT_EQ (state (), "active");
  EXPECT_EQ (agent.port (), port) << "not that of its options";
  if (!read_file ("/proc/net/if_inet6").empty ())
    {
      EXPECT_EQ (health ("[::1]:" + number, Connection::to_tcp6 (port)), 200);
    }
}

TEST_F (SystemdHttp, ARestartRefusesNoRequestOfAClient)
{
  std::atomic<bool> is_over{ false };
  std::atomic<int> n_answered{ 0 };
  std::vector<std::string> others;

  add_binding ();
  std::thread caller ([&] {
    while (!is_over)
      {
        Connection connection = Connection::to_tcp (port);

        connection.send (format_request (
            "POST", "/mcp/svc", "127.0.0.1:" + std::to_string (port),
            "Connection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer " + key,
            kToolCall));
        std::string body = connection.read_response ().body;
        if (body.find ("\"result\"") != std::string::npos)
          n_answered++;
        else
          others.push_back (body);
      }
  });
  for (int i = 0; i < 3; i++)
    EXPECT_EQ (systemd.systemctl ({ "restart", "bindify.service" }).status, 0);
  is_over = true;
  caller.join ();
  EXPECT_THAT (others, testing::IsEmpty ());
  EXPECT_GT (n_answered, 3);
}

// What the server is still at when the stop comes is answered before the agent goes.
TEST_F (SystemdLogin, ARequestThatIsUnderWayIsAnsweredBeforeAStop)
{
  std::atomic<bool> has_begun{ false }, may_end{ false };
  Upstream slow{ [&] (Upstream::Peer &peer, const Upstream::Request &) {
    has_begun = true;
    EXPECT_TRUE (wait_until ([&] { return may_end.load (); }));
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{"is":"late"}})");
  } };
  std::string answer;

  add_binding ();
  ASSERT_EQ (agent.add ("slow", slow.url (), kSecret).status, 201);
  const int port = agent.port ();
  std::thread caller ([&] {
    Connection connection = Connection::to_tcp (port);

    connection.send (format_request (
        "POST", "/mcp/slow", "127.0.0.1:" + std::to_string (port),
        "Content-Type: application/json\r\nAuthorization: Bearer " + key, kToolCall));
    answer = connection.read_response ().body;
  });
  EXPECT_TRUE (wait_until ([&] { return has_begun.load (); }));
  EXPECT_EQ (systemd.systemctl ({ "stop", "--no-block", "bindify.service" }).status, 0);
  EXPECT_TRUE (systemd.wait_for ("bindify.service", "ActiveState", "deactivating"));
  may_end = true;
  caller.join ();
  EXPECT_THAT (answer, HasSubstr ("late"));
  EXPECT_TRUE (systemd.wait_for ("bindify.service", "ActiveState", "inactive"));
  EXPECT_EQ (systemd.property ("bindify.service", "Result"), "success");
}

} // namespace

BFY_MAIN_IN_ACCOUNT (kPerson)
