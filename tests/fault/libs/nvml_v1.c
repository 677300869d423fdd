/* A libnvidia-ml with version 1 of the lists of processes. */
#define FAKE_SUFFIX
#define FAKE_INSTANCES 0
#include "fake_nvml.h"
