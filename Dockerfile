# One image for api, worker, scheduler and the command line.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
RUN python3 -m venv /opt/copydesk
COPY requirements.lock .
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md ./
COPY services services
COPY workers workers
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check hatchling \
 && /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/copydesk/bin/pip uninstall --quiet --yes hatchling pip

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/copydesk /opt/copydesk
ENV PATH=/opt/copydesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /app
USER 10001:10001
CMD ["uvicorn", "--factory", "services.api:create_app", "--host", "0.0.0.0", "--port", "8000", "--no-access-log"]
