/* child_private.h: what a child that loads drivers and its parent agree on, and its looks.
 * Room: machine (linux). */
#ifndef QWGUARD_MACHINE_LINUX_CHILD_PRIVATE_H
#define QWGUARD_MACHINE_LINUX_CHILD_PRIVATE_H

#include "machine/probe_private.h"

/* Descriptor that the answer is written to. */
#define PROBE_ANSWER_FD 3

/* Variable that names what to look at: probe_subject_text(). */
#define PROBE_WANTED_VARIABLE "QWGUARD_PROBE"

/* Variable that names the type of the session, where it is known. */
#define PROBE_SESSION_VARIABLE "QWGUARD_PROBE_SESSION"

/* The functions of GL itself, by which a current context says what it is. */
struct gl_functions {
    const unsigned char *(*get_string)(unsigned name);
    const unsigned char *(*get_string_i)(unsigned name, unsigned index); /* NULL below GL 3 */
    void (*get_integer)(unsigned name, int *out);
};

/**
 * Put an address that dlsym() or its like gave into a pointer to a function, as dlsym(3) advises.
 *
 * returns   false when there is no such function; the pointer is NULL then
 */
bool symbol_take(void *symbol, void *out_function);

/**
 * Strings of the context that is current.
 *
 * out       untouched when it tells no version and renderer
 * returns   false then
 */
bool gl_strings_take(struct arena *arena, const struct gl_functions *gl, struct gl_strings *out);

/**
 * Make contexts through libEGL and take their strings. Only in the child: loads a driver. The
 * running display comes first, whatever it draws with: the engine gets its context there.
 *
 * wanted    the other one is made when there is none of it
 * session   its type; NULL = unknown
 * out       GL_PROBE_OK, GL_PROBE_NO_LIBRARY or GL_PROBE_NO_CONTEXT, and the strings
 */
void gl_child_look(struct arena *arena, enum gl_api wanted, const char *session,
                   struct probe_result *out);

/**
 * Make a context of desktop GL by GLX on the display that DISPLAY names, as Qt does on X11. Only in
 * the child.
 *
 * out       GL_PROBE_OK, strings and direct_rendering; GL_PROBE_NO_CONTEXT alone when the display
 *           is there and has none, untouched without a display
 * returns   true when there is a context
 */
bool glx_child_look(struct arena *arena, struct probe_result *out);

/**
 * Ask libvulkan for the names of its devices. Only in the child: loads drivers.
 *
 * out       GL_PROBE_OK (also without a device), GL_PROBE_NO_LIBRARY or GL_PROBE_NO_CONTEXT
 */
void vulkan_child_look(struct arena *arena, struct probe_result *out);

#endif
