//! How long whole commands take, from process start to files on disk. `cargo bench` prints the table; the README
//! quotes it as ratios, because machines differ.
#![allow(clippy::unwrap_used, reason = "a bench that cannot set up has nothing to measure")]

use std::fs;
use std::process::{Command, Stdio};

use divan::{Bencher, bench};
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// An empty project whose answers name `count` services.
fn project(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut answers = String::from("cofferdam: 1\nproject: shop\nservices:\n");
    for number in 0..count {
        answers.push_str(&format!(
            "  service-{number}:\n    preset: rust\n    path: service-{number}\n    image: ghcr.io/acme/service-{number}:1.0.0\n    \
             health: {{ ready: /readyz, live: /livez }}\n    talks-to: [ {{ service: service-{} }} ]\n",
            (number + 1) % count
        ));
    }
    if count == 1 {
        answers = answers.replace("talks-to: [ { service: service-0 } ]", "talks-to: []");
    }
    fs::write(folder.path().join("cofferdam.yaml"), answers).unwrap();
    folder
}

fn run(folder: &TempDir, command: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .arg(command)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// What starting a process costs here: the yardstick for the rest.
#[bench(sample_count = 50, sample_size = 1)]
fn start_and_end() {
    Command::new(env!("CARGO_BIN_EXE_cofferdam")).arg("--version").stdout(Stdio::null()).status().unwrap();
}

/// From process start to every file on disk, flushed.
#[bench(args = [1, 100, 1000], sample_count = 5, sample_size = 1)]
fn generate(bencher: Bencher<'_, '_>, services: usize) {
    bencher.with_inputs(|| project(services)).bench_values(|folder| {
        run(&folder, "generate");
        folder
    });
}

/// Nothing has changed: everything is rendered, verified and compared, and nothing written.
#[bench(args = [1, 100, 1000], sample_count = 5, sample_size = 1)]
fn check(bencher: Bencher<'_, '_>, services: usize) {
    let folder = project(services);
    run(&folder, "generate");
    bencher.bench(|| run(&folder, "check"));
}
