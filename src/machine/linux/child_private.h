/* child_private.h: what a child that loads drivers and its parent agree on, and its looks.
 * Room: machine (linux). */
#ifndef QWGUARD_MACHINE_LINUX_CHILD_PRIVATE_H
#define QWGUARD_MACHINE_LINUX_CHILD_PRIVATE_H

#include "machine/probe_private.h"

/* Descriptor that the answer is written to. */
#define PROBE_ANSWER_FD 3

/* Variable that names what to look at: probe_subject_text(). */
#define PROBE_WANTED_VARIABLE "QWGUARD_PROBE"

/**
 * Make contexts through libEGL and take their strings. Only in the child: loads a driver.
 *
 * wanted    the other one is made when there is none of it
 * out       GL_PROBE_OK, GL_PROBE_NO_LIBRARY or GL_PROBE_NO_CONTEXT, and the strings
 */
void gl_child_look(struct arena *arena, enum gl_api wanted, struct probe_result *out);

/**
 * Ask libvulkan for the names of its devices. Only in the child: loads drivers.
 *
 * out       GL_PROBE_OK (also without a device), GL_PROBE_NO_LIBRARY or GL_PROBE_NO_CONTEXT
 */
void vulkan_child_look(struct arena *arena, struct probe_result *out);

#endif
