//! The apps whose images are built and run: every way in which a Dockerfile is generated is there once.

use crate::engine::Engine;

/// An app whose image is built and run.
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) source: Source,
    /// What its author has run in it once; nothing most often.
    pub(crate) before: &'static [&'static str],
    /// What only a person knows.
    pub(crate) flags: &'static [&'static str],
    /// A request that makes it write a temporary file, and answers with its size: the path to post to.
    pub(crate) upload: Option<&'static str>,
    /// Whether it leaves SIGTERM to the kernel, which keeps it from a container's first process.
    pub(crate) ignores_sigterm: bool,
    /// What has the images that its Dockerfile names.
    pub(crate) engine: Engine,
}

/// Where an app comes from.
pub(crate) enum Source {
    /// A folder of this repository.
    Folder(&'static str),
    /// What a package registry has: its kind, the package, its version. `tests/engines/published` fetches it.
    Published(&'static str, &'static str, &'static str),
}

/// An app that says everything itself, and takes uploads.
const fn whole(name: &'static str, folder: &'static str) -> App {
    let source = Source::Folder(folder);
    App {
        name,
        source,
        before: &[],
        flags: &[],
        upload: Some("/upload"),
        ignores_sigterm: false,
        engine: Engine::Docker,
    }
}

/// Writes `mvnw`, which downloads Maven where the image is built.
const MAVEN_WRAPPER: &[&str] = &[
    "mvn",
    "--batch-mode",
    "--quiet",
    "org.apache.maven.plugins:maven-wrapper-plugin:3.3.4:wrapper",
    "-Dtype=only-script",
    "-Dmaven=3.9.9",
];

/// An app as its author published it.
const fn published(kind: &'static str, name: &'static str, version: &'static str) -> App {
    App { source: Source::Published(kind, name, version), upload: None, ..whole(name, "") }
}

pub(crate) const APPS: &[App] = &[
    whole("rust-notes", "examples/rust-notes"),
    whole("node-thumbs", "examples/node-thumbs"),
    whole("python-polls", "examples/python-polls"),
    whole("uv", "tests/apps/uv"),
    whole("django", "tests/apps/django"),
    whole("poetry", "tests/apps/poetry"),
    whole("native", "tests/apps/native"),
    // Of this version there is no distroless image.
    App { name: "python-slim", flags: &["--tool=3.11"], ..whole("native", "tests/apps/native") },
    whole("pnpm", "tests/apps/pnpm"),
    whole("yarn", "tests/apps/yarn"),
    whole("yarn-berry", "tests/apps/yarn-berry"),
    whole("bun", "tests/apps/bun"),
    whole("nest", "tests/apps/nest"),
    whole("spring", "tests/apps/spring"),
    App { before: MAVEN_WRAPPER, ..whole("maven-wrapper", "tests/apps/spring") },
    App { engine: Engine::Gradle, ..whole("gradle", "tests/apps/gradle") },
    App { upload: None, ..whole("static", "tests/apps/static") },
    App { upload: None, ..whole("built", "tests/apps/built") },
    whole("go-cmd", "tests/apps/go-cmd"),
    App { upload: None, ..whole("go-workspace", "tests/apps/go-workspace") },
    App { upload: None, ..whole("cgo", "tests/apps/cgo") },
    whole("rust-workspace", "tests/apps/rust-workspace"),
    App { flags: &["--ready=grpc"], upload: None, ..whole("grpc", "tests/apps/grpc") },
    App {
        flags: &["--port=none", "--live=exec:/app/sweeper check"],
        upload: None,
        ..whole("worker", "tests/apps/worker")
    },
    App {
        name: "podinfo",
        ..published("go", "github.com/stefanprodan/podinfo", "v1.8.1-0.20250910200901-e86405a8674e")
    },
    App {
        flags: &["--args=--port,8080", "--ready=/", "--grace-seconds=2"],
        ignores_sigterm: true,
        ..published("cargo", "simple-http-server", "0.6.13")
    },
    published("npm", "http-server", "14.1.1"),
    App { flags: &["--ready=/status/200"], ..published("pypi", "httpbin", "0.10.2") },
];
