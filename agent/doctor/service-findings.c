/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/service-findings.h"

#include "agent/services.h"

void
bfy_service_findings (GPtrArray *findings, GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const BfyServiceProblem *problem = g_ptr_array_index (problems, i);
      g_autofree char *quoted = g_shell_quote (problem->path);

      bfy_findings_add (findings, problem->code, NULL, bfy_service_problem_format (problem),
                        g_strdup_printf ("bindify services check %s", quoted));
    }
}
