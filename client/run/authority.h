/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A certificate authority that lives for as long as it takes to make the certificates of one run:
 * one for each host that the proxy of the run plays. Its key is never written anywhere and is gone
 * when this function returns, so that nobody can have it sign anything more. It could sign for
 * these hosts only in any case: its name constraints (RFC 5280, 4.2.1.10) are critical. */

#define BFY_RUN_AUTHORITY_DAYS 1

typedef struct
{
  char *authority;         /* (owned) PEM, for those who are to trust it */
  GPtrArray *certificates; /* (owned) (element-type GTlsCertificate) with keys, as the hosts */
} BfyRunPapers;

/* @hosts: DNS names. BFY_ERROR_FAILED. Free with bfy_run_papers_free(). */
BfyRunPapers *bfy_run_papers_new (const char *const *hosts,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_run_papers_free (BfyRunPapers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunPapers, bfy_run_papers_free)
