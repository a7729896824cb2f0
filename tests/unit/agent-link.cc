// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What is known of the local network, without one: story/local-names.py has one.

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/network/interfaces.h"
#include "agent/network/link-cache.h"
#include "agent/wakeable.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;

BfyInterface
interface_of (const char *address, guint n_bits)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  BfyInterface self = {};

  self.index = 1;
  self.length = static_cast<guint8> (g_inet_address_get_native_size (parsed));
  self.n_bits = static_cast<guint8> (n_bits);
  memcpy (self.bytes, g_inet_address_to_bytes (parsed), self.length);
  return self;
}

struct NetworkCase
{
  const char *name;
  const char *own;
  guint n_bits;
  const char *other;
  bool is_in;
};

class Interface : public testing::TestWithParam<NetworkCase>
{
};

struct BroadcastCase
{
  const char *name;
  guint n_bits;
  const char *want;
};

class Broadcast : public testing::TestWithParam<BroadcastCase>
{
};

// Of the cache: how many addresses it knows.
guint
count (BfyLinkCache *cache, const std::string &name, gint64 now_us)
{
  GList *found = bfy_link_cache_find (cache, name.c_str (), now_us);
  guint n = g_list_length (found);

  g_list_free_full (found, g_object_unref);
  return n;
}

void
put (BfyLinkCache *cache, const std::string &name, gint64 ends_at_us)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("192.168.7.2", 0);
  GList list = { address, nullptr, nullptr };

  bfy_link_cache_put (cache, name.c_str (), &list, ends_at_us);
}

} // namespace

TEST_P (Interface, HasItsNetwork)
{
  const BfyInterface self = interface_of (GetParam ().own, GetParam ().n_bits);
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string (GetParam ().other);

  EXPECT_EQ (bfy_interface_contains (&self, other), GetParam ().is_in);
}

INSTANTIATE_TEST_SUITE_P (
    Networks,
    Interface,
    testing::Values (NetworkCase{ "Neighbour", "192.168.7.1", 24, "192.168.7.200", true },
                     NetworkCase{ "OtherNetwork", "192.168.7.1", 24, "192.168.8.1", false },
                     NetworkCase{ "OddBits", "10.0.3.1", 22, "10.0.0.9", true },
                     NetworkCase{ "BesideOddBits", "10.0.3.1", 22, "10.0.4.1", false },
                     NetworkCase{ "Internet", "192.168.7.1", 24, "203.0.113.7", false },
                     NetworkCase{ "LinkLocal", "fe80::1", 64, "fe80::9", true },
                     NetworkCase{ "OtherFamily", "fe80::1", 64, "192.168.7.1", false }),
    case_name<NetworkCase>);

TEST_P (Broadcast, IsTheLastOfTheNetwork)
{
  const BfyInterface self = interface_of ("192.168.76.1", GetParam ().n_bits);
  guint8 bytes[4];

  bfy_interface_fill_broadcast (&self, bytes);

  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV4);

  EXPECT_EQ (take_text (g_inet_address_to_string (address)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Networks,
                          Broadcast,
                          testing::Values (BroadcastCase{ "Class", 24, "192.168.76.255" },
                                           BroadcastCase{ "Wide", 22, "192.168.79.255" },
                                           BroadcastCase{ "Wider", 8, "192.255.255.255" },
                                           BroadcastCase{ "Small", 30, "192.168.76.3" },
                                           BroadcastCase{ "One", 32, "192.168.76.1" }),
                          case_name<BroadcastCase>);

TEST (Interfaces, AreNotThisMachineItself)
{
  g_autoptr (GArray) list = bfy_interfaces_list ();

  for (guint i = 0; i < list->len; i++)
    EXPECT_NE (g_array_index (list, BfyInterface, i).bytes[0], 127);
}

TEST (LinkCache, KnowsNamesForAsLongAsItWasTold)
{
  g_autoptr (BfyLinkCache) cache = bfy_link_cache_new ();

  put (cache, "tv.local", 1000);
  EXPECT_EQ (count (cache, "tv.local", 999), 1u);
  EXPECT_EQ (count (cache, "radio.local", 999), 0u);
  EXPECT_EQ (count (cache, "tv.local", 1000), 0u);
  EXPECT_EQ (count (cache, "tv.local", 999), 0u);
}

TEST (LinkCache, ForgetsWhatWouldEndFirst)
{
  g_autoptr (BfyLinkCache) cache = bfy_link_cache_new ();

  put (cache, "short.local", 500);
  for (int i = 0; i < BFY_LINK_CACHE_MAX; i++)
    put (cache, std::to_string (i) + ".local", 1000 + i);
  EXPECT_EQ (count (cache, "short.local", 1), 0u);
  put (cache, "0.local", 2000);
  for (int i = 0; i < BFY_LINK_CACHE_MAX; i++)
    EXPECT_EQ (count (cache, std::to_string (i) + ".local", 1), 1u) << i;
}

TEST (Wakeable, IsADeviceInTheLocalNetwork)
{
  g_autoptr (BfyBinding) binding = bfy_binding_new ();
  Error error;

  binding->type = BFY_BINDING_HTTP;
  EXPECT_FALSE (bfy_wakeable_set (binding, "52:54:00:12:34:56", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr ("local-network"));
  EXPECT_TRUE (bfy_wakeable_set (binding, nullptr, error.out ()));

  binding->type = BFY_BINDING_LOCAL_NETWORK;
  ASSERT_TRUE (bfy_wakeable_set (binding, "52-54-00-AB-CD-EF", error.out ()));
  EXPECT_STREQ (binding->mac, "52:54:00:ab:cd:ef");
  EXPECT_FALSE (bfy_wakeable_set (binding, "ff:ff:ff:ff:ff:ff", error.out ()));
  EXPECT_STREQ (binding->mac, "52:54:00:ab:cd:ef");
  ASSERT_TRUE (bfy_wakeable_set (binding, nullptr, error.out ()));
  EXPECT_EQ (binding->mac, nullptr);
}
