/* The words for a truth that may be unknown, as JSON and tables show it. */
#include "base/known.h"

const char *truth_text(enum truth truth)
{
    static const char *const words[] = {
        [TRUTH_UNKNOWN] = "unknown", [TRUTH_NO] = "no", [TRUTH_YES] = "yes"
    };
    return words[truth];
}
