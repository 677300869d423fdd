/* Shows a page and turns what happens to it into events. The built-in pages are string literals
 * made of the files in pages/ when the program is built. */
#include "browser.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTimer>

namespace
{

struct BuiltIn {
    const char *name;
    const char *text;
};

const char texturesPage[] =
#include "pages/textures.html.inc"
    ;
const char scriptPage[] =
#include "pages/script.html.inc"
    ;
const char probePage[] =
#include "pages/probe.html.inc"
    ;
const char idlePage[] =
#include "pages/idle.html.inc"
    ;
const char paintedScript[] =
#include "pages/painted.js.inc"
    ;
const char engineScript[] =
#include "pages/engine.js.inc"
    ;

const BuiltIn builtIns[] = {
    { "leak", texturesPage }, { "steady", texturesPage }, { "leak-script", scriptPage },
    { "probe", probePage },   { "idle", idlePage },
};

/* "flags" is the engine's own report: chrome://gpu holds the command line in Qt 5 and Qt 6, while
 * chrome://version exists in neither. */
const char enginePage[] = "flags", engineAddress[] = "chrome://gpu";

/* Milliseconds. More than the 5 s for which the script in chrome://gpu waits. */
const int answerTime = 20000;

QByteArray withOptions(const char *text, const Options &options)
{
    const QJsonObject values{
        { QStringLiteral("leak"), options.page == QLatin1String("leak") },
        { QStringLiteral("width"), options.texture.width() },
        { QStringLiteral("height"), options.texture.height() },
        { QStringLiteral("fps"), options.fps },
        { QStringLiteral("rate"), options.rate },
    };
    return QByteArray(text).replace("/*OPTIONS*/{}",
                                    QJsonDocument(values).toJson(QJsonDocument::Compact));
}

/* The engine joins its arguments with spaces and quotes nothing, so a value with a space in it
 * cannot be told from two arguments; "text" has the whole. */
QJsonObject commandLine(const QString &text)
{
    QJsonArray switches, enabled, disabled;
    const QStringList words = text.split(QLatin1Char(' '));
    for (const QString &word : words) {
        if (word == QLatin1String("--"))
            break;
        if (!word.startsWith(QLatin1String("--")))
            continue;
        switches.append(word);
        const QString names = word.section(QLatin1Char('='), 1);
        if (word.startsWith(QLatin1String("--enable-features=")))
            enabled = QJsonArray::fromStringList(names.split(QLatin1Char(',')));
        else if (word.startsWith(QLatin1String("--disable-features=")))
            disabled = QJsonArray::fromStringList(names.split(QLatin1Char(',')));
    }
    return { { QStringLiteral("event"), QStringLiteral("command-line") },
             { QStringLiteral("switches"), switches },
             { QStringLiteral("features"),
               QJsonObject{ { QStringLiteral("enabled"), enabled },
                            { QStringLiteral("disabled"), disabled } } },
             { QStringLiteral("text"), text } };
}

const char *statusName(QWebEnginePage::RenderProcessTerminationStatus status)
{
    switch (status) {
    case QWebEnginePage::NormalTerminationStatus:
        return "normal";
    case QWebEnginePage::AbnormalTerminationStatus:
        return "abnormal";
    case QWebEnginePage::CrashedTerminationStatus:
        return "crashed";
    case QWebEnginePage::KilledTerminationStatus:
        return "killed";
    }
    return "unknown";
}

} // namespace

void Page::javaScriptConsoleMessage(JavaScriptConsoleMessageLevel level, const QString &message,
                                    int line, const QString &source)
{
    const QString mark = QStringLiteral("webapp ");
    const QJsonDocument said = message.startsWith(mark)
                                   ? QJsonDocument::fromJson(message.mid(mark.size()).toUtf8())
                                   : QJsonDocument();
    if (said.isObject())
        event(said.object());
    else
        QWebEnginePage::javaScriptConsoleMessage(level, message, line, source);
}

Browser::Browser(const Options &wanted, Report *target)
    : options(wanted), report(target),
      page(&profile, [this](const QJsonObject &event) { said(event); })
{
    view.setPage(&page);
    view.resize(options.window);
    QObject::connect(&page, &QWebEnginePage::titleChanged, &view, &QWidget::setWindowTitle);
    QObject::connect(&page, &QWebEnginePage::loadFinished, &page, [this](bool ok) { loaded(ok); });
    QObject::connect(&page, &QWebEnginePage::renderProcessTerminated, &page,
                     [this](QWebEnginePage::RenderProcessTerminationStatus status, int code) {
                         rendererGone(status, code);
                     });
}

bool Browser::start()
{
    if (!load())
        return false;
    view.show();
    if (options.page == QLatin1String(enginePage) || options.page == QLatin1String("probe"))
        QTimer::singleShot(answerTime, &page, [this] {
            report->write({ { QStringLiteral("event"), QStringLiteral("no-answer") } });
            QCoreApplication::exit(1);
        });
    return true;
}

bool Browser::load()
{
    if (options.page == QLatin1String(enginePage)) {
        page.load(QUrl(QLatin1String(engineAddress)));
        return true;
    }
    for (const BuiltIn &builtIn : builtIns) {
        if (options.page != QLatin1String(builtIn.name))
            continue;
        page.setContent(withOptions(builtIn.text, options),
                        QStringLiteral("text/html;charset=UTF-8"));
        return true;
    }
    if (!options.page.contains(QLatin1String(":")) && !QFileInfo::exists(options.page))
        return false;
    page.load(QUrl::fromUserInput(options.page, QDir::currentPath(), QUrl::AssumeLocalFile));
    return true;
}

void Browser::loaded(bool ok)
{
    report->write({ { QStringLiteral("event"), QStringLiteral("loaded") },
                    { QStringLiteral("ok"), ok },
                    { QStringLiteral("page"), options.page } });
    if (!ok) {
        QCoreApplication::exit(1);
        return;
    }
    page.runJavaScript(QString::fromUtf8(paintedScript));
    if (options.page == QLatin1String(enginePage))
        page.runJavaScript(QString::fromUtf8(engineScript));
}

void Browser::said(const QJsonObject &event)
{
    const QString name = event.value(QStringLiteral("event")).toString();
    if (name == QLatin1String("engine")) {
        const QString line = event.value(QStringLiteral("command-line")).toString();
        QJsonObject rest = event;
        rest.remove(QStringLiteral("command-line"));
        report->write(rest);
        report->write(commandLine(line));
        QCoreApplication::exit(line.isEmpty() ? 1 : options.exitCode);
        return;
    }
    report->write(event);
    if (name == QLatin1String("webgl"))
        QCoreApplication::exit(options.exitCode);
}

void Browser::rendererGone(QWebEnginePage::RenderProcessTerminationStatus status, int code)
{
    report->write({ { QStringLiteral("event"), QStringLiteral("renderer-gone") },
                    { QStringLiteral("status"), QLatin1String(statusName(status)) },
                    { QStringLiteral("code"), code } });
    /* Not from inside the signal: the page is still taking leave of its renderer. */
    if (options.reloadOnCrash)
        QTimer::singleShot(0, &page, [this] { load(); });
}
