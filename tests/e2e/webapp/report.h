/* report.h: events of the web application, one JSON object a line, flushed at once so that a test
 * can wait for a line as for an event. Each gets "ms": milliseconds since the program started. */
#ifndef WEBAPP_REPORT_H
#define WEBAPP_REPORT_H

#include <QElapsedTimer>
#include <QFile>
#include <QJsonObject>
#include <QString>

class Report
{
  public:
    Report()
    {
        clock.start();
    }

    /** Appends the lines to this file as well. Returns false where it cannot be written. */
    bool open(const QString &path);

    /** Writes one event. It carries its name in "event". */
    void write(QJsonObject event);

  private:
    QElapsedTimer clock;
    QFile file;
};

#endif
