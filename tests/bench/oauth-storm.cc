// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// oauth-storm [REQUESTS [MS]]: that many requests, each on a connection of its own, meet one token
// that has expired; the token endpoint takes MS milliseconds. Prints how often it was asked, and
// how much longer than that the requests were on their way to the upstream. The real agent with a
// vault on the disk; upstream and token endpoint are one thread here that does next to nothing.

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/fixture/agent.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "protocol/credential.h"
}

namespace
{

constexpr char kCall[] = R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})";
constexpr char kAnswer[] = R"({"jsonrpc":"2.0","id":1,"result":{"tools":[]}})";
constexpr char kTokens[] =
    R"({"access_token":"at-new-0123456789","refresh_token":"rt-new-0123456789",)"
    R"("token_type":"Bearer","expires_in":3600})";

void
fail (const char *what)
{
  perror (what);
  exit (1);
}

std::string
http_answer (const std::string &body)
{
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string (body.size ()) + "\r\n\r\n" + body;
}

// Upstream and token endpoint.
class Server
{
public:
  explicit Server (int token_ms) : token_us_ (token_ms * 1000)
  {
    struct sockaddr_in address = {};
    socklen_t length = sizeof address;

    listener_ = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    if (bind (listener_, reinterpret_cast<struct sockaddr *> (&address), sizeof address) != 0 ||
        listen (listener_, 4096) != 0 ||
        getsockname (listener_, reinterpret_cast<struct sockaddr *> (&address), &length) != 0)
      fail ("listen");
    port_ = ntohs (address.sin_port);
    poll_ = epoll_create1 (EPOLL_CLOEXEC);
    watch (listener_);
    thread_ = std::thread ([this] { run (); });
  }
  ~Server ()
  {
    is_over_ = true;
    thread_.join ();
  }

  std::string url (const std::string &path) const
  {
    return "http://127.0.0.1:" + std::to_string (port_) + path;
  }

  // What it has seen since the last call of this.
  std::vector<gint64> take_arrivals_us ()
  {
    std::vector<gint64> taken;

    taken.swap (arrivals_us);
    std::sort (taken.begin (), taken.end ());
    return taken;
  }

  int n_refused = 0, n_token_requests = 0;
  gint64 asked_us = 0, answered_us = 0;

private:
  std::vector<gint64> arrivals_us; // of calls with the new token

  void watch (int fd)
  {
    struct epoll_event event = {};

    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl (poll_, EPOLL_CTL_ADD, fd, &event) != 0)
      fail ("epoll_ctl");
  }
  void write_all (int fd, const std::string &text)
  {
    if (write (fd, text.data (), text.size ()) != static_cast<ssize_t> (text.size ()))
      fail ("write");
  }
  void serve (int fd, const std::string &request)
  {
    const gint64 now_us = g_get_monotonic_time ();

    if (request.rfind ("POST /token", 0) == 0)
      {
        n_token_requests++;
        asked_us = now_us;
        waiting_fd_ = fd;
        return;
      }
    if (request.find ("Bearer at-new-") != std::string::npos)
      arrivals_us.push_back (now_us);
    else
      n_refused++;
    write_all (fd, http_answer (kAnswer));
  }
  void read_some (int fd)
  {
    char bytes[16384];
    const ssize_t n = read (fd, bytes, sizeof bytes);
    std::string &input = inputs_[fd];

    if (n <= 0)
      {
        inputs_.erase (fd);
        close (fd);
        return;
      }
    input.append (bytes, static_cast<size_t> (n));
    for (;;)
      {
        const size_t end = input.find ("\r\n\r\n");
        size_t at = input.find ("ontent-Length: "), length = 0;

        if (end == std::string::npos)
          return;
        if (at == std::string::npos || at > end)
          at = input.find ("ontent-length: ");
        if (at != std::string::npos && at < end)
          length = std::stoul (input.substr (at + 15));
        if (input.size () < end + 4 + length)
          return;
        serve (fd, input.substr (0, end));
        input.erase (0, end + 4 + length);
      }
  }
  void run ()
  {
    struct epoll_event events[256];

    while (!is_over_)
      {
        const int n = epoll_wait (poll_, events, 256, 1);

        for (int i = 0; i < n; i++)
          {
            if (events[i].data.fd != listener_)
              {
                read_some (events[i].data.fd);
                continue;
              }
            for (int fd; (fd = accept4 (listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
              watch (fd);
          }
        if (waiting_fd_ >= 0 && g_get_monotonic_time () - asked_us >= token_us_)
          {
            answered_us = g_get_monotonic_time ();
            write_all (waiting_fd_, http_answer (kTokens));
            waiting_fd_ = -1;
          }
      }
  }

  int listener_, poll_, port_ = 0, waiting_fd_ = -1;
  gint64 token_us_;
  std::atomic<bool> is_over_{ false };
  std::map<int, std::string> inputs_;
  std::thread thread_;
};

// An expired token in the vault, as a sign-in has left it.
void
plant (Agent &agent, Server &server, const std::string &id)
{
  g_autoptr (BfySecret) access = bfy_secret_new ("at-old", 6);
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, server.url ("").c_str (), "bench");
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, access);
  VaultKeyring vault (agent.state_dir () + "/vault");
  Error error;

  credential->issued_at_s = 1;
  credential->expires_at_s = 2;
  credential->refresh = bfy_secret_new ("rt-old", 6);
  credential->source = bfy_oauth_source_new (client, server.url ("/token").c_str ());
  credential->source->allow_local = TRUE;
  g_autoptr (BfySecret) item = bfy_credential_seal (credential);
  if (!vault.store (id, bfy_secret_peek_text (item), error))
    {
      fprintf (stderr, "%s\n", error.message ().c_str ());
      exit (1);
    }
  agent.control ("POST", "/v1/lock");
  agent.control ("POST", "/v1/unlock");
}

double
ms (gint64 us)
{
  return static_cast<double> (us) / 1000;
}

// Counted from @from_us.
void
print_arrivals (const char *what, const std::vector<gint64> &sorted_us, gint64 from_us)
{
  const size_t n = sorted_us.size ();

  if (n > 0)
    printf ("%s: first after %.1f, median %.1f, last %.1f ms\n", what, ms (sorted_us[0] - from_us),
            ms (sorted_us[n / 2] - from_us), ms (sorted_us[n - 1] - from_us));
}

// One request on each of so many new connections; how many were answered well.
int
storm (Agent &agent, const std::string &request, int n_requests, gint64 *begun_us)
{
  std::vector<Connection> connections;
  int n_good = 0;

  for (int i = 0; i < n_requests; i++)
    connections.push_back (agent.tcp ());
  *begun_us = g_get_monotonic_time ();
  for (Connection &connection : connections)
    connection.send (request);
  for (Connection &connection : connections)
    n_good += connection.read_response ().body == kAnswer ? 1 : 0;
  return n_good;
}

} // namespace

int
main (int argc, char **argv)
{
  const int n_requests = argc > 1 ? std::stoi (argv[1]) : 1000;
  Server server (argc > 2 ? std::stoi (argv[2]) : 1000);
  Agent::Options options;
  options.descriptor_limit = 4 * n_requests + 1024;
  Agent agent (options);
  const Response added = agent.control (
      "POST", "/v1/bindings",
      R"({"name":"svc","url":")" + server.url ("/mcp") + R"(","allow_local":true,"check":false,)" +
          R"("credential":{"type":"oauth_token","access_token":"at-old"}})");
  const std::string key = agent.add_client ("bench");
  const std::string request =
      format_request ("POST", "/mcp/svc", agent.host (),
                      "Content-Type: application/json\r\nAuthorization: Bearer " + key, kCall);
  gint64 begun_us;

  plant (agent, server, json_string (added.body, "id"));
  const int n_good = storm (agent, request, n_requests, &begun_us);
  printf ("%d requests, %d answered, %d token requests, %d with an old token\n", n_requests, n_good,
          server.n_token_requests, server.n_refused);
  print_arrivals ("after a renewal", server.take_arrivals_us (), server.answered_us);
  storm (agent, request, n_requests, &begun_us);
  print_arrivals ("without one", server.take_arrivals_us (), begun_us);
  return n_good == n_requests && server.n_token_requests == 1 && server.n_refused == 0 ? 0 : 1;
}
