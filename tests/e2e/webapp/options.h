/* options.h: what the command line of the web application asks for.
 *
 * The application takes its own options and leaves everything else that begins with -- to the
 * engine, as real applications do: Qt 5.15 hands the whole of argv to Chromium, Qt 6.4 and later
 * only what stands after --webEngineArgs. */
#ifndef WEBAPP_OPTIONS_H
#define WEBAPP_OPTIONS_H

#include <QSize>
#include <QString>
#include <QStringList>

struct Options {
    QString page = QStringLiteral("idle");
    double seconds = 0; /* 0 = until it is ended */
    int exitCode = 0;
    QString reportFile; /* empty = standard output only */
    QSize window{ 960, 600 };
    QSize texture{ 1280, 720 };
    double fps = 20;
    double rate = 50; /* MB a second, leak-script */
    bool reloadOnCrash = false;
    bool wantsHelp = false;
};

/** The text of --help. */
const char *options_help();

/**
 * Reads argv.
 *
 * arguments  all of argv, the program's name first
 * returns    an empty string, or one line that says what is wrong
 */
QString options_read(const QStringList &arguments, Options *out);

#endif
