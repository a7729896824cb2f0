#include "agent/grant/grants.h"
#include "agent/prompt/prompts.h"
void __attribute__ ((weak)) bfy_grants_note_locked (BfyGrants *self)
{
}
guint __attribute__ ((weak)) bfy_grants_revoke_all (BfyGrants *self, const BfyGrantsFilter *filter)
{
  return 0;
}
void __attribute__ ((weak)) bfy_prompts_refuse_all (BfyPrompts *self,
                                                    const char *binding_id,
                                                    BfyErrorCode code,
                                                    const char *message)
{
}
void __attribute__ ((weak)) bfy_prompts_set_screen_locked (BfyPrompts *self, gboolean is_locked)
{
}
