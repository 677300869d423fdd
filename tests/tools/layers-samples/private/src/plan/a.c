#include "plan/plan_private.h"
#include "base/yaml_private.h"
