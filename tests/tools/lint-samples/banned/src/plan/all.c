/* Every banned call, one a line. */
void all(void)
{
    strcpy(0);
    stpcpy(0);
    strcat(0);
    sprintf(0);
    vsprintf(0);
    gets(0);
    strtok(0);
    strtok_r(0);
    atoi(0);
    atol(0);
    atoll(0);
    atof(0);
    strtol(0);
    strtoul(0);
    strtoll(0);
    strtoull(0);
    strtod(0);
    system(0);
    popen(0);
    alloca(0);
    sleep(0);
    usleep(0);
    exit(0);
    printf(0);
    vprintf(0);
    puts(0);
    putchar(0);
    open("a", 0);
    openat(1, "a", 2);
    creat("a", 0600);
}
