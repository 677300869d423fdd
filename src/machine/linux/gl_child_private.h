/* gl_child_private.h: what the GL child and its parent agree on.
 * Room: machine (linux). */
#ifndef QWGUARD_MACHINE_LINUX_GL_CHILD_PRIVATE_H
#define QWGUARD_MACHINE_LINUX_GL_CHILD_PRIVATE_H

/* Descriptor that the answer is written to. */
#define GL_ANSWER_FD 3

/* Variable that names the context to make: gl_api_text(). */
#define GL_WANTED_VARIABLE "QWGUARD_GL_PROBE"

#endif
