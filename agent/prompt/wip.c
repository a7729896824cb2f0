#include <gio/gio.h>
#include "agent/lock/lock.h"
gboolean bfy_lock_has_approval_passphrase (const BfyLock *self) { return FALSE; }
void bfy_lock_check_approval_async (BfyLock *self, BfySecret *p, GCancellable *c, GAsyncReadyCallback cb, gpointer u) { }
gboolean bfy_lock_check_approval_finish (BfyLock *self, GAsyncResult *result, GError **error) { return FALSE; }
