/* bare_private.h: not public. */
int bare_inner(void);
