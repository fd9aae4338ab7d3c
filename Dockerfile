# Recoup: one image for the coordinator, the workers and the sandbox; the command says which.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libsqlite3-dev libnghttp2-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The dependencies first: they change seldom, and their layer is kept.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product recoup --static-swift-stdlib \
    && install -D .build/release/recoup /out/bin/recoup

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        libsqlite3-0 libnghttp2-14 zlib1g ca-certificates tzdata libcurl4 libxml2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin recoup \
    && install -d -o recoup -g recoup -m 0750 /data /world
COPY --from=build /out/bin/recoup /usr/local/bin/recoup
COPY policies /usr/local/share/recoup/policies
COPY templates /usr/local/share/recoup/templates
COPY examples /usr/local/share/recoup/examples
USER recoup
VOLUME /data
EXPOSE 7420
ENTRYPOINT ["recoup"]
CMD ["--help"]
