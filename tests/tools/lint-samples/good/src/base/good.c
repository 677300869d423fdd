/* Nothing here is refused: names in comments (strcpy(), exit()), in "strings", in members and in
 * longer words; a table of any length; printing in a print function. */
#include "base/good.h"

#include <fcntl.h>

struct ops {
    int (*open)(const char *path);
    void (*exit)(int status);
};

int good_twice(int number)
{
    const char *text = "sprintf(atoi(), \"system(1)\")";
    return number + number + (text[0] == 'x');
}

int good_print(FILE *out, const char *format, ...)
{
    static const int rows[] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
        23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,
        46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68,
        69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    };
    puts(format);
    return fprintf(out, "%d", rows[1]);
}

int good_call(const struct ops *ops, const char *path)
{
    ops->exit(0);
    return ops->open(path) + open(path, O_RDONLY | O_CLOEXEC)
           + openat(AT_FDCWD, path, (O_RDONLY | O_DIRECTORY) | O_CLOEXEC);
}
