/* _inner.h: not public. */
int inner(void);
