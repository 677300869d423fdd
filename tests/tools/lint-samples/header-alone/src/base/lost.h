/* lost.h: includes what is not there. */
#include "base/nowhere.h"
