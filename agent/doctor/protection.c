/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/protection.h"

#include <glib/gi18n-lib.h>

#include "keyring/vault.h"

typedef enum
{
  PROTECTION_PLAIN,      /* a program of the user finds everything that it needs */
  PROTECTION_PASSPHRASE, /* what opens the vault is in nobody's files */
  PROTECTION_CREDENTIAL, /* systemd keeps it, and gives it to the service */
} Protection;

static const struct
{
  const char *level, *meaning;
} descriptions[] = {
  [PROTECTION_PLAIN] = { "L0",
                         N_ ("Credentials are kept from config files, chats, logs, other users "
                             "and copied disks. A program that runs as you, outside a sandbox, "
                             "can still ask the Secret Service for its items, or read the "
                             "vault's key beside the vault, and can use your bindings through "
                             "the agent.") },
  [PROTECTION_PASSPHRASE] = { "L1",
                              N_ ("Credentials rest in the vault, which only your passphrase or "
                                  "recovery code opens: all your files together do not tell "
                                  "them. A program that runs as you, outside a sandbox, can "
                                  "still watch you type, put another program in the place of "
                                  "bindify, and use your bindings through the agent.") },
  [PROTECTION_CREDENTIAL] = { "L1",
                              N_ ("Credentials rest in the vault, which opens with a systemd "
                                  "credential: a copy of your files does not tell them. A "
                                  "program that runs as you, outside a sandbox, and looks for "
                                  "that credential can read it while the agent runs, put another "
                                  "program in the place of bindify, and use your bindings "
                                  "through the agent.") },
};

/* The desktop's keyring hands its items to every program of the user; the memory keyring rests
 * nowhere. */
static gboolean
uses_desktop (BfyAgent *agent)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      if (g_str_equal (binding->keyring, BFY_KEYRING_SECRET_SERVICE) &&
          !g_str_equal (binding->auth_type, "none"))
        return TRUE;
    }

  return FALSE;
}

/* Without slots there is no vault, or one of format 1 with its key beside it. */
static Protection
of_vault (const BfyVaultInfo *info)
{
  Protection protection = info->slots->len > 0 ? PROTECTION_PASSPHRASE : PROTECTION_PLAIN;

  for (guint i = 0; i < info->slots->len; i++)
    {
      switch (g_array_index (info->slots, BfyVaultSlot, i).kind)
        {
        case BFY_VAULT_SLOT_KEY_FILE:
          return PROTECTION_PLAIN;
        case BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL:
          protection = PROTECTION_CREDENTIAL;
          break;
        case BFY_VAULT_SLOT_PASSPHRASE:
        case BFY_VAULT_SLOT_RECOVERY:
          break;
        }
    }

  return protection;
}

JsonObject *
bfy_doctor_describe_protection (BfyAgent *agent)
{
  BfyVault *vault = BFY_VAULT (bfy_keyrings_find (agent->keyrings, BFY_KEYRING_VAULT, NULL));
  g_autoptr (BfyVaultInfo) info = bfy_vault_get_info (vault);
  gboolean is_plain = uses_desktop (agent) || !bfy_secret_memory_is_locked ();
  Protection protection = is_plain ? PROTECTION_PLAIN : of_vault (info);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "level", descriptions[protection].level);
  json_object_set_string_member (object, "meaning", descriptions[protection].meaning);

  return object;
}
