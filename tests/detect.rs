//! What apps are, read from their files. Each case is a mistake that was made on a published app, or a promise.
//! One table, which is why the file is long.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use cofferdam::detect::{Detection, Tree, detect};
use cofferdam::pack::Pack;

fn look(files: &[(&str, &str)]) -> Detection {
    let tree = Tree(files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect());
    detect(&tree, &Pack::built_in().unwrap().presets, None)
}

/// The answer to a question, as `init` would offer it.
fn answer(found: &Detection, key: &str) -> Option<String> {
    let draft = cofferdam::answers::draft::Draft {
        project: found.project.clone(),
        name: found.name.clone(),
        service: found.service.clone(),
    };
    cofferdam::questions::question(key).unwrap().get(&draft).map(|(value, _)| value)
}

struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    answers: &'static [(&'static str, Option<&'static str>)],
}

const CARGO: &str = "[package]\nname = \"app\"\n[dependencies]\naxum = \"1\"\n";
const EXPRESS: &str = "{\"name\": \"@acme/Web_App\", \"main\": \"index.js\", \"dependencies\": {\"express\": \"5\"}}";

static CASES: &[Case] = &[
    Case {
        what: "a workspace builds the member that serves",
        files: &[
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
            ("Cargo.lock", ""),
            ("crates/cli/Cargo.toml", "[package]\nname = \"a-cli\"\n"),
            ("crates/cli/src/main.rs", ""),
            ("crates/server/Cargo.toml", "[package]\nname = \"server\"\n[dependencies]\naxum = \"1\"\n"),
            ("crates/server/src/main.rs", ""),
        ],
        answers: &[
            ("preset", Some("rust")),
            ("build.package", Some("server")),
            ("build.entry", Some("server")),
            ("build.locked", None),
        ],
    },
    Case {
        what: "a backlog is no port, and neither is one in a comment or a test",
        files: &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", "fn main() { socket.listen(1024);\n// served on \"0.0.0.0:4000\"\n}"),
            ("src/testing.rs", "const ADDRESS: &str = \"127.0.0.1:1234\";"),
        ],
        answers: &[("port", None), ("build.locked", Some("false"))],
    },
    Case {
        what: "what holds without PORT is a port",
        files: &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", "let port = std::env::var(\"PORT\").unwrap_or_else(|_| \"8070\".to_owned());"),
        ],
        answers: &[("port", Some("8070"))],
    },
    Case {
        what: "a flag's default is a port",
        files: &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", ""),
            ("src/args.rs", "#[clap(short = 'p', long, default_value = \"8090\")]\nport: u16"),
        ],
        answers: &[("port", Some("8090"))],
    },
    Case {
        what: "what an own Dockerfile exposes counts first",
        files: &[
            ("go.mod", "module github.com/prometheus/pushgateway/v2\ngo 1.20\nrequire x.y/z v1.0.0\n"),
            ("go.sum", ""),
            ("VERSION", "1.11.0\n"),
            ("Dockerfile", "FROM scratch\nEXPOSE 9091\n"),
            (
                "main.go",
                "package main\nfunc main() { http.ListenAndServe(\":8000\", nil) }\nvar r = \"/-/ready\"; var h = \"/-/healthy\"",
            ),
        ],
        answers: &[
            ("preset", Some("go")),
            ("name", Some("pushgateway")),
            ("port", Some("9091")),
            ("health.ready", Some("/-/ready")),
            ("health.live", Some("/-/healthy")),
            ("build.entry", Some(".")),
            ("build.dockerfile", Some("hardened.Dockerfile")),
        ],
    },
    Case {
        what: "a workspace's program is its member's, beside a library at the root",
        files: &[
            ("go.work", "go 1.25\nuse (\n\t.\n\tsvc // the server\n)\n"),
            ("go.mod", "module a.b/lib\n"),
            ("lib.go", "package lib\n"),
            ("svc/go.mod", "module a.b/svc\n"),
            ("svc/main.go", "package main\nfunc main() {}"),
        ],
        answers: &[("name", Some("svc")), ("build.entry", Some("./svc"))],
    },
    Case {
        what: "a port beside a debugging flag is a port",
        files: &[
            ("requirements.txt", "bottle==0.13\n"),
            ("app.py", "app.run(host=\"0.0.0.0\", port=8181, debug=True)\n"),
        ],
        answers: &[("port", Some("8181"))],
    },
    Case {
        what: "an address for operators is not the app's",
        files: &[
            ("go.mod", "module a.b/app\n"),
            (
                "main.go",
                "package main\nconst DefaultAdminListen = \"localhost:2019\"\nfunc main() { http.ListenAndServe(\":8181\", nil) }",
            ),
        ],
        answers: &[("port", Some("8181"))],
    },
    Case {
        what: "a nested module is another program",
        files: &[
            ("go.mod", "module a.b/app\n"),
            ("cmd/app/main.go", "package main\nfunc main() {}"),
            ("other/go.mod", "module a.b/other\n"),
            ("other/main.go", "package main\nfunc main() { http.ListenAndServe(\":7000\", nil) }"),
        ],
        answers: &[("port", None), ("build.entry", Some("./cmd/app"))],
    },
    Case {
        what: "of a workspace's modules the one with a program is built, and all are its source",
        files: &[
            ("go.work", "go 1.24\n\nuse (\n\t./names // shared\n\t./desk\n)\n"),
            ("names/go.mod", "module a.b/names\n"),
            ("names/names.go", "package names\nvar r = \"/readyz\""),
            ("desk/go.mod", "module a.b/desk\n"),
            ("desk/main.go", "package main\nfunc main() { http.ListenAndServe(\":7000\", nil) }"),
            ("tool/go.mod", "module a.b/tool\n"),
            ("tool/main.go", "package main\nfunc main() { http.ListenAndServe(\":6000\", nil) }"),
        ],
        answers: &[
            ("name", Some("desk")),
            ("port", Some("7000")),
            ("health.ready", Some("/readyz")),
            ("build.entry", Some("./desk")),
        ],
    },
    Case {
        what: "a scope is no part of a name, and PORT's fallback is a port",
        files: &[
            ("package.json", EXPRESS),
            ("package-lock.json", ""),
            ("index.js", "app.listen(process.env.PORT || 4000)"),
        ],
        answers: &[
            ("preset", Some("express")),
            ("name", Some("web-app")),
            ("port", Some("4000")),
            ("build.package-manager", Some("npm")),
            ("build.entry", Some("index.js")),
        ],
    },
    Case {
        what: "a database's port is not the app's, and a declaration file is no source",
        files: &[
            ("package.json", EXPRESS),
            ("index.js", "connect(process.env.DB_PORT || 5432)"),
            ("types.d.ts", "// \"0.0.0.0:4000\"\nlisten(4000)"),
        ],
        answers: &[("port", None)],
    },
    Case {
        what: "what only development needs makes no server",
        files: &[(
            "package.json",
            "{\"name\": \"http-server\", \"bin\": {\"http-server\": \"bin/http-server\"}, \"devDependencies\": {\"express\": \"5\"}}",
        )],
        answers: &[("preset", Some("node")), ("build.entry", Some("bin/http-server"))],
    },
    Case {
        what: "NestJS on fastify is NestJS",
        files: &[
            (
                "package.json",
                "{\"name\": \"n\", \"dependencies\": {\"@nestjs/core\": \"11\", \"fastify\": \"5\", \"express\": \"5\"}}",
            ),
            ("pnpm-lock.yaml", ""),
        ],
        answers: &[("preset", Some("nestjs")), ("build.package-manager", Some("pnpm"))],
    },
    Case {
        what: "what installing runs or reads has to be there before",
        files: &[
            (
                "package.json",
                "{\"name\": \"s\", \"main\": \"index.js\", \"scripts\": {\"postinstall\": \"patch-package\"}}",
            ),
            ("index.js", ""),
        ],
        answers: &[("build.source-first", Some("true"))],
    },
    Case {
        what: "requirements may be in other files",
        files: &[("requirements.txt", "-r requirements/base.txt\n--no-binary x\nx==1.0\n"), ("main.py", "")],
        answers: &[("build.source-first", Some("true"))],
    },
    Case {
        what: "where installing reads manifests only, the source comes after",
        files: &[
            ("package.json", "{\"name\": \"s\", \"main\": \"index.js\", \"scripts\": {\"start\": \"node index.js\"}}"),
            ("index.js", ""),
        ],
        answers: &[("build.source-first", None)],
    },
    Case {
        what: "a release of yarn that the app keeps is the one to install with",
        files: &[
            ("package.json", "{\"name\": \"y\", \"main\": \"index.js\"}"),
            ("index.js", ""),
            (".yarnrc.yml", "nodeLinker: node-modules\n\nyarnPath: .yarn/releases/yarn-4.9.2.cjs\n"),
            ("yarn.lock", "__metadata:\n  version: 8\n"),
        ],
        answers: &[("build.package-manager", Some("yarn-berry")), ("build.package-manager-version", Some("4.9.2"))],
    },
    Case {
        what: "else the lock file tells which yarn wrote it",
        files: &[
            ("package.json", "{\"name\": \"y\", \"main\": \"index.js\"}"),
            ("index.js", ""),
            ("yarn.lock", "# Generated\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n"),
        ],
        answers: &[("build.package-manager", Some("yarn-berry")), ("build.package-manager-version", Some("4.13"))],
    },
    Case {
        what: "yarn's major version is told by the manifest",
        files: &[
            (
                "package.json",
                "{\"name\": \"y\", \"packageManager\": \"yarn@4.9.2\", \"scripts\": {\"start\": \"node dist/main\"}}",
            ),
            ("yarn.lock", ""),
        ],
        answers: &[
            ("build.package-manager", Some("yarn-berry")),
            ("build.package-manager-version", Some("4.9.2")),
            ("build.entry", Some("dist/main.js")),
        ],
    },
    Case {
        what: "an app that vite builds is a site",
        files: &[
            (
                "package.json",
                "{\"name\": \"s\", \"scripts\": {\"build\": \"vite build\"}, \"devDependencies\": {\"vite\": \"7\"}}",
            ),
            ("index.html", ""),
        ],
        answers: &[("preset", Some("static")), ("build.output", Some("dist")), ("build.script", Some("build"))],
    },
    Case {
        what: "files alone are a site",
        files: &[("public/index.html", "")],
        answers: &[("preset", Some("static")), ("build.output", Some("public"))],
    },
    Case {
        what: "the app object nearest to the root is the app",
        files: &[
            (
                "pyproject.toml",
                "[project]\nname = \"polls\"\nversion = \"2.0\"\nrequires-python = \">=3.10,<3.13\"\ndependencies = [\"fastapi[standard]>=0.100\"]\n",
            ),
            ("uv.lock", ""),
            ("src/polls/main.py", "app = FastAPI()\n"),
            ("src/polls/sub/admin.py", "admin = FastAPI()\n"),
        ],
        answers: &[
            ("preset", Some("fastapi")),
            ("build.package-manager", Some("uv")),
            ("build.entry", Some("polls.main:app")),
            ("build.tool", Some("3.12")),
            ("build.install", None),
        ],
    },
    Case {
        what: "a factory is called by the server",
        files: &[
            ("requirements.txt", "fastapi==1.0\nuvicorn==1.0\n"),
            ("docs_api/app.py", "def create_app():\n    return FastAPI()\n"),
        ],
        answers: &[
            ("preset", Some("fastapi")),
            ("build.entry", Some("docs_api.app:create_app")),
            ("build.script", Some("uvicorn-factory")),
        ],
    },
    Case {
        what: "a server that is missing is installed, and told",
        files: &[
            ("requirements.txt", "Django==5.2\n"),
            ("club/settings.py", "WSGI_APPLICATION = 'club.wsgi.application'\n"),
        ],
        answers: &[
            ("preset", Some("django")),
            ("build.entry", Some("club.wsgi:application")),
            ("build.install", Some("gunicorn==23.0.0")),
        ],
    },
    Case {
        what: "a command that installing brings is started by its path",
        files: &[
            ("setup.py", "setup(name='isso', version='0.13', entry_points={'console_scripts': ['isso = isso:main']})"),
            ("isso/__init__.py", ""),
        ],
        answers: &[("preset", Some("python")), ("name", Some("isso")), ("build.entry", Some("/venv/bin/isso"))],
    },
    Case {
        what: "a pyproject.toml that only configures tools is no app",
        files: &[("pyproject.toml", "[tool.ruff]\nline-length = 100\n"), ("index.html", "")],
        answers: &[("preset", Some("static"))],
    },
    Case {
        what: "Spring's own port, management port and actuator are read",
        files: &[
            (
                "pom.xml",
                "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><parent><artifactId>spring-boot-starter-parent</artifactId><version>3.5.0</version></parent><artifactId>orders</artifactId><version>1.0</version><properties><java.version>17</java.version></properties><dependencies><dependency><artifactId>spring-boot-starter-actuator</artifactId></dependency></dependencies></project>",
            ),
            ("src/main/resources/application.properties", "server.port=8081\nmanagement.server.port=9090\n"),
        ],
        answers: &[
            ("preset", Some("spring-boot")),
            ("name", Some("orders")),
            ("port", Some("8081")),
            ("ports", Some("management=9090")),
            ("health.ready", Some("management:/actuator/health/readiness")),
            ("build.tool", Some("17")),
            ("build.package-manager", Some("maven")),
        ],
    },
    Case {
        what: "Gradle with its wrapper, and a context path",
        files: &[
            (
                "build.gradle.kts",
                "plugins { id(\"org.springframework.boot\") version \"3.5.0\" }\njava { toolchain { languageVersion = JavaLanguageVersion.of(24) } }\nimplementation(\"spring-boot-starter-actuator\")",
            ),
            ("settings.gradle.kts", "rootProject.name = \"billing\""),
            ("gradlew", ""),
            ("gradle/wrapper/gradle-wrapper.properties", ""),
            ("src/main/resources/application.yml", "server:\n  port: 8085\n  servlet:\n    context-path: /billing\n"),
        ],
        answers: &[
            ("preset", Some("spring-boot")),
            ("name", Some("billing")),
            ("build.tool", Some("25")),
            ("build.script", Some("gradlew")),
            ("port", Some("8085")),
            ("health.live", Some("/billing/actuator/health/liveness")),
        ],
    },
    Case {
        what: "the code's host has a registry",
        files: &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", ""),
            (".git/config", "[remote \"origin\"]\n\turl = git@github.com:Acme/Check-Out.git\n"),
        ],
        answers: &[("ci", Some("github"))],
    },
    Case {
        what: "nothing is nothing",
        files: &[("notes.txt", "")],
        answers: &[("preset", None), ("name", None), ("port", None)],
    },
    Case {
        what: "damaged manifests are nothing, and no reason to panic",
        files: &[
            ("Cargo.toml", "[package"),
            ("package.json", "{"),
            ("pom.xml", "<a>"),
            ("go.mod", ""),
            ("pyproject.toml", "="),
        ],
        answers: &[("preset", None)],
    },
];

#[test]
fn every_app_is_what_it_is() {
    for case in CASES {
        let found = look(case.files);
        for (key, wanted) in case.answers {
            assert_eq!(answer(&found, key).as_deref(), *wanted, "{}: {key}", case.what);
        }
    }
}

#[test]
fn what_a_person_should_know_is_told() {
    let told = |files: &[(&str, &str)], words: &str| {
        let found = look(files);
        assert!(found.notes.iter().any(|note| note.text.contains(words)), "{words}: {:?}", found.notes);
    };
    told(&[("Cargo.toml", CARGO), ("src/main.rs", "")], "there is no Cargo.lock");
    told(&[("Cargo.toml", CARGO), ("src/main.rs", "")], "no port was found in the source: 8080 is assumed");
    told(&[("Cargo.toml", CARGO), ("src/main.rs", "TcpListener::bind(\"127.0.0.1:3000\")")], "listen on 0.0.0.0");
    told(
        &[("package.json", "{\"name\": \"a\", \"dependencies\": {\"@mono/lib\": \"workspace:*\"}}")],
        "neighbours in a workspace",
    );
    told(
        &[("requirements.txt", "flask\n"), ("app.py", "app = Flask(__name__)\n")],
        "gunicorn is not among the dependencies",
    );
    told(&[("requirements.txt", "flask\n"), ("app.py", "app = Flask(__name__)\n")], "does not pin every version");
}
