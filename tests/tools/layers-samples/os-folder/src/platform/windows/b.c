#include "platform/linux/proc.h"
