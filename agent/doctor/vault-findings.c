/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/vault-findings.h"

#include "keyring/vault.h"

static void
check_orphans (const BfyVaultInfo *info, GPtrArray *findings)
{
  for (guint i = 0; info->orphans[i] != NULL; i++)
    bfy_findings_add (
        findings, "vault_key_missing", NULL,
        g_strdup_printf ("Credentials in the vault need the data key %s, which is not in it any "
                         "more",
                         info->orphans[i]),
        g_strdup ("bindify vault restore FILE, with a backup from when it was; without one, "
                  "bindify login NAME for each credential that cannot be read"));
}

static void
check_rotation (const BfyVaultInfo *info, GPtrArray *findings)
{
  switch (info->rotation)
    {
    case BFY_ROTATION_NONE:
    case BFY_ROTATION_COMPLETED:
      return;
    case BFY_ROTATION_PENDING:
    case BFY_ROTATION_VALIDATED:
    case BFY_ROTATION_MIGRATING:
      bfy_findings_add (findings, "vault_rotation_unfinished", NULL,
                        g_strdup_printf ("The change of the vault's data key did not come to its "
                                         "end: %u credentials are still encrypted with an old one",
                                         info->n_left),
                        g_strdup ("bindify vault rotate"));
      return;
    case BFY_ROTATION_PARTIAL:
      bfy_findings_add (findings, "vault_rotation_partial", NULL,
                        g_strdup_printf ("The last change of the vault's data key left %u "
                                         "credentials alone that could not be opened",
                                         info->n_left),
                        g_strdup ("bindify vault check, which names them"));
      return;
    case BFY_ROTATION_FAILED:
    case BFY_ROTATION_REJECTED:
      bfy_findings_add (findings, "vault_rotation_refused", NULL,
                        g_strdup ("The last change of the vault's data key was refused; nothing "
                                  "was changed"),
                        g_strdup ("bindify vault rotate, which says why"));
      return;
    }
}

static gboolean
has_key_file_slot (const BfyVaultInfo *info)
{
  for (guint i = 0; i < info->slots->len; i++)
    if (g_array_index (info->slots, BfyVaultSlot, i).kind == BFY_VAULT_SLOT_KEY_FILE)
      return TRUE;

  return FALSE;
}

/* It may be a person's own file, and it opens backups of its time: nobody removes it for them. */
static void
check_key_file (const BfyVaultInfo *info, GPtrArray *findings)
{
  g_autofree char *quoted = g_shell_quote (info->key_file);

  if (info->slots->len == 0 || has_key_file_slot (info) ||
      !g_file_test (info->key_file, G_FILE_TEST_EXISTS))
    return;

  bfy_findings_add (findings, "vault_key_file_left", NULL,
                    g_strdup_printf ("The key file %s does not open the vault any more; it still "
                                     "opens backups from when it did",
                                     info->key_file),
                    g_strdup_printf ("rm %s", quoted));
}

void
bfy_doctor_look_at_vault (BfyAgent *agent, GPtrArray *findings)
{
  BfyVault *vault = BFY_VAULT (bfy_keyrings_find (agent->keyrings, BFY_KEYRING_VAULT, NULL));
  g_autoptr (BfyVaultInfo) info = bfy_vault_get_info (vault);

  switch (info->state)
    {
    case BFY_KEYRING_READY:
      check_orphans (info, findings);
      check_rotation (info, findings);
      check_key_file (info, findings);
      break;
    case BFY_KEYRING_LOCKED:
      check_key_file (info, findings);
      break;
    case BFY_KEYRING_ABSENT:
    case BFY_KEYRING_DAMAGED:
      break;
    }
}
