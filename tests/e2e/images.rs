//! Images build from real apps by the generated Dockerfile, unchanged, and run under the constraints of their own
//! manifest: every check answers, what the app must write it can, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use cofferdam::kubernetes::KubeVersion;
use cofferdam::manifest;
use k8s_openapi::api::core::v1::PodSpec;
use tempfile::TempDir;

use crate::apps::{APPS, App, Source};
use crate::container::Container;
use crate::engine::{Engine, Tools, output};
use crate::{Proof, Verdict};

pub(crate) fn proofs() -> Vec<Proof> {
    APPS.iter()
        .map(|app| Proof::new(format!("images::{}", app.name), app.engine, |tools| builds_and_runs(tools, app)))
        .chain([Proof::new("images::rebuilt", Engine::Docker, of_what_is_there)])
        .collect()
}

fn builds_and_runs(tools: &Tools, app: &App) -> Verdict {
    let folder = generated(tools, app)?;
    let (image, bases) = build(tools, folder.path())?;
    let pod = pod(folder.path(), &image)?;
    let [spec] = pod.containers.as_slice() else { return Err("a pod of one container is meant".to_owned()) };

    let container = Container::start(tools, &pod, None)?;
    let mut answered = Vec::new();
    let probes = [
        ("startupProbe", &spec.startup_probe),
        ("readinessProbe", &spec.readiness_probe),
        ("livenessProbe", &spec.liveness_probe),
    ];
    for (name, probe) in probes.into_iter().filter_map(|(name, probe)| Some((name, probe.as_ref()?))) {
        container.probe(spec, name, probe)?;
        answered.push(name);
    }
    if answered.is_empty() {
        return Err("nothing asks it anything, so nothing is proved".to_owned());
    }
    if let Some(path) = app.upload {
        let (status, body) = container.send(spec, "POST", path, &vec![b'x'; 100_000])?;
        if status != 200 || !body.contains("100000") {
            return Err(format!("POST {path}: {status} {body}\n{}", container.log()));
        }
    }
    let refused = nothing_else_is_writable(
        &container,
        spec.volume_mounts.iter().flatten().map(|mount| mount.mount_path.as_str()),
    )?;
    let grace = pod.termination_grace_period_seconds.unwrap_or(30);
    let (took, code) = container.stop(grace)?;
    if (code == 137) != app.ignores_sigterm {
        return Err(format!("SIGTERM ended it with {code} after {:.1} s of {grace} s", took.as_secs_f64()));
    }
    let log = container.log();
    drop(container);
    if app.upload.is_some() {
        without_its_scratch_it_fails(tools, app, &pod)?;
    }
    if log.contains("Read-only file system") {
        return Err(format!("it tried to write what it may not:\n{log}"));
    }
    Ok(format!(
        "built from {bases}; {} answered, {refused} places refuse writing, ended {} in {:.1} s",
        answered.join(", "),
        if app.ignores_sigterm { "by SIGKILL" } else { "by itself" },
        took.as_secs_f64()
    ))
}

/// The app with everything that `init --yes` writes for it.
fn generated(tools: &Tools, app: &App) -> Result<TempDir, String> {
    let folder = tempfile::Builder::new().prefix("app-").tempdir().map_err(|error| error.to_string())?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = match app.source {
        Source::Folder(folder) => root.join(folder),
        Source::Published(kind, name, version) => {
            let script = root.join("tests/engines/published");
            let (ok, folder, said) = output(tools.command("bash").arg(script).args([kind, name, version]))?;
            if !ok {
                return Err(format!("{name} cannot be fetched: {said}"));
            }
            folder.trim_end().into()
        }
    };
    copy(&source, folder.path()).map_err(|error| format!("{}: {error}", source.display()))?;
    if let [program, words @ ..] = app.before {
        let (ok, out, said) = output(tools.command(program).args(words).current_dir(folder.path()))?;
        if !ok {
            return Err(format!("{program}: {out}{said}"));
        }
    }
    let (ok, out, said) = output(
        Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .current_dir(folder.path())
            .args(["init", "--yes", "--image", &format!("cofferdam-e2e/{}:1", app.name)])
            .args(app.flags),
    )?;
    if ok { Ok(folder) } else { Err(format!("{out}{said}")) }
}

/// Without what tools leave behind: those are no part of the app.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["target", "node_modules", "__pycache__", ".venv"].iter().any(|left| name == *left) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// The image's name. Base images that cannot be pulled are stood in for, unless `E2E_REAL_IMAGES` asks for the real ones.
fn build(tools: &Tools, folder: &Path) -> Result<(String, String), String> {
    let dockerfile =
        ["Dockerfile", "hardened.Dockerfile"].into_iter().map(|name| folder.join(name)).rfind(|path| path.is_file());
    let dockerfile = dockerfile.ok_or("no Dockerfile was written")?;
    let real = std::env::var_os("E2E_REAL_IMAGES").is_some();
    if !real {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines/base-images");
        let (ok, _, said) = output(tools.command("bash").arg(script).arg(&dockerfile))?;
        if !ok {
            return Err(said);
        }
    }
    let manifest = deployment(folder)?;
    let image = manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("image: "))
        .ok_or("the manifest names no image")?
        .trim_matches('"')
        .to_owned();
    let (ok, out, said) = output(
        tools
            .command("docker")
            .args(["build", "--progress", "plain", "--tag", &image])
            // Else a stand-in that an earlier run made would do.
            .args(real.then_some("--pull"))
            .arg("--file")
            .arg(&dockerfile)
            .arg(folder),
    )?;
    if !ok {
        return Err(format!("the image does not build:\n{}", last_lines(&format!("{out}{said}"), 40)));
    }
    Ok((image, bases(tools, &dockerfile)?))
}

/// Whether what an image is built from is real.
fn bases(tools: &Tools, dockerfile: &Path) -> Result<String, String> {
    let text = fs::read_to_string(dockerfile).map_err(|error| error.to_string())?;
    let names =
        text.lines().filter_map(|line| line.strip_prefix("FROM ")?.split(' ').find(|word| !word.starts_with("--")));
    let names: BTreeSet<&str> = names.filter(|name| name.contains([':', '/'])).collect();
    let mut stand_ins = 0;
    for name in &names {
        let label = "{{index .Config.Labels \"cofferdam.stand-in\"}}";
        let (_, value, _) = output(tools.command("docker").args(["image", "inspect", "--format", label, name]))?;
        stand_ins += usize::from(!value.trim().is_empty());
    }
    Ok(format!("{stand_ins} STAND-INS among {} base images", names.len()))
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn deployment(folder: &Path) -> Result<String, String> {
    // Where an app has manifests of its own in the usual place, ours are in the other.
    let deploy = ["deploy", "k8s"].into_iter().map(|name| folder.join(name)).rfind(|path| path.is_dir());
    let deploy = deploy.ok_or("no manifests were written")?;
    let services = fs::read_dir(&deploy).map_err(|error| format!("{}: {error}", deploy.display()))?;
    services
        .flatten()
        .find_map(|entry| fs::read_to_string(entry.path().join("deployment.yaml")).ok())
        .ok_or_else(|| "no deployment was written".to_owned())
}

fn pod(folder: &Path, image: &str) -> Result<PodSpec, String> {
    let text = deployment(folder)?;
    let objects = manifest::parse("deployment.yaml", &text.into(), KubeVersion::DEFAULT)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<String>())?;
    let pod = objects.iter().find_map(|object| Some(object.pods()?.spec.clone())).ok_or("no pod")?;
    if pod.containers.iter().any(|container| container.image.as_deref() == Some(image)) {
        Ok(pod)
    } else {
        Err(format!("the manifest does not run {image}"))
    }
}

/// Looks at the container's files from outside, as root: where even that is refused, the app is refused too.
fn nothing_else_is_writable<'p>(
    container: &Container<'_>,
    mounts: impl Iterator<Item = &'p str>,
) -> Result<usize, String> {
    const READ_ONLY: i32 = 30;
    let pid = container.inspect("{{.State.Pid}}")?;
    let root = Path::new("/proc").join(pid).join("root");
    let mounts: Vec<&str> = mounts.collect();
    let mut refused = 0;
    for place in
        ["/", "/app", "/bin", "/etc", "/home", "/home/nonroot", "/opt", "/root", "/usr", "/usr/local", "/var", "/venv"]
    {
        let folder = root.join(&place[1..]);
        if mounts.contains(&place) || !folder.is_dir() {
            continue;
        }
        match fs::write(folder.join("written-by-a-proof"), "") {
            Err(error) if error.raw_os_error() == Some(READ_ONLY) => refused += 1,
            Err(error) => {
                return Err(format!(
                    "{place}: {error}, where a read-only file system is expected; looking takes root on the engine's machine"
                ));
            }
            Ok(()) => return Err(format!("{place} can be written")),
        }
    }
    for mount in mounts {
        let file = root.join(&mount[1..]).join("written-by-a-proof");
        fs::write(&file, "").and_then(|()| fs::remove_file(&file)).map_err(|error| format!("{mount}: {error}"))?;
    }
    if refused < 3 { Err(format!("only {refused} places could be tried")) } else { Ok(refused) }
}

/// The reverse: a proof that would pass without the volume would not be about the volume.
fn without_its_scratch_it_fails(tools: &Tools, app: &App, pod: &PodSpec) -> Result<(), String> {
    let spec = &pod.containers[0];
    let scratch = spec.volume_mounts.iter().flatten().find(|mount| mount.mount_path == "/tmp").ok_or("no /tmp")?;
    let container = Container::start(tools, pod, Some(&scratch.name))?;
    let works = || -> Result<(), String> {
        for probe in [&spec.startup_probe, &spec.readiness_probe].into_iter().flatten() {
            container.probe(spec, "probe", probe)?;
        }
        let (status, body) = container.send(spec, "POST", app.upload.unwrap_or("/"), &vec![b'x'; 100_000])?;
        if status == 200 { Ok(()) } else { Err(format!("{status} {body}")) }
    };
    match works() {
        Ok(()) => Err("it works without its /tmp as well, so the proof proves nothing".to_owned()),
        Err(_) => Ok(()),
    }
}

/// What builders keep between builds is of other files: an image is made of these, however old they are.
fn of_what_is_there(tools: &Tools) -> Verdict {
    let [app, ..] = APPS else { return Err("there are no apps".to_owned()) };
    let wrong = |error: std::io::Error| error.to_string();
    let folder = generated(tools, app)?;
    let source = folder.path().join("src/main.rs");
    let text = fs::read_to_string(&source).map_err(wrong)?;
    for said in ["the first", "the second"] {
        let changed = text.replace("\"notes\\n\"", &format!("\"{said}\""));
        fs::write(&source, changed).map_err(wrong)?;
        fs::File::open(&source).and_then(|file| file.set_modified(std::time::UNIX_EPOCH)).map_err(wrong)?;
        let (image, _) = build(tools, folder.path())?;
        let pod = pod(folder.path(), &image)?;
        let container = Container::start(tools, &pod, None)?;
        let spec = &pod.containers[0];
        for probe in [&spec.startup_probe, &spec.readiness_probe].into_iter().flatten() {
            container.probe(spec, "probe", probe)?;
        }
        let (_, body) = container.send(spec, "GET", "/", b"")?;
        if body != said {
            return Err(format!("`{said}` was built, and `{body}` runs"));
        }
    }
    Ok("two builds of files of the same age run each as it was written".to_owned())
}
