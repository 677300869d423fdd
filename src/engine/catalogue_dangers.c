/* The catalogue: switches that run programs, take protection away, move data, write files or lie
 * about the machine. No profile may write one, however it is spelled; who writes one himself is
 * told what it does. */
#include "engine/catalogue_private.h"

#include <stddef.h>

#include "base/macros.h"

#define WRITES "it writes files"
#define LIES "it tells the engine another GPU than there is"
#define SWITCHES_NETWORK "services/network/public/cpp/network_switches.cc"
#define SWITCHES_SANDBOX "sandbox/policy/switches.cc"
#define SWITCHES_MEDIA "media/base/media_switches.cc"
/* clang-format off */
#define DANGER(switch, does, values, why, ...)                                                     \
    { switch, does, values, .class = CLASS_DANGEROUS, .refuse = why, .source = __VA_ARGS__ }

static const struct catalogue_row rows[] = {
    DANGER("--renderer-cmd-prefix", "starts renderers through another program", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--zygote-cmd-prefix", "starts the zygote through another program", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--utility-cmd-prefix", "starts utilities through another program", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--gpu-launcher", "starts the GPU process through another program", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--ppapi-plugin-launcher", "starts plug-ins through another program", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--browser-subprocess-path", "another program for all helpers; Qt writes its own behind",
           VALUE_ANY, RUNS, SWITCHES_CONTENT),
    DANGER("--test-gl-lib", "loads another library as OpenGL", VALUE_ANY, RUNS, SWITCHES_GL),
    DANGER("--mojo-core-library-path", "loads another library for messages", VALUE_ANY, RUNS,
           SWITCHES_CONTENT),
    DANGER("--register-pepper-plugins", "loads plug-ins", VALUE_ANY, RUNS, SWITCHES_CONTENT),
    DANGER("--ppapi-flash-path", "loads a plug-in", VALUE_ANY, RUNS, QT_CONTEXT),
    DANGER("--widevine-path", "loads a library for protected media", VALUE_ANY, RUNS, QT_CONTEXT),
    DANGER("--load-extension", "loads an extension", VALUE_ANY, RUNS,
           "extensions/common/switches.cc", .since = "6.10",
           .why_not = "Qt WebEngine has extensions from 6.10 on"),
    DANGER("--js-flags", "flags of V8", VALUE_ANY,
           "of its values only --predictable-gc-schedule is harmless", SWITCHES_CONTENT),
    DANGER("--wait-for-debugger*", "stops a process at its start", VALUE_ANY,
           "it stops the process until a debugger comes", SWITCHES_BASE),

    DANGER("--no-sandbox", "renderers may do all that the user may", VALUE_NONE, OPENS,
           SWITCHES_SANDBOX,
           .better = "let the system allow user namespaces; do not run it as root"),
    DANGER("--disable-setuid-sandbox", "no sandbox by a set-uid helper", VALUE_NONE, OPENS,
           SWITCHES_SANDBOX),
    DANGER("--disable-seccomp-filter-sandbox", "renderers may make any system call", VALUE_NONE,
           OPENS, SWITCHES_SANDBOX),
    DANGER("--disable-namespace-sandbox", "no sandbox by namespaces", VALUE_NONE, OPENS,
           SWITCHES_SANDBOX),
    DANGER("--disable-gpu-sandbox", "no sandbox for a GPU process", VALUE_NONE, OPENS,
           SWITCHES_SANDBOX,
           .better = "leave it out: Qt WebEngine has no GPU process"),
    DANGER("--no-zygote*", "processes are started without the zygote and its sandbox", VALUE_NONE,
           OPENS, SWITCHES_SANDBOX),
    DANGER("--single-process", "pages run inside the application", VALUE_NONE, OPENS,
           SWITCHES_CONTENT, .cost = "a page that crashes takes the application with it"),
    DANGER("--disable-web-security", "any page reads any other", VALUE_NONE, OPENS,
           SWITCHES_CONTENT),
    DANGER("--disable-site-isolation-trials", "sites share processes", VALUE_NONE, OPENS,
           SWITCHES_CONTENT),
    DANGER("--disable-kill-after-bad-ipc", "a renderer that lies lives on", VALUE_NONE, OPENS,
           SWITCHES_CONTENT),
    DANGER("--allow-file-access*", "pages from files read other files", VALUE_NONE, OPENS,
           SWITCHES_CONTENT),
    DANGER("--allow-running-insecure-content", "secure pages run scripts from insecure ones",
           VALUE_NONE, OPENS, SWITCHES_CONTENT),
    DANGER("--unsafely-treat-insecure-origin-as-secure", "insecure pages count as secure",
           VALUE_ANY, OPENS, "components/network_session_configurator/common/network_switches.cc"),
    DANGER("--enable-blink-features", "features of pages that are not finished", VALUE_ANY, OPENS,
           SWITCHES_CONTENT),
    DANGER("--disable-blink-features", "features of pages, protecting ones too", VALUE_ANY, OPENS,
           SWITCHES_CONTENT),

    DANGER("--remote-debugging-*", "whoever connects controls all pages", VALUE_ANY, NETWORK,
           SWITCHES_CONTENT),
    DANGER("--remote-allow-origins", "pages may connect to DevTools", VALUE_ANY, NETWORK,
           SWITCHES_CONTENT),
    DANGER("--proxy-*", "sends traffic elsewhere", VALUE_ANY, NETWORK, SWITCHES_NETWORK),
    DANGER("--host-rules", "sends traffic elsewhere", VALUE_ANY, NETWORK, SWITCHES_NETWORK),
    DANGER("--host-resolver-rules", "sends traffic elsewhere", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--ignore-certificate-errors*", "anyone may pose as any site", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--allow-insecure-localhost", "this machine needs no certificate", VALUE_NONE, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--disable-webrtc-encryption", "calls can be listened to", VALUE_NONE, NETWORK,
           SWITCHES_CONTENT),
    DANGER("--ssl-key-log-file", "writes the keys of all connections", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--log-net-log", "writes all traffic into a file", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--auth-server-*", "gives passwords to servers unasked", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),
    DANGER("--auth-negotiate-*", "gives tickets to servers unasked", VALUE_ANY, NETWORK,
           SWITCHES_NETWORK),

    DANGER("--log-file", "writes the log into a file", VALUE_ANY, WRITES, SWITCHES_CONTENT),
    DANGER("--trace-*", "writes traces into files", VALUE_ANY, WRITES,
           "components/tracing/common/tracing_switches.cc"),
    DANGER("--profiling-*", "writes profiles into files", VALUE_ANY, WRITES, SWITCHES_BASE),
    DANGER("--disk-cache-dir", "puts the cache elsewhere", VALUE_ANY, WRITES,
           "chrome/common/chrome_switches.cc"),
    DANGER("--user-data-dir", "puts all data elsewhere", VALUE_ANY, WRITES, SWITCHES_CONTENT),
    DANGER("--crash-dumps-dir", "writes memory of crashes elsewhere", VALUE_ANY, WRITES,
           "chrome/common/chrome_switches.cc"),
    DANGER("--webrtc-event-logging", "writes calls into files", VALUE_ANY, WRITES,
           SWITCHES_MEDIA),

    DANGER("--gpu-vendor-id", "another vendor in place of PCI", VALUE_ANY, LIES, SWITCHES_GPU),
    DANGER("--gpu-device-id", "another device in place of PCI", VALUE_ANY, LIES, SWITCHES_GPU),
    DANGER("--gpu-driver-version", "another driver in place of PCI", VALUE_ANY, LIES,
           SWITCHES_GPU),
};
/* clang-format on */

const struct catalogue_part catalogue_dangers = { rows, ROWS(rows) };
