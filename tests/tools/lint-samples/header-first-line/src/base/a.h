/* b.h: the name of another. */
