/* needs.h: uses a type that it does not include. */

/** Bytes. */
uint64_t needs(void);
