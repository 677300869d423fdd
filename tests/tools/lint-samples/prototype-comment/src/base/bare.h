/* bare.h: some prototypes without their comment. */
#define BARE(first, second, third, fourth)                                                         \
    do_nothing_at_all(first, second, third, fourth, (first), (second))
int bare_first(void);

/** Has one. */
int bare_second(const char *text, int count);
int bare_third(int (*callback)(int), int count);

/** One that is too far away. */

int bare_fourth(void);

/* Not the kind that tells what is taken and returned. */
__attribute__((noreturn)) void bare_fifth(void);
