#  include "cli/command.h"
#include "c_part.h"
#include "../base/err.h"
