# The images of Sparring. Build from the root of the repository; `make images` builds both:
#   docker build --target service --tag sparring-service .
#   service  broker, governor, simulation, environment, agent, and the commands that play on a deployed system
#   store    everything: the store with its database and Parquet libraries, and commands that look at results
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

# Environments are made where they will lie, and copied whole: final images have neither pip's leavings nor what builds.
FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY protos protos
COPY examples examples
COPY services services
RUN pip wheel --quiet --no-cache-dir --no-deps --wheel-dir /wheel .

FROM ${PYTHON_IMAGE} AS service-packages
WORKDIR /src
RUN python -m venv /opt/sparring
COPY pyproject.toml constraints.txt ./
# What pyproject.toml asks for, without what only the store and pictures need.
RUN python -c "import re, tomllib; \
all = tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']; \
print(*(one for one in all if not re.match('SQLAlchemy|alembic|pyarrow|duckdb|matplotlib', one)), sep='\n')" > service.txt \
    && /opt/sparring/bin/pip install --quiet --no-cache-dir --constraint constraints.txt --requirement service.txt

FROM service-packages AS store-packages
COPY --from=wheel /wheel /wheel
RUN /opt/sparring/bin/pip install --quiet --no-cache-dir --constraint constraints.txt /wheel/*.whl \
    && cd /opt/sparring/lib/python3*/site-packages && rm -r pip pip-* ../../../bin/pip* pandas/tests pyarrow/tests pyarrow/include

FROM service-packages AS service-environment
COPY --from=wheel /wheel /wheel
RUN /opt/sparring/bin/pip install --quiet --no-cache-dir --no-deps /wheel/*.whl \
    && cd /opt/sparring/lib/python3*/site-packages && rm -r pip pip-* ../../../bin/pip* pandas/tests

# Official Python images come without compiled standard library, and nobody can write it at run time.
FROM ${PYTHON_IMAGE} AS runtime
RUN python -m compileall -q -x '/(site-packages|test|tests|idlelib|lib2to3)/' "$(python -c 'import os; print(os.path.dirname(os.__file__))')" \
    && useradd --uid 10001 --create-home --home-dir /var/lib/sparring app
COPY deploy/healthz /usr/local/bin/healthz
ENV PATH=/opt/sparring/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
WORKDIR /var/lib/sparring
USER 10001:10001
ENTRYPOINT ["sparring"]

FROM runtime AS store
COPY --from=store-packages /opt/sparring /opt/sparring
ARG VERSION=unknown
LABEL org.opencontainers.image.title=sparring-store org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.licenses=Apache-2.0

FROM runtime AS service
COPY --from=service-environment /opt/sparring /opt/sparring
ARG VERSION=unknown
LABEL org.opencontainers.image.title=sparring-service org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.licenses=Apache-2.0
