/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a probe asks, and what its answer asks for. */

#include "agent/enrol/probe.h"
#include "bfy-config.h"

static const char initialize_body[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
    "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
    "\"clientInfo\":{\"name\":\"bindify\",\"version\":\"" BFY_VERSION "\"}}}";

BfyAuth
bfy_auth_from_challenge (const BfyChallenge *challenge)
{
  if (challenge->has_bearer)
    return challenge->resource_metadata != NULL ? BFY_AUTH_OAUTH : BFY_AUTH_BEARER;

  return challenge->has_basic ? BFY_AUTH_BASIC : BFY_AUTH_UNKNOWN;
}

const char *
bfy_auth_to_wire (BfyAuth auth)
{
  static const char *const wires[] = {
    [BFY_AUTH_UNKNOWN] = "unknown", [BFY_AUTH_NONE] = "none",   [BFY_AUTH_BASIC] = "basic",
    [BFY_AUTH_BEARER] = "bearer",   [BFY_AUTH_OAUTH] = "oauth",
  };

  return wires[auth];
}

void
bfy_probe_init_mcp (BfyProbe *probe,
                    const BfyBinding *binding,
                    const BfyInjection *injection,
                    const BfyCredential *credential)
{
  *probe = (BfyProbe){ .method = "POST",
                       .binding = binding,
                       .url = binding->url,
                       .body = initialize_body,
                       .injection = injection,
                       .credential = credential };
}

void
bfy_probe_init (BfyProbe *probe, const BfyBinding *binding, const BfyCredential *credential)
{
  bfy_probe_init_mcp (probe, binding, binding->injection, credential);
  if (!bfy_binding_has_rest_url (binding))
    return;
  probe->method = "GET";
  probe->body = NULL;
}

void
bfy_probe_use (BfyProbe *probe, const BfyServiceProbe *known)
{
  probe->method = known->method;
  probe->url = known->url;
  probe->body = known->body;
  probe->headers = known->headers;
  probe->accounts = (const char *const *) known->accounts;
  if (known->injection != NULL)
    probe->injection = known->injection;
}

gboolean
bfy_probe_is_mcp (const BfyProbe *probe)
{
  return probe->body == initialize_body;
}
