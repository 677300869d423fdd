/* Reads the command line: one row for each option, with the function that takes its value.
 * Names that are not in the table are the engine's and are not looked at. */
#include "options.h"

#include <QRegularExpression>

#include <functional>

namespace
{

struct Row {
    const char *name;
    bool hasValue;
    const char *wants; /* what the value has to be, for the message */
    std::function<bool(const QString &value, Options *out)> take;
};

bool readNumber(const QString &text, double least, double most, double *out)
{
    bool ok = false;
    const double number = text.toDouble(&ok);
    if (!ok || !(number >= least && number <= most))
        return false;
    *out = number;
    return true;
}

bool readSize(const QString &text, QSize *out)
{
    static const QRegularExpression form(QStringLiteral("^([1-9][0-9]{0,3})x([1-9][0-9]{0,3})$"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch())
        return false;
    *out = QSize(match.captured(1).toInt(), match.captured(2).toInt());
    return true;
}

bool takeExitCode(const QString &value, Options *out)
{
    double number = 0;
    if (!readNumber(value, 0, 255, &number) || number != int(number))
        return false;
    out->exitCode = int(number);
    return true;
}

const Row rows[] = {
    { "--help", false, "", [](const QString &, Options *o) { return o->wantsHelp = true; } },
    { "--reload-on-crash", false, "",
      [](const QString &, Options *o) { return o->reloadOnCrash = true; } },
    { "--page", true, "a page, a file or an address",
      [](const QString &v, Options *o) { return !(o->page = v).isEmpty(); } },
    { "--report", true, "a file",
      [](const QString &v, Options *o) { return !(o->reportFile = v).isEmpty(); } },
    { "--seconds", true, "0 to 86400",
      [](const QString &v, Options *o) { return readNumber(v, 0, 86400, &o->seconds); } },
    { "--exit-code", true, "0 to 255", takeExitCode },
    { "--window", true, "WIDTHxHEIGHT",
      [](const QString &v, Options *o) { return readSize(v, &o->window); } },
    { "--texture", true, "WIDTHxHEIGHT",
      [](const QString &v, Options *o) { return readSize(v, &o->texture); } },
    { "--fps", true, "1 to 60",
      [](const QString &v, Options *o) { return readNumber(v, 1, 60, &o->fps); } },
    { "--rate", true, "1 to 1000",
      [](const QString &v, Options *o) { return readNumber(v, 1, 1000, &o->rate); } },
};

const Row *findRow(const QString &name)
{
    for (const Row &row : rows)
        if (name == QLatin1String(row.name))
            return &row;
    return nullptr;
}

} // namespace

const char *options_help()
{
    return "usage: webapp-qt6|webapp-qt5 [options] [switches of the engine]\n"
           "A small Qt WebEngine application for tests. It says what happens as one JSON object\n"
           "a line on standard output.\n"
           "\n"
           "  --page PAGE        leak         every video frame goes into a new WebGL texture\n"
           "                     steady       the same with one texture\n"
           "                     leak-script  the script heap of the renderer grows\n"
           "                     idle         a page that does nothing (default)\n"
           "                     probe        says what WebGL a page gets, then ends\n"
           "                     flags        says the engine's command line, then ends\n"
           "                     FILE or URL\n"
           "  --seconds N        end after N seconds (default 0: never)\n"
           "  --exit-code N      status at a clean end (default 0)\n"
           "  --report FILE      append the lines to FILE as well\n"
           "  --window WxH       size of the window (default 960x600)\n"
           "  --texture WxH      leak, steady: size of the video (default 1280x720)\n"
           "  --fps N            leak, steady: frames a second (default 20)\n"
           "  --rate N           leak-script: MB a second (default 50)\n"
           "  --reload-on-crash  load the page again when its renderer is gone\n"
           "  --help             this text\n"
           "\n"
           "Other words that begin with -- are the engine's: Qt 5 passes all of them on, Qt 6\n"
           "those after --webEngineArgs. SIGTERM and SIGINT end it like --seconds does.\n"
           "Status: 0 or --exit-code; 1 the page could not be loaded or did not answer;\n"
           "64 wrong usage; 73 the report cannot be written.\n";
}

QString options_read(const QStringList &arguments, Options *out)
{
    for (int i = 1; i < arguments.size(); i++) {
        const QString &word = arguments[i];
        if (word == QLatin1String("--webEngineArgs"))
            break;
        if (!word.startsWith(QLatin1String("--")))
            return QStringLiteral("'%1' is no option").arg(word);
        const int equals = int(word.indexOf(QLatin1Char('=')));
        const Row *row = findRow(word.left(equals));
        if (!row)
            continue;
        QString value;
        if (row->hasValue && equals >= 0)
            value = word.mid(equals + 1);
        else if (row->hasValue && i + 1 < arguments.size())
            value = arguments[++i];
        if (!row->take(value, out))
            return QStringLiteral("%1 wants %2, not '%3'")
                .arg(QLatin1String(row->name), QLatin1String(row->wants), value);
    }
    return QString();
}
