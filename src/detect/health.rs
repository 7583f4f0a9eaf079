//! Ports and health paths as they stand in the source: string literals, never behaviour.

use std::collections::BTreeSet;

use super::{Note, Tree, given};
use crate::answers::ServiceAnswers;
use crate::spec::number::ContainerPort;

/// Paths by habit, the most telling first.
const READY: [&str; 8] = [
    "/readyz",
    "/ready",
    "/health/ready",
    "/healthz/ready",
    "/health/readiness",
    "/-/ready",
    "/readiness",
    "/api/ready",
];
const LIVE: [&str; 8] =
    ["/livez", "/live", "/health/live", "/healthz/live", "/health/liveness", "/-/healthy", "/liveness", "/api/live"];
/// Paths that say something about the whole: good for readiness; alone they are no reason to restart.
const GENERAL: [&str; 9] =
    ["/healthz", "/health", "/health/", "/healthcheck", "/api/health", "/api/healthz", "/_health", "/up", "/ping"];

pub(super) struct Found {
    pub(super) service: ServiceAnswers,
    pub(super) notes: Vec<Note>,
}

pub(super) fn read(tree: &Tree, endings: &[&str], dependencies: &BTreeSet<String>, preset: &str) -> Found {
    let mut service = ServiceAnswers::default();
    let mut notes = Vec::new();
    let sources: Vec<(&str, &str)> = tree.sources(endings).collect();
    let find = |paths: &[&str]| {
        paths.iter().find_map(|path| {
            let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{path}{quote}"));
            // Django's routes have no slash in front.
            let relative = ['"', '\''].map(|quote| format!("path({quote}{}{quote}", path.trim_start_matches('/')));
            sources.iter().find_map(|&(file, text)| {
                let found = quoted.iter().chain(&relative).any(|literal| text.contains(literal.as_str()));
                found.then(|| ((*path).to_owned(), file.to_owned()))
            })
        })
    };
    let ready = find(&READY);
    let live = find(&LIVE);
    let general = find(&GENERAL);
    if let Some((path, file)) = ready.clone().or_else(|| general.clone()) {
        service.health.ready = given(path, &file);
    }
    // With a readiness path of its own, the general one is what looks at the process.
    let live = live.or_else(|| ready.and(general));
    if let Some((path, file)) = live {
        service.health.live = given(path, &file);
    }
    let grpc = ["tonic", "google.golang.org/grpc", "@grpc/grpc-js", "grpcio"]
        .iter()
        .any(|package| dependencies.contains(*package));
    if service.health.ready.is_none() && grpc && preset != "express" && preset != "fastify" {
        let text =
            "it speaks gRPC, perhaps beside HTTP: set `health.ready: grpc` if it serves grpc.health.v1".to_owned();
        notes.push(Note { text, until: Some("health.ready") });
    }
    if let Some((port, file)) = port(&sources) {
        service.port = given(port, &file);
    }
    for &(file, text) in &sources {
        let loopback =
            ["\"127.0.0.1", "'127.0.0.1", "\"localhost:", "'localhost'"].iter().any(|literal| text.contains(literal));
        let binds = ["bind(", "listen(", "Listen", "run("].iter().any(|call| text.contains(call));
        let only_here = !text.contains("0.0.0.0") && !text.contains("[::]");
        if loopback
            && binds
            && only_here
            && (file.starts_with("src/main") || file.starts_with("main") || file.starts_with("cmd/"))
        {
            let text = format!(
                "{file} names 127.0.0.1: if it listens there, neither checks nor users reach it; listen on 0.0.0.0"
            );
            notes.push(text.into());
        }
    }
    Found { service, notes }
}

/// `server.listen(3000)` of Node; the only number of `listen` in Rust is a backlog.
const NODE_LISTEN: &str = r"\.listen\(\s*(\d{4,5})\s*[,)]";

/// Where a program listens by its own words. A constant in a test or an example does not count; neither does 0.
const LISTENS: [&str; 16] = [
    // Rust, Go, Python: an address with a port.
    r#""(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]|localhost|\[::1\]):(\d{4,5})""#,
    r#"(?:ListenAndServe|ListenAndServeTLS|Listen|Run|Start)\(\s*(?:"tcp",\s*)?":(\d{4,5})""#,
    r"\.bind\(\(\s*[^,()]+,\s*(\d{4,5})\s*\)\)",
    r"from\(\(?\[0, 0, 0, 0\](?:\)\s*)?,\s*(\d{4,5})\)",
    // What the environment says, or else this.
    r#"PORT['"\]]*\s*\)?\s*(?:\|\||\?\?|,)\s*['"]?(\d{4,5})"#,
    r#"getenv\("PORT",\s*(?:default=)?["']?(\d{4,5})"#,
    r#"environ\.get\("PORT",\s*["']?(\d{4,5})"#,
    // Node: `listen(3000)`, `const port = 3000`.
    NODE_LISTEN,
    r"listen\(\{[^}]{0,80}port:\s*(\d{4,5})",
    r"(?:const|let|var)\s+(?:port|PORT)\s*=\s*(\d{4,5})",
    // Flags with a default.
    r#"(?:Int|IntVar|String|StringVar)\([^\n)]{0,40}"(?:http-)?port",\s*"?:?(\d{4,5})"#,
    r#"\.run\([^)\n]{0,80}port\s*=\s*(\d{4,5})"#,
    r#"(?s)short = 'p'.{0,160}default_value(?:_t)?\s*=\s*"?(\d{4,5})"#,
    r#"listen-address"[^\n]{0,120}":(\d{4,5})"#,
    r#"(?:env::var|env::var_os|Getenv)\("PORT"\)[^\n]{0,80}?"?(\d{4,5})"#,
    r"(?m)^\s*(?:DEFAULT_)?PORT(?::\s*\w+)?\s*=\s*(\d{4,5})\s*$",
];

/// Where databases and brokers listen: what an app connects to, not where it listens.
const OTHERS: [&str; 9] = ["5432", "3306", "6379", "27017", "5672", "9092", "11211", "1433", "4222"];

fn port(sources: &[(&str, &str)]) -> Option<(String, String)> {
    let valid = |port: &String| port.parse::<ContainerPort>().is_ok() && !OTHERS.contains(&port.as_str());
    // What a comment says is no code, and where operators come in is not where users do.
    let code = |file: &str, text: &str| {
        let marks: &[&str] = if file.ends_with(".py") { &["#"] } else { &["//", "* ", "/*"] };
        let counts = |line: &&str| {
            !marks.iter().any(|mark| line.trim_start().starts_with(mark))
                && !line.to_ascii_lowercase().contains("admin")
        };
        text.lines().filter(counts).collect::<Vec<_>>().join("\n")
    };
    let sources: Vec<(&str, String)> = sources.iter().map(|&(file, text)| (file, code(file, text))).collect();
    LISTENS.iter().find_map(|pattern| {
        // Once for all files: there may be thousands.
        let compiled = regex_lite::Regex::new(pattern).ok()?;
        let port = |text: &str| Some(compiled.captures(text)?.get(1)?.as_str().to_owned()).filter(valid);
        sources
            .iter()
            .filter(|(file, _)| *pattern != NODE_LISTEN || !file.ends_with(".rs"))
            .find_map(|(file, text)| port(text).map(|port| (port, (*file).to_owned())))
    })
}
