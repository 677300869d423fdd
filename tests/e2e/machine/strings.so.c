/* A layer for LD_PRELOAD that lays other words over what the driver and the kernel say:
 * FAKE_MACHINE_GL_VENDOR, _GL_RENDERER and _GL_VERSION for GL's strings, FAKE_MACHINE_HIDE for
 * extensions that shall not be there (names between spaces), FAKE_MACHINE_KERNEL for the release of
 * the kernel; with FAKE_MACHINE_PCI (libpci.so.3.c) there is a PCI bus. Only Qt WebEngine's own
 * library is told so: Qt itself asks too, and would take other threads for unsafe. GL's functions
 * come from the loader, so dlsym, glXGetProcAddress and eglGetProcAddress are watched. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define GL_VENDOR 0x1F00
#define GL_EXTENSIONS 0x1F03
#define SAME_FUNCTION(to, from) memcpy(&(to), &(from), sizeof(to))

typedef void function(void);
typedef void *symbol_fn(void *handle, const char *name);
typedef void *address_fn(const unsigned char *name);
typedef const unsigned char *string_fn(unsigned name);
typedef const unsigned char *stringi_fn(unsigned name, unsigned index);

const unsigned char *glGetString(unsigned name);
const unsigned char *glGetStringi(unsigned name, unsigned index);
void *glXGetProcAddress(const unsigned char *name);
void *glXGetProcAddressARB(const unsigned char *name);
void *eglGetProcAddress(const unsigned char *name);

static string_fn *real_string;
static stringi_fn *real_stringi;
static address_fn *real_glx, *real_glx_arb, *real_egl;

static symbol_fn *real_dlsym(void)
{
    static const char *const versions[] = { "GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5" };
    static symbol_fn *found;
    for (size_t i = 0; !found && i < sizeof versions / sizeof *versions; i++) {
        void *symbol = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
        SAME_FUNCTION(found, symbol);
    }
    return found;
}

/* Is the code that called us part of the engine? */
static int is_engine(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "WebEngineCore");
}

/* The name among the words of FAKE_MACHINE_HIDE. */
static int is_hidden(const char *name, size_t length)
{
    const char *at = getenv("FAKE_MACHINE_HIDE");
    while (at && *at) {
        size_t word = strcspn(at, " ");
        if (word == length && strncmp(at, name, length) == 0)
            return 1;
        at += word + strspn(at + word, " ");
    }
    return 0;
}

/* GL's list of extensions in one string, without the hidden ones. */
static const unsigned char *shown(const unsigned char *all)
{
    static char kept[65536];
    size_t used = 0;
    for (const char *at = (const char *)all; at && *at;) {
        size_t word = strcspn(at, " ");
        if (!is_hidden(at, word) && used + word + 2 < sizeof kept)
            used += (size_t)snprintf(kept + used, sizeof kept - used, "%.*s ", (int)word, at);
        at += word + strspn(at + word, " ");
    }
    kept[used] = '\0';
    return all ? (const unsigned char *)kept : NULL;
}

const unsigned char *glGetString(unsigned name)
{
    static const char *const variables[] = { "FAKE_MACHINE_GL_VENDOR", "FAKE_MACHINE_GL_RENDERER",
                                             "FAKE_MACHINE_GL_VERSION" };
    const char *fake = NULL;
    if (!real_string) { /* a library that links to it */
        void *next = real_dlsym()(RTLD_NEXT, "glGetString");
        SAME_FUNCTION(real_string, next);
    }
    const unsigned char *real = real_string ? real_string(name) : NULL;
    if (!is_engine(__builtin_return_address(0)))
        return real;
    if (name == GL_EXTENSIONS)
        return shown(real);
    if (name - GL_VENDOR < sizeof variables / sizeof *variables)
        fake = getenv(variables[name - GL_VENDOR]);
    return fake && real ? (const unsigned char *)fake : real;
}

const unsigned char *glGetStringi(unsigned name, unsigned index)
{
    const unsigned char *real = real_stringi ? real_stringi(name, index) : NULL;
    int hidden = real && name == GL_EXTENSIONS
                 && is_hidden((const char *)real, strlen((const char *)real));
    return hidden && is_engine(__builtin_return_address(0))
               ? (const unsigned char *)"GL_MACHINE_hidden"
               : real;
}

/* Our function in place of the one found; what was found is called by ours. */
static void *laid_over(const char *name, void *found)
{
    static const struct {
        const char *name;
        void *real; /* where the found one is kept */
        function *ours;
    } rows[] = {
        { "glGetString", &real_string, (function *)glGetString },
        { "glGetStringi", &real_stringi, (function *)glGetStringi },
        { "glXGetProcAddress", &real_glx, (function *)glXGetProcAddress },
        { "glXGetProcAddressARB", &real_glx_arb, (function *)glXGetProcAddressARB },
        { "eglGetProcAddress", &real_egl, (function *)eglGetProcAddress },
    };
    for (size_t i = 0; found && i < sizeof rows / sizeof *rows; i++) {
        void *ours;
        SAME_FUNCTION(ours, rows[i].ours);
        if (strcmp(name, rows[i].name) != 0 || found == ours)
            continue;
        memcpy(rows[i].real, &found, sizeof found);
        return ours;
    }
    return found;
}

/* A direct call out of a library that links to it: the next one is the real one, or that of the
 * library which a plugin loaded for itself. */
static void *address_of(address_fn **real, const char *library, const char *itself,
                        const unsigned char *name)
{
    if (!*real) {
        void *next = real_dlsym()(RTLD_NEXT, itself);
        void *handle = next ? NULL : dlopen(library, RTLD_LAZY);
        if (handle)
            next = real_dlsym()(handle, itself);
        SAME_FUNCTION(*real, next);
    }
    return *real ? laid_over((const char *)name, (*real)(name)) : NULL;
}

void *glXGetProcAddress(const unsigned char *name)
{
    return address_of(&real_glx, "libGL.so.1", "glXGetProcAddress", name);
}

void *glXGetProcAddressARB(const unsigned char *name)
{
    return address_of(&real_glx_arb, "libGL.so.1", "glXGetProcAddressARB", name);
}

void *eglGetProcAddress(const unsigned char *name)
{
    return address_of(&real_egl, "libEGL.so.1", "eglGetProcAddress", name);
}

/* RTLD_NEXT means "behind the caller", so the real function must see the caller and not us: the
 * call is the last thing done, and the optimiser makes a jump of it. */
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("O2")))
#endif
void *
dlsym(void *restrict handle, const char *restrict name)
{
    symbol_fn *real = real_dlsym();
    int is_gl = strncmp(name, "gl", 2) == 0 || strncmp(name, "egl", 3) == 0;
    if (is_gl && handle != RTLD_NEXT)
        return laid_over(name, real(handle, name));
    return real(handle, name);
}

/* Chromium asks whether there is a PCI bus before it asks libpci; a container may have none. */
int access(const char *path, int mode)
{
    if (getenv("FAKE_MACHINE_PCI") && strncmp(path, "/sys/bus/pci", 12) == 0)
        return 0;
    return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

int uname(struct utsname *out)
{
    const char *release = getenv("FAKE_MACHINE_KERNEL");
    int got = (int)syscall(SYS_uname, out);
    if (got == 0 && release)
        (void)snprintf(out->release, sizeof out->release, "%s", release);
    return got;
}
