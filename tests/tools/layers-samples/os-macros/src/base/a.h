#ifdef _WIN32
#elif defined(__MINGW32__) || defined(__linux__)
#endif
