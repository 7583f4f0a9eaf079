//! An API server of Kubernetes with its etcd, on loopback, with the admission that a real cluster has by default: Pod
//! Security, quotas, limit ranges. No controller runs, so what they would do is done by hand where it matters.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cofferdam::yaml::read::read;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::engine::{Tools, output};

pub(crate) struct Cluster<'t> {
    tools: &'t Tools,
    folder: TempDir,
    port: u16,
    /// In the order of their start.
    children: Vec<Child>,
}

/// What the server said to one request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn message(&self) -> String {
        format!("{} {}", self.status, self.body["message"].as_str().unwrap_or_default())
    }
}

const TOKEN: &str = "e2e";

impl<'t> Cluster<'t> {
    /// Starts the server of a minor version, with what our manifests only name.
    pub(crate) fn start(tools: &'t Tools, version: &str) -> Result<Self, String> {
        let binaries = tools.variable("COFFERDAM_APISERVERS")?;
        let binary =
            binaries.split(':').find(|path| path.ends_with(version)).ok_or(format!("no API server {version}"))?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (etcd, port) = (free_port()?, free_port()?);
        let mut cluster = Self { tools, folder, port, children: Vec::new() };
        let root = cluster.folder.path().display().to_string();
        fs::write(cluster.folder.path().join("tokens"), format!("{TOKEN},admin,admin,system:masters\n"))
            .map_err(|error| error.to_string())?;
        cluster.spawn(
            tools.variable("COFFERDAM_ETCD")?,
            &[
                format!("--data-dir={root}/etcd"),
                format!("--listen-client-urls=http://127.0.0.1:{etcd}"),
                format!("--advertise-client-urls=http://127.0.0.1:{etcd}"),
                "--listen-peer-urls=http://127.0.0.1:0".to_owned(),
            ],
        )?;
        cluster.spawn(
            binary,
            &[
                format!("--etcd-servers=http://127.0.0.1:{etcd}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={port}"),
                // Else the default route's, and no start where there is none.
                "--advertise-address=127.0.0.1".to_owned(),
                "--endpoint-reconciler-type=none".to_owned(),
                // It writes its certificate and key there before it reads the key to sign tokens with.
                format!("--cert-dir={root}/pki"),
                format!("--token-auth-file={root}/tokens"),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                format!("--service-account-signing-key-file={root}/pki/apiserver.key"),
                format!("--service-account-key-file={root}/pki/apiserver.key"),
                "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
                // Else validation refuses privileged pods before Pod Security can.
                "--allow-privileged=true".to_owned(),
            ],
        )?;
        cluster.wait(Duration::from_secs(120), "the API server is not ready", |cluster| {
            cluster.call("GET", "/readyz", None).is_ok_and(|answer| answer.status == 200)
        })?;
        cluster.furnish()?;
        Ok(cluster)
    }

    fn spawn(&mut self, program: &str, arguments: &[String]) -> Result<(), String> {
        let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let log =
            fs::File::create(self.folder.path().join(format!("{name}.log"))).map_err(|error| error.to_string())?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        self.children.push(child);
        Ok(())
    }

    /// The kinds and objects that a cluster has before anybody applies ours.
    fn furnish(&self) -> Result<(), String> {
        let path = self.tools.variable("COFFERDAM_HTTPROUTES")?;
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let mut furniture = documents(path, &text)?;
        furniture.push(json!({ "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": { "name": "gvisor" }, "handler": "runsc" }));
        furniture.push(json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": "batch-low" }, "value": -10 }));
        for object in furniture {
            let answer = self.apply(&object)?;
            if answer.status != 201 {
                return Err(answer.message());
            }
        }
        self.wait(Duration::from_secs(30), "HTTPRoute is not served", |cluster| {
            cluster.call("GET", "/apis/gateway.networking.k8s.io/v1", None).is_ok_and(|answer| answer.status == 200)
        })
    }

    /// Admission reads caches, which learn of a change a moment later.
    pub(crate) fn wait(&self, limit: Duration, problem: &str, is_so: impl Fn(&Self) -> bool) -> Result<(), String> {
        let begin = Instant::now();
        while !is_so(self) {
            if begin.elapsed() > limit {
                return Err(format!("{problem}: {}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn log(&self) -> String {
        let logs = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let texts = logs.filter_map(|entry| {
            let path = entry.path();
            let text =
                path.extension().is_some_and(|end| end == "log").then(|| fs::read_to_string(&path).ok()).flatten()?;
            let lines: Vec<&str> = text.lines().collect();
            Some(lines[lines.len().saturating_sub(5)..].join("\n"))
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: Option<(&str, &Value)>) -> Result<Answer, String> {
        let mut command = self.tools.command("curl");
        command.args(["--silent", "--show-error", "--include", "--max-time", "60", "--request", method]);
        command.arg("--cacert").arg(self.folder.path().join("pki/apiserver.crt"));
        command.args(["--header", &format!("Authorization: Bearer {TOKEN}")]);
        let file = self.folder.path().join("body.json");
        if let Some((kind, body)) = body {
            fs::write(&file, body.to_string()).map_err(|error| error.to_string())?;
            command.args(["--header", &format!("Content-Type: {kind}"), "--data-binary"]);
            command.arg(format!("@{}", file.display()));
        }
        command.arg(format!("https://127.0.0.1:{}{path}", self.port));
        let (ok, answer, said) = output(&mut command)?;
        if !ok {
            return Err(said);
        }
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        let warnings = head
            .lines()
            .filter_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("warning")))
            .map(|(_, text)| text.trim().to_owned())
            .collect();
        Ok(Answer { status, warnings, body: serde_json::from_str(body).unwrap_or_else(|_| json!({ "message": body })) })
    }

    /// Server-side apply, strict about fields.
    pub(crate) fn apply(&self, object: &Value) -> Result<Answer, String> {
        let path =
            format!("{}/{}?fieldManager=e2e&fieldValidation=Strict&force=true", collection(object), name(object));
        self.call("PATCH", &path, Some(("application/apply-patch+yaml", object)))
    }

    pub(crate) fn create(&self, object: &Value, dry_run: bool) -> Result<Answer, String> {
        let dry_run = if dry_run { "&dryRun=All" } else { "" };
        self.call(
            "POST",
            &format!("{}?fieldValidation=Strict{dry_run}", collection(object)),
            Some(("application/json", object)),
        )
    }

    pub(crate) fn merge(&self, path: &str, patch: &Value) -> Result<Answer, String> {
        self.call("PATCH", path, Some(("application/merge-patch+json", patch)))
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        // The API server first: without its etcd it waits for long.
        for child in self.children.iter_mut().rev() {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let begin = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && begin.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// A file's objects, as Kubernetes reads them.
pub(crate) fn documents(path: &str, text: &str) -> Result<Vec<Value>, String> {
    let nodes = read(path, text).map_err(|problems| problems.iter().map(ToString::to_string).collect::<String>())?;
    Ok(nodes.iter().map(cofferdam::yaml::node::Node::to_kubernetes).collect())
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub(crate) fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

/// Where objects of this kind and namespace live.
pub(crate) fn collection(object: &Value) -> String {
    let api = object["apiVersion"].as_str().unwrap_or_default();
    let root = if api.contains('/') { format!("/apis/{api}") } else { format!("/api/{api}") };
    let lower = kind(object).to_ascii_lowercase();
    let plural = match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with("ss") => format!("{lower}es"),
        None => format!("{lower}s"),
    };
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
        None => format!("{root}/{plural}"),
    }
}
