/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a policy says about an HTTP request. */

#include <string.h>

#include "protocol/http-path.h"
#include "protocol/policy-private.h"

#define METHOD_BYTES_MAX 32

static gboolean
is_token (const char *method)
{
  gsize length = strspn (method, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

  return length > 0 && length <= METHOD_BYTES_MAX && method[length] == '\0';
}

static gboolean
is_json (const char *content_type)
{
  gsize length = content_type != NULL ? strcspn (content_type, "; \t") : 0;

  if (length == strlen ("application/json") &&
      g_ascii_strncasecmp (content_type, "application/json", length) == 0)
    return TRUE;

  return length > strlen ("+json") && g_ascii_strncasecmp (content_type + length - strlen ("+json"),
                                                           "+json", strlen ("+json")) == 0;
}

/* FALSE when there is no body that every server reads as the same JSON. */
static gboolean
read_body (const BfyHttpMessage *request, BfyJsonSlice *root)
{
  if (request->body == NULL || !is_json (request->content_type) ||
      !bfy_json_check (request->body, request->body_length, NULL))
    return FALSE;
  bfy_json_slice_root (request->body, request->body_length, root);

  return TRUE;
}

BfyPolicyVerdict
bfy_policy_check_request (const BfyPolicy *self,
                          const BfyHttpMessage *request,
                          const BfyPolicyFacts *facts,
                          GPtrArray *steps)
{
  char path[BFY_HTTP_TARGET_BYTES_MAX + 1];
  g_auto (BfyFold) folded_method = { .heap = NULL };
  g_auto (BfyFold) folded_path = { .heap = NULL };
  const char *question = strchr (request->target, '?');
  BfyPolicySubject subject = {
    .kind = BFY_POLICY_HTTP, .method = request->method, .name = path, .facts = facts
  };
  BfyJsonSlice root;

  if (!is_token (request->method) || !bfy_http_path_read (request->target, path))
    return bfy_policy_unclear (self, steps);
  subject.folded_method = bfy_fold (&folded_method, request->method);
  subject.folded_name = bfy_fold (&folded_path, path);
  subject.graphql = bfy_graphql_of_http (
      path, question != NULL ? question + 1 : NULL, request->content_type, request->body,
      request->body != NULL ? request->body_length : 0, self != NULL && self->has_graphql);
  subject.is_git_fetch_type =
      g_strcmp0 (request->content_type, "application/x-git-upload-pack-request") == 0;
  if (self != NULL && self->has_http && steps == NULL)
    {
      subject.marks = bfy_http_path_marks (subject.name);
      subject.folded_marks = bfy_http_path_marks (subject.folded_name);
    }
  if (self != NULL && self->has_arguments && read_body (request, &root))
    subject.arguments = &root;

  return bfy_policy_decide_subject (self, &subject, steps);
}

BfyPolicyVerdict
bfy_policy_check_http (const BfyPolicy *self,
                       const BfyHttpMessage *request,
                       const BfyPolicyFacts *facts)
{
  return bfy_policy_check_request (self, request, facts, NULL);
}
