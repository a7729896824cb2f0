/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/presented.h"

/* AWS Signature Version 4 (protocol/sigv4.h) of a request that goes out now. A client's own
 * signature, made with whatever key, is taken out; ours covers the host, the type and digest of the
 * body and all headers of Amazon's. The credential is the access key's id as user name, and as
 * secret its secret key, with ":" and a session token behind it if there is one.
 *
 * BFY_ERROR_CREDENTIAL_DAMAGED without an id; BFY_ERROR_UNSUPPORTED for a body whose pieces the
 * client has signed by itself. */
gboolean bfy_sign (BfyPresented *self,
                   const BfyOutgoing *request,
                   const BfyInjection *injection,
                   const BfyCredential *credential,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
