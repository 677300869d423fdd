#include "machine/identity.h"
