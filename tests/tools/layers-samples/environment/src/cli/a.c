const char *a = getenv("A");
int b = setenv ("B", "", 1);
