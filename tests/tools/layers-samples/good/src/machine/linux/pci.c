#include <dirent.h>

#include "platform/linux/proc.h"
