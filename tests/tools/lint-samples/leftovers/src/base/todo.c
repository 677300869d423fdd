/* TODO: one. */
/* FIXME: two. */
/* XXX three; XXXL is a size. */
int a;
