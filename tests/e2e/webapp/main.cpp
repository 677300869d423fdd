/* The web application of the tests and the demo: a window with one page in Qt WebEngine, for Qt 6
 * and Qt 5 from the same source. See --help. It stands for "an application": it knows nothing of
 * the program that may have started it, but for saying which of its variables it got. */
#include "browser.h"
#include "options.h"
#include "report.h"

#include <QApplication>
#include <QJsonArray>
#include <QProcessEnvironment>
#include <QSocketNotifier>
#include <QTimer>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace
{

enum { statusUsage = 64, statusCannotCreate = 73 };

/* Signals become bytes in a pipe, and the event loop reads them. A handler can reach its pipe only
 * through a global. */
int signalPipe[2] = { -1, -1 };

void writeSignal(int number)
{
    const char byte = char(number);
    /* The pipe is full only when many signals wait already: this one is not needed then. */
    if (write(signalPipe[1], &byte, 1) < 0)
        return;
}

/* event() and not the signal activated(), which has another type in Qt 5 and Qt 6. */
class SignalReader : public QSocketNotifier
{
  public:
    SignalReader(Report *target, int status)
        : QSocketNotifier(signalPipe[0], QSocketNotifier::Read), report(target), exitCode(status)
    {
    }

  protected:
    bool event(QEvent *event) override
    {
        char byte = 0;
        if (event->type() != QEvent::SockAct || read(signalPipe[0], &byte, 1) != 1)
            return QSocketNotifier::event(event);
        report->write({ { QStringLiteral("event"), QStringLiteral("quit") },
                        { QStringLiteral("signal"), int(byte) } });
        QCoreApplication::exit(exitCode);
        return true;
    }

  private:
    Report *report;
    int exitCode;
};

bool catchSignals()
{
    if (pipe2(signalPipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return false;
    struct sigaction action = {};
    action.sa_handler = writeSignal;
    action.sa_flags = SA_RESTART;
    return sigaction(SIGTERM, &action, nullptr) == 0 && sigaction(SIGINT, &action, nullptr) == 0;
}

QStringList argumentList(int argc, char **argv)
{
    QStringList list;
    for (int i = 0; i < argc; i++)
        list.append(QString::fromLocal8Bit(argv[i]));
    return list;
}

/* The variables that decide how the engine runs, and those that a guard sets, as they are here. */
QJsonObject environmentEvent()
{
    static const char *const prefixes[] = { "QTWEBENGINE", "QT_QUICK_BACKEND", "QT_OPENGL",
                                            "QT_XCB_GL_INTEGRATION", "QWGUARD" };
    const QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
    QJsonObject variables;
    const QStringList names = all.keys();
    for (const QString &name : names)
        for (const char *prefix : prefixes)
            if (name.startsWith(QLatin1String(prefix)))
                variables.insert(name, all.value(name));
    return { { QStringLiteral("event"), QStringLiteral("environment") },
             { QStringLiteral("variables"), variables } };
}

QJsonObject startedEvent(const Options &options, const QStringList &arguments)
{
    return { { QStringLiteral("event"), QStringLiteral("started") },
             { QStringLiteral("pid"), int(getpid()) },
             { QStringLiteral("qt"), QLatin1String(qVersion()) },
             { QStringLiteral("page"), options.page },
             { QStringLiteral("arguments"), QJsonArray::fromStringList(arguments.mid(1)) } };
}

int complain(const QString &text, int status)
{
    fprintf(stderr, "webapp: %s\n", text.toLocal8Bit().constData());
    return status;
}

int show(int argc, char **argv, const Options &options, Report *report)
{
    QApplication application(argc, argv);
    SignalReader signalReader(report, options.exitCode);
    Browser browser(options, report);
    if (!browser.start())
        return complain(QStringLiteral("no page '%1' and no such file").arg(options.page),
                        statusUsage);
    if (options.seconds > 0)
        QTimer::singleShot(int(options.seconds * 1000), &application, [&options, report] {
            report->write({ { QStringLiteral("event"), QStringLiteral("quit") } });
            QCoreApplication::exit(options.exitCode);
        });
    return QApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    Report report;
    Options options;
    const QStringList arguments = argumentList(argc, argv);
    const QString wrong = options_read(arguments, &options);
    if (!wrong.isEmpty())
        return complain(wrong + QStringLiteral("; see --help"), statusUsage);
    if (options.wantsHelp) {
        fputs(options_help(), stdout);
        return 0;
    }
    if (!options.reportFile.isEmpty() && !report.open(options.reportFile))
        return complain(QStringLiteral("cannot write '%1'").arg(options.reportFile),
                        statusCannotCreate);
    if (!catchSignals())
        return complain(QStringLiteral("cannot catch signals"), 1);
    report.write(startedEvent(options, arguments));
    report.write(environmentEvent());
    return show(argc, argv, options, &report);
}
