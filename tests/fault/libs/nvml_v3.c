/* A libnvidia-ml with version 3 of the lists of processes. */
#define FAKE_SUFFIX _v3
#define FAKE_INSTANCES 1
#include "fake_nvml.h"
