// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The redirect listener of a sign-in (behaviour 17.4, 17.5, A20; craft G08), with browsers that
// send exactly the bytes they are told to.

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "tests/fixture/await.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/listener.h"
}

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

using ::operator<<; // prints a row by its name

constexpr char kState[] = "c3RhdGUtb2YtdGhpcy1zaWduLWlu";
constexpr char kIssuer[] = "https://as.example";
constexpr guint kVisitMs = 300;

struct sockaddr_in
loopback (int port)
{
  struct sockaddr_in address = {};

  address.sin_family = AF_INET;
  address.sin_port = htons (static_cast<uint16_t> (port));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return address;
}

// One connection; everything runs in the one main context.
class Browser
{
public:
  explicit Browser (int port, const struct in_addr *source = nullptr)
      : fd_ (socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
  {
    struct sockaddr_in address = loopback (port);

    if (source != nullptr)
      {
        struct sockaddr_in own = {};

        own.sin_family = AF_INET;
        own.sin_addr = *source;
        EXPECT_EQ (bind (fd_, reinterpret_cast<struct sockaddr *> (&own), sizeof own), 0);
      }
    is_connected_ =
        connect (fd_, reinterpret_cast<struct sockaddr *> (&address), sizeof address) == 0;
    fcntl (fd_, F_SETFL, O_NONBLOCK);
  }
  Browser (const Browser &) = delete;
  Browser &operator= (const Browser &) = delete;
  ~Browser ()
  {
    close (fd_);
  }

  bool is_connected () const
  {
    return is_connected_;
  }
  bool send (const std::string &bytes)
  {
    return ::send (fd_, bytes.data (), bytes.size (), MSG_NOSIGNAL) ==
           static_cast<ssize_t> (bytes.size ());
  }
  // TRUE once the other side has closed, or reset.
  bool has_ended ()
  {
    char bytes[4096];
    ssize_t n;

    while ((n = recv (fd_, bytes, sizeof bytes, 0)) > 0)
      text_.append (bytes, static_cast<size_t> (n));
    return n == 0 || (n < 0 && errno != EAGAIN);
  }
  // All that comes until the end.
  std::string read ()
  {
    EXPECT_TRUE (wait_until ([this] { return has_ended (); }));
    return text_;
  }

private:
  int fd_;
  bool is_connected_;
  std::string text_;
};

class Listener : public testing::Test
{
protected:
  void open (bool sends_iss = false,
             guint timeout_ms = BFY_LISTENER_TIMEOUT_MS,
             guint visit_ms = BFY_VISIT_TIMEOUT_MS)
  {
    g_autoptr (BfySecret) state = bfy_secret_new (kState, strlen (kState));
    Error error;

    listener = bfy_listener_new (0, visit_ms, error.out ());
    ASSERT_NE (listener, nullptr) << error;
    const BfyCallbackExpected expected = { 0, state, kIssuer, sends_iss };
    bfy_listener_wait_async (listener, &expected, timeout_ms, cancellable, Await::on_ready,
                             done.data ());
  }
  // Whoever waits is answered first: that is what its owner does, too.
  ~Listener () override
  {
    g_cancellable_cancel (cancellable);
    if (listener != nullptr && !done.is_ready ())
      done.result ();
    g_clear_pointer (&listener, bfy_listener_free);
    g_object_unref (cancellable);
  }

  int port () const
  {
    return bfy_listener_get_port (listener);
  }
  std::string request (const std::string &target,
                       const std::string &lines = "",
                       const std::string &method = "GET") const
  {
    return method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string (port ()) +
           "\r\n" + lines + "\r\n";
  }
  // What a browser is shown.
  std::string visit (const std::string &target,
                     const std::string &lines = "",
                     const std::string &method = "GET")
  {
    Browser browser (port ());

    EXPECT_TRUE (browser.send (request (target, lines, method)));
    return browser.read ();
  }
  std::string answer (const std::string &rest) const
  {
    return "/callback?state=" + std::string (kState) + rest;
  }
  // The code, or the error's message.
  std::string outcome ()
  {
    g_autoptr (BfySecret) code = bfy_listener_wait_finish (done.result (), error.out ());

    return code != nullptr ? bfy_secret_peek_text (code) : error.message ();
  }

  GCancellable *cancellable = g_cancellable_new ();
  BfyListener *listener = nullptr;
  Await done;
  Error error;
};

TEST_F (Listener, TakesTheCode)
{
  open ();
  std::string page = visit (answer ("&code=abc"));

  EXPECT_THAT (page, AllOf (StartsWith ("HTTP/1.1 200 "), HasSubstr ("Almost done"),
                            Not (HasSubstr ("abc")), Not (HasSubstr (kState))));
  EXPECT_EQ (outcome (), "abc");
}

// A page at an address with a code in it: nothing may carry it on, nothing may run in it.
TEST_F (Listener, EveryPageIsLockedDown)
{
  open ();

  for (const std::string &page :
       { visit ("/favicon.ico"), visit ("/callback?state=x"), visit (answer ("&code=%zz")),
         visit (answer ("&code=a"), "Origin: https://evil.example\r\n"),
         visit (answer ("&code=a"), "", "HEAD"), visit (answer ("&code=abc")) })
    EXPECT_THAT (page, AllOf (HasSubstr ("Cache-Control: no-store\r\n"),
                              HasSubstr ("Referrer-Policy: no-referrer\r\n"),
                              HasSubstr ("X-Content-Type-Options: nosniff\r\n"),
                              HasSubstr ("X-Frame-Options: DENY\r\n"),
                              HasSubstr ("Content-Security-Policy: default-src 'none'\r\n"),
                              HasSubstr ("Connection: close\r\n"),
                              Not (HasSubstr ("Access-Control")), Not (HasSubstr ("<script"))));
}

TEST_F (Listener, RedirectUriIsALiteralAddress)
{
  open ();

  EXPECT_EQ (std::string (bfy_listener_get_redirect_uri (listener)),
             "http://127.0.0.1:" + std::to_string (port ()) + "/callback");
}

// Before the URL is told the port is ours, and a browser that is quicker than we are waits.
TEST_F (Listener, ListensBeforeItWaits)
{
  g_autoptr (BfySecret) state = bfy_secret_new (kState, strlen (kState));

  listener = bfy_listener_new (0, kVisitMs, error.out ());
  ASSERT_NE (listener, nullptr);
  Browser browser (port ());
  ASSERT_TRUE (browser.is_connected ());
  browser.send (request (answer ("&code=early")));
  const BfyCallbackExpected expected = { 0, state, kIssuer, FALSE };
  bfy_listener_wait_async (listener, &expected, BFY_LISTENER_TIMEOUT_MS, cancellable,
                           Await::on_ready, done.data ());

  EXPECT_THAT (browser.read (), StartsWith ("HTTP/1.1 200 "));
  EXPECT_EQ (outcome (), "early");
}

// G08, A20: none of these ends the sign-in; the answer that comes after them does.
TEST_F (Listener, GoesOnAfterWhatIsNoAnswer)
{
  open ();

  EXPECT_THAT (visit ("/favicon.ico"), StartsWith ("HTTP/1.1 404 "));
  EXPECT_THAT (visit ("/"), StartsWith ("HTTP/1.1 404 "));
  EXPECT_THAT (visit ("/callback"), StartsWith ("HTTP/1.1 400 "));
  EXPECT_THAT (visit ("/callback?code=abc&state=wrong"), StartsWith ("HTTP/1.1 400 "));
  EXPECT_THAT (visit ("/callback?error=access_denied"), StartsWith ("HTTP/1.1 400 "));
  EXPECT_THAT (visit (answer ("&code=a&code=b")), StartsWith ("HTTP/1.1 400 "));
  EXPECT_THAT (visit (answer ("&code=abc"), "Origin: null\r\n"), StartsWith ("HTTP/1.1 403 "));
  EXPECT_THAT (visit (answer ("&code=abc"), "Sec-Fetch-Mode: no-cors\r\n"),
               StartsWith ("HTTP/1.1 403 "));
  EXPECT_THAT (visit (answer ("&code=abc"), "Content-Length: 0\r\n", "POST"),
               AllOf (StartsWith ("HTTP/1.1 405 "), HasSubstr ("Allow: GET\r\n")));
  EXPECT_FALSE (done.is_ready ());
  EXPECT_THAT (visit (answer ("&code=abc"), "Sec-Fetch-Mode: navigate\r\n"),
               StartsWith ("HTTP/1.1 200 "));
  EXPECT_EQ (outcome (), "abc");
}

TEST_F (Listener, RefusesAHostThatIsNotItself)
{
  open ();
  Browser browser (port ());

  browser.send ("GET " + answer ("&code=abc") + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");

  EXPECT_THAT (browser.read (), StartsWith ("HTTP/1.1 403 "));
  EXPECT_FALSE (done.is_ready ());
}

struct EndCase
{
  const char *name;
  std::string target;
  bool sends_iss;
  BfyErrorCode want;
  std::string words; // on the page
};

class ListenerEndTest : public Listener, public testing::WithParamInterface<EndCase>
{
};

TEST_P (ListenerEndTest, EndsTheSignIn)
{
  const EndCase &row = GetParam ();

  open (row.sends_iss);
  std::string page = visit (answer (row.target));

  EXPECT_THAT (page,
               AllOf (HasSubstr (row.words), Not (HasSubstr ("evil")), Not (HasSubstr ("alert"))));
  EXPECT_THAT (outcome (), AllOf (Not (HasSubstr ("evil")), Not (HasSubstr ("alert"))));
  EXPECT_THAT (error, FailsWith (row.want));
}

INSTANTIATE_TEST_SUITE_P (
    Ends,
    ListenerEndTest,
    testing::Values (
        EndCase{ "Denied", "&error=access_denied", false, BFY_ERROR_DENIED, "Not signed in" },
        EndCase{ "Refused", "&error=server_error&error_description=evil", false,
                 BFY_ERROR_UPSTREAM_FAILED, "The service refused" },
        EndCase{ "Html", "&error=%3Cscript%3Ealert(1)", false, BFY_ERROR_UPSTREAM_FAILED,
                 "The service refused" },
        EndCase{ "NoCode", "", false, BFY_ERROR_UPSTREAM_FAILED, "Not complete" },
        EndCase{ "WrongIssuer", "&code=abc&iss=https://evil.example", false, BFY_ERROR_DENIED,
                 "another server" },
        EndCase{ "WrongIssuerOfAnError", "&error=access_denied&iss=https://evil.example", false,
                 BFY_ERROR_DENIED, "another server" },
        EndCase{ "NoIssuer", "&code=abc", true, BFY_ERROR_DENIED, "another server" }),
    case_name<EndCase>);

// A20: the same answer again, and whoever was connected all the time, get nothing.
TEST_F (Listener, TakesOneAnswer)
{
  open ();
  int old_port = port ();
  Browser waiting (old_port);
  ASSERT_TRUE (waiting.send ("GET " + answer ("&code=second")));

  visit (answer ("&code=first"));
  EXPECT_EQ (outcome (), "first");
  waiting.send (" HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string (old_port) + "\r\n\r\n");
  EXPECT_FALSE (Browser (old_port).is_connected ());
  EXPECT_THAT (waiting.read (), Not (HasSubstr ("Almost done")));
  EXPECT_EQ (done.n_calls (), 1);
}

// Both heads are there before either is looked at.
TEST_F (Listener, OfTwoAnswersAtOnceOneCounts)
{
  open ();
  Browser one (port ()), two (port ());

  one.send (request (answer ("&code=one")));
  two.send (request (answer ("&code=two")));
  outcome ();
  std::string pages = one.read () + two.read ();

  EXPECT_EQ (pages.find ("<h1>Almost done"), pages.rfind ("<h1>Almost done"));
  EXPECT_EQ (done.n_calls (), 1);
}

TEST_F (Listener, AHeadIsCapped)
{
  open ();
  Browser slow (port ());

  slow.send ("GET " + answer ("&code=abc") +
             " HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + std::string (16 * 1024, 'x'));
  EXPECT_THAT (slow.read (), StartsWith ("HTTP/1.1 400 "));
  EXPECT_THAT (visit (answer ("&code=abc"), "X: " + std::string (9 * 1024, 'x') + "\r\n"),
               StartsWith ("HTTP/1.1 400 "));
  EXPECT_FALSE (done.is_ready ());
}

TEST_F (Listener, WhatIsNotHttpIsRefused)
{
  open ();
  Browser browser (port ());

  browser.send ("GET /callback\r\n\r\n");
  EXPECT_THAT (browser.read (), StartsWith ("HTTP/1.1 400 "));
  EXPECT_FALSE (done.is_ready ());
}

TEST_F (Listener, ASlowVisitorIsDroppedAndHoldsUpNobody)
{
  open (false, BFY_LISTENER_TIMEOUT_MS, kVisitMs);
  Browser slow (port ());

  slow.send ("GET /callback?sta");
  EXPECT_THAT (visit ("/"), StartsWith ("HTTP/1.1 404 "));
  EXPECT_EQ (slow.read (), "");
  EXPECT_FALSE (done.is_ready ());
  visit (answer ("&code=abc"));
  EXPECT_EQ (outcome (), "abc");
}

// Another user of the machine can connect, but cannot take all the places.
TEST_F (Listener, ManySlowVisitorsMakeRoom)
{
  std::vector<std::unique_ptr<Browser>> crowd;

  open (false, BFY_LISTENER_TIMEOUT_MS, 10 * await_deadline_ms);
  for (int i = 0; i < 3 * BFY_LISTENER_VISITS_MAX; i++)
    {
      crowd.push_back (std::make_unique<Browser> (port ()));
      ASSERT_TRUE (crowd.back ()->send ("GET /"));
    }
  EXPECT_TRUE (wait_until ([&] { return crowd.front ()->has_ended (); }));
  visit (answer ("&code=abc"));
  EXPECT_EQ (outcome (), "abc");
}

TEST_F (Listener, EndsInTime)
{
  open (false, 50);
  int old_port = port ();

  outcome ();
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_TIMEOUT));
  EXPECT_FALSE (Browser (old_port).is_connected ());
}

TEST_F (Listener, EndsWhenItIsCancelled)
{
  open ();
  int old_port = port ();
  Browser connected (old_port);

  g_cancellable_cancel (cancellable);
  outcome ();
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CANCELLED));
  EXPECT_FALSE (Browser (old_port).is_connected ());
  g_clear_pointer (&listener, bfy_listener_free);
  EXPECT_EQ (connected.read (), "");
}

TEST_F (Listener, APortThatIsTakenIsAnError)
{
  open ();

  EXPECT_EQ (bfy_listener_new (bfy_listener_get_port (listener), kVisitMs, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
}

TEST_F (Listener, OnlyLoopbackIsListenedTo)
{
  struct ifaddrs *addresses = nullptr;
  bool was_tried = false;

  open ();
  ASSERT_EQ (getifaddrs (&addresses), 0);
  for (struct ifaddrs *at = addresses; at != nullptr; at = at->ifa_next)
    {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET ||
          (at->ifa_flags & IFF_LOOPBACK) != 0)
        continue;
      was_tried = true;
      // From an address of this machine that is not loopback to the port on loopback.
      const auto *own = reinterpret_cast<struct sockaddr_in *> (at->ifa_addr);
      Browser browser (port (), &own->sin_addr);

      if (!browser.is_connected ())
        continue;
      browser.send (request (answer ("&code=abc")));
      EXPECT_EQ (browser.read (), "");
    }
  freeifaddrs (addresses);
  EXPECT_FALSE (done.is_ready ());
  if (!was_tried)
    GTEST_SKIP () << "no address but loopback here";
}

} // namespace
