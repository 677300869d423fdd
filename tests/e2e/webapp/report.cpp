/* Writes events. Standard output is written by one fwrite() and flushed for each line: lines stay
 * whole where several processes share it. */
#include "report.h"

#include <QJsonDocument>

#include <cstdio>

bool Report::open(const QString &path)
{
    file.setFileName(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Append);
}

void Report::write(QJsonObject event)
{
    event.insert(QStringLiteral("ms"), double(clock.elapsed()));
    const QByteArray line = QJsonDocument(event).toJson(QJsonDocument::Compact) + '\n';
    fwrite(line.constData(), 1, size_t(line.size()), stdout);
    fflush(stdout);
    if (file.isOpen()) {
        file.write(line);
        file.flush();
    }
}
