/* A file by the name of libEGL that has none of its functions. */
int nothing_of_egl(void);

int nothing_of_egl(void)
{
    return 0;
}
