/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/wake.h"

#include "agent/network/link-socket.h"
#include "protocol/error.h"

typedef struct
{
  guint8 packet[BFY_MAC_PACKET_BYTES];
  guint n_rounds;
  guint n_networks; /* of the best round */
} Call;

static gboolean
send_to (GSocket *socket, const guint8 *bytes, const Call *call)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new (address, BFY_WAKE_PORT);

  return g_socket_send_to (socket, to, (const char *) call->packet, sizeof call->packet, NULL,
                           NULL) == sizeof call->packet;
}

/* Some switches pass the one on, some the other. */
static gboolean
send_in (const BfyInterface *interface, const Call *call)
{
  static const guint8 everybody[] = { 255, 255, 255, 255 };
  g_autoptr (GSocket) socket = bfy_link_socket_new_broadcast (interface);
  guint8 of_network[4];
  gboolean is_sent;

  if (socket == NULL)
    return FALSE;
  bfy_interface_fill_broadcast (interface, of_network);
  is_sent = send_to (socket, everybody, call);

  return send_to (socket, of_network, call) || is_sent;
}

static void
send_round (Call *call)
{
  g_autoptr (GArray) interfaces = bfy_interfaces_list ();
  guint n = 0;

  for (guint i = 0; i < interfaces->len; i++)
    if (send_in (&g_array_index (interfaces, BfyInterface, i), call))
      n++;
  call->n_rounds++;
  call->n_networks = MAX (call->n_networks, n);
}

static void
end (GTask *task)
{
  const Call *call = g_task_get_task_data (task);

  if (call->n_networks > 0)
    g_task_return_int (task, call->n_networks);
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "This computer is in no network in which something could be woken");
}

static gboolean
on_pause_over (gpointer user_data)
{
  GTask *task = user_data;
  Call *call = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  send_round (call);
  if (call->n_rounds < BFY_WAKE_ROUNDS)
    return G_SOURCE_CONTINUE;
  end (task);

  return G_SOURCE_REMOVE;
}

void
bfy_wake_async (const BfyMac *mac,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, bfy_wake_async);
  g_task_set_task_data (task, call, g_free);
  bfy_mac_fill_packet (mac, call->packet);
  send_round (call);
  g_timeout_add_full (G_PRIORITY_DEFAULT, BFY_WAKE_PAUSE_MS, on_pause_over, task, g_object_unref);
}

guint
bfy_wake_finish (GAsyncResult *result, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  return n > 0 ? (guint) n : 0;
}
