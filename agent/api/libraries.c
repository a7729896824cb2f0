/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/libraries.h"

#define SECRET_API_SUBJECT_TO_CHANGE /* nothing of it but its version is used here */

#include <libsecret/secret.h>
#include <libsoup/soup.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

static void
add (JsonArray *array, const char *name, const char *version)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "version", version);
  json_array_add_object_element (array, object);
}

static void
add_numbers (JsonArray *array, const char *name, guint major, guint minor, guint micro)
{
  g_autofree char *version = g_strdup_printf ("%u.%u.%u", major, minor, micro);

  add (array, name, version);
}

JsonArray *
bfy_api_describe_libraries (void)
{
  JsonArray *array = json_array_new ();

  add_numbers (array, "GLib", glib_major_version, glib_minor_version, glib_micro_version);
  add (array, "json-glib", JSON_VERSION_S);
  add_numbers (array, "libsecret", SECRET_MAJOR_VERSION, SECRET_MINOR_VERSION,
               SECRET_MICRO_VERSION);
  add_numbers (array, "libsoup", soup_get_major_version (), soup_get_minor_version (),
               soup_get_micro_version ());
  add (array, "OpenSSL", OpenSSL_version (OPENSSL_VERSION_STRING));
  add (array, "SQLite", sqlite3_libversion ());

  return array;
}
