/* A libnvidia-ml with version 2 of the lists of processes. */
#define FAKE_SUFFIX _v2
#define FAKE_INSTANCES 1
#include "fake_nvml.h"
