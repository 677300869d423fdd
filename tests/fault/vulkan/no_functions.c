/* A library of that name without a function of Vulkan. */
int something_else(void);

int something_else(void)
{
    return 0;
}
