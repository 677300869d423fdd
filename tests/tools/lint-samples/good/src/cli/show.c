/* Commands print. */
#include <stdio.h>

void show(void)
{
    printf("yes\n");
}
