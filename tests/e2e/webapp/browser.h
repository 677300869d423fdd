/* browser.h: the window with its page, and what the page says.
 *
 * Pages talk through the console: a message "webapp {…}" is an event and goes to the report, any
 * other message takes Qt's usual way to standard error. */
#ifndef WEBAPP_BROWSER_H
#define WEBAPP_BROWSER_H

#include "options.h"
#include "report.h"

#include <QWebEnginePage>
#include <QWebEngineProfile>
#include <QWebEngineView>

#include <functional>

class Page : public QWebEnginePage
{
  public:
    Page(QWebEngineProfile *profile, std::function<void(const QJsonObject &)> onEvent)
        : QWebEnginePage(profile), event(std::move(onEvent))
    {
    }

  protected:
    void javaScriptConsoleMessage(JavaScriptConsoleMessageLevel level, const QString &message,
                                  int line, const QString &source) override;

  private:
    std::function<void(const QJsonObject &)> event;
};

class Browser
{
  public:
    /** Borrows both for as long as it lives. */
    Browser(const Options &wanted, Report *target);

    /** Shows the window and loads the page. Returns false where there is no such page. */
    bool start();

  private:
    bool load();
    void loaded(bool ok);
    void said(const QJsonObject &event);
    void rendererGone(QWebEnginePage::RenderProcessTerminationStatus status, int code);

    const Options &options;
    Report *report;
    /* In this order: the page must be gone before its profile, the view before the page. A profile
     * without a name keeps nothing on disk. */
    QWebEngineProfile profile;
    Page page;
    QWebEngineView view;
};

#endif
