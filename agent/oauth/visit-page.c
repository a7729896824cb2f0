/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the browser shows at the end of a sign-in. Static, without scripts, images and links: the
 * address of this page holds a code, and nothing may carry it on. */

#include <string.h>

#include "agent/door/reply.h"
#include "agent/oauth/visit.h"

typedef struct
{
  guint status;
  const char *title;
  const char *text;
} Page;

#define AGAIN "Go back to the terminal, where bindify says more, and try again."

static const Page pages[] = {
  [BFY_CALLBACK_FOREIGN] = { 403, "Not allowed",
                             "Only the sign-in page of a service may come back here, and only by "
                             "leading the browser to this address." },
  [BFY_CALLBACK_ELSEWHERE] = { 404, "Nothing here",
                               "This is where a sign-in ends; there is "
                               "nothing else at this address." },
  [BFY_CALLBACK_BAD_METHOD] = { 405, "Not allowed", "This address is only read, not written to." },
  [BFY_CALLBACK_MALFORMED] = { 400, "Not understood",
                               "This is not an answer that bindify can read. " AGAIN },
  [BFY_CALLBACK_BAD_STATE] = { 400, "Not the sign-in that was begun",
                               "This answer belongs to no sign-in that bindify waits for; perhaps "
                               "to an older one. The one that was begun last goes on." },
  [BFY_CALLBACK_BAD_ISSUER] = { 400, "From the wrong server",
                                "The answer comes from another server than the one that was asked, "
                                "so bindify does not use it. " AGAIN },
  [BFY_CALLBACK_NO_CODE] = { 400, "Not complete",
                             "The service sent you back without what is needed to sign "
                             "in. " AGAIN },
  [BFY_CALLBACK_DENIED] = { 200, "Not signed in",
                            "Access was not granted, so bindify has stored nothing. You may close "
                            "this page." },
  [BFY_CALLBACK_REFUSED] = { 200, "Not signed in",
                             "The service refused the sign-in, and bindify has stored "
                             "nothing. " AGAIN },
  [BFY_CALLBACK_CODE] = { 200, "Almost done",
                          "bindify has the answer of the service. Go back to the terminal to see "
                          "that everything worked; you may close this page." },
};

GBytes *
bfy_visit_format_page (BfyCallbackVerdict verdict)
{
  const Page *page = &pages[verdict];
  g_autofree char *body =
      g_strdup_printf ("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<title>%s – bindify</title>\n<h1>%s</h1>\n<p>%s</p>\n</html>\n",
                       page->title, page->title, page->text);
  GString *text = bfy_reply_format_head (page->status, FALSE);
  gsize length;

  g_string_append (text, "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
                         "Content-Type: text/html; charset=utf-8\r\nConnection: close\r\n");
  if (page->status == 405)
    g_string_append (text, "Allow: GET\r\n");
  g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", strlen (body),
                          body);
  length = text->len;

  return g_bytes_new_take (g_string_free (text, FALSE), length);
}
