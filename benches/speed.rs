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

/// The example of a house pack, with its case of a web service `count` times.
fn house_pack(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/house-pack");
    let copied = Command::new("cp").args(["-r", &format!("{example}/."), "."]).current_dir(&folder).status().unwrap();
    assert!(copied.success());
    let cases = folder.path().join("cases/rust");
    let case = fs::read_to_string(cases.join("web.yaml")).unwrap();
    for number in 1..count {
        fs::write(
            cases.join(format!("web-{number}.yaml")),
            case.replace("project: shop", &format!("project: shop-{number}")),
        )
        .unwrap();
    }
    preset_test_in(&folder, &["--update"]);
    folder
}

fn preset_test_in(folder: &TempDir, more: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args([&["preset", "test"], more].concat())
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// Every case is rendered and verified for each version of Kubernetes, and compared.
#[bench(args = [1, 100, 1000], sample_count = 3, sample_size = 1)]
fn preset_test(bencher: Bencher<'_, '_>, cases: usize) {
    let folder = house_pack(cases);
    bencher.bench(|| preset_test_in(&folder, &[]));
}
