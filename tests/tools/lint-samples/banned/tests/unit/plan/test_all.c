/* Tests may print and end, but no test waits or uses what cannot be bounded. */
int main(void)
{
    usleep(1);
    printf("fine");
    exit(1);
}
