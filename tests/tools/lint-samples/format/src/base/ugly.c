/* Braces. */
int ugly(void) {
    return 1;
}
