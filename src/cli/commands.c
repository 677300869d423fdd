/* The table of all commands, in the order in which the help shows them. */
#include "cli/command.h"

/* clang-format off */
const struct command *const commands[] = {
    &command_run,
    &command_attach,
    &command_status,
    &command_reset,
    &command_check,
    &command_apply,
    &command_undo,
    &command_verify,
    &command_profile_list,
    &command_profile_show,
    &command_profile_match,
    &command_profile_validate,
    &command_profile_new,
    &command_rules_list,
    &command_rules_show,
    &command_rules_extract,
    &command_rules_eval,
    &command_flags_list,
    &command_flags_lint,
    &command_flags_merge,
    &command_incident_list,
    &command_incident_show,
    &command_incident_html,
    &command_incident_export,
    &command_incident_rm,
    &command_doctor,
    NULL,
};
/* clang-format on */
