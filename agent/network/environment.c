/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/environment.h"

#include "agent/child/launch.h"

static const char *
look_up_either (const char *const *variables, const char *lower, const char *upper)
{
  const char *value = bfy_launch_lookup (variables, lower);

  return value != NULL ? value : bfy_launch_lookup (variables, upper);
}

/* HTTP_PROXY in capitals is nobody's setting: a web server gives it the value of a header. */
BfyProxies *
bfy_environment_read_proxies (const char *const *variables, const char *setting)
{
  const BfyProxyVariables proxies = {
    .http_proxy = bfy_launch_lookup (variables, "http_proxy"),
    .https_proxy = look_up_either (variables, "https_proxy", "HTTPS_PROXY"),
    .all_proxy = look_up_either (variables, "all_proxy", "ALL_PROXY"),
    .no_proxy = look_up_either (variables, "no_proxy", "NO_PROXY"),
  };

  return bfy_proxies_new (setting, &proxies);
}
