#include "agent/prompt/hold.h"
struct _BfyHold
{
  int x;
};
BfyHold *
bfy_hold_new (BfyRequest *request, const BfyRpcMessage *message, const char *text)
{
  return g_new0 (BfyHold, 1);
}
void
bfy_hold_free (BfyHold *self)
{
  g_free (self);
}
gboolean
bfy_hold_keeps_alive (const BfyHold *self)
{
  return FALSE;
}
#include "agent/lock/lock.h"
gboolean bfy_lock_has_approval_passphrase (const BfyLock *self) { return FALSE; }
void bfy_lock_check_approval_async (BfyLock *self, BfySecret *p, GCancellable *c, GAsyncReadyCallback cb, gpointer u) { }
gboolean bfy_lock_check_approval_finish (BfyLock *self, GAsyncResult *result, GError **error) { return FALSE; }
