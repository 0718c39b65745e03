# One image for web, worker, scheduler and migrations; docker-compose.yml says which command it runs.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

RUN useradd --system --uid 10001 --home-dir /data app && install -d -o app -g app -m 700 /data

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# The settings want a data folder and a key even here; both are thrown away.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build

ENV DATA_DIR=/data STATIC_ROOT=/app/staticfiles
USER app
EXPOSE 8000
CMD ["gunicorn", "studygroup.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
