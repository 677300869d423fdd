/* Which Linux it is: the kernel's release and os-release(5). */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"

static const char *const release_files[] = { "/etc/os-release", "/usr/lib/os-release" };

/* A value as a shell would read it: in quotes or not, with backslashes. */
static const char *value_read(struct arena *arena, const char *text, size_t length)
{
    char *value = arena_alloc(arena, length + 1);
    size_t count = 0;
    char quote = '\0';
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < length)
            value[count++] = text[++i];
        else if (quote ? c == quote : (c == '"' || c == '\''))
            quote = quote ? '\0' : c;
        else if (!quote && (c == ' ' || c == '\t'))
            break;
        else
            value[count++] = c;
    }
    return count ? text_clean(arena, value, count) : NULL;
}

static const char *release_get(struct arena *arena, const char *text, const char *key)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        size_t length = strcspn(text, "\r\n");
        size_t name = strlen(key);
        if (length > name && strncmp(text, key, name) == 0 && text[name] == '=')
            return value_read(arena, text + name + 1, length - name - 1);
    }
    return NULL;
}

void os_probe(struct arena *arena, const char *root, struct identity *out)
{
    out->os = (struct identity_os){ .name = "linux" };
    out->os.version = root_line(arena, root, "/proc/sys/kernel/osrelease");
    for (size_t i = 0; i < ROWS(release_files); i++) {
        const char *text = root_line(arena, root, release_files[i]);
        if (!text)
            continue;
        out->os.distribution = release_get(arena, text, "ID");
        out->os.distribution_version = release_get(arena, text, "VERSION_ID");
        return;
    }
}
