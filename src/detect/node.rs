//! Node.js: `package.json` and the lock file beside it.

use serde_json::Value;

use super::facts::first_group;
use super::{Reading, Tree, first_version, given, name_from};
use crate::build::{PackageManager, recipe};

const MANIFEST: &str = "package.json";

pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let json: Value = serde_json::from_str(tree.text(MANIFEST)?).ok()?;
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let packages = |section: &str| -> Vec<String> {
        json.get(section).and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys).cloned().collect()
    };
    let mut reading = Reading { manifest: MANIFEST.to_owned(), version: text("/version"), ..Reading::default() };
    reading.name = text("/name").and_then(|name| name_from(&name, MANIFEST));
    reading.dependencies = packages("dependencies").into_iter().collect();
    reading.build_dependencies = packages("devDependencies").into_iter().collect();
    let (manager, version, origin) = package_manager(tree, text("/packageManager").as_deref());
    let build = &mut reading.service.build;
    build.package_manager = given(manager.as_str(), &origin);
    build.package_manager_version = version.and_then(|version| given(version, &origin));
    let lock_file = recipe(manager).lock_file;
    if !tree.has(lock_file) {
        build.locked = given("false", MANIFEST);
        reading.notes.push(format!("there is no {lock_file}: each build may install other versions; commit one"));
    }
    if let Some((version, file)) = runtime(tree, text("/engines/node").as_deref()) {
        build.tool = given(version, &file);
    }
    // npm and the others run these while they install: before the source is there, they would fail or find nothing.
    let runs = ["preinstall", "install", "postinstall", "prepare"]
        .into_iter()
        .find(|name| json.pointer(&format!("/scripts/{name}")).is_some());
    let workspaces = json.get("workspaces").is_some();
    if runs.is_some() || workspaces || refers(&json, &["file:", "link:"]) {
        build.source_first = given("true", MANIFEST);
    }
    let build_script = text("/scripts/build");
    if build_script.is_some() {
        build.script = given("build", MANIFEST);
    }
    let frontend = ["vite", "astro", "react-scripts", "@vue/cli-service", "gatsby"]
        .iter()
        .any(|package| reading.build_dependencies.contains(*package) || reading.dependencies.contains(*package));
    if frontend {
        let output = if reading.dependencies.contains("react-scripts") {
            "build"
        } else if reading.dependencies.contains("gatsby") {
            "public"
        } else {
            "dist"
        };
        build.output = given(output, MANIFEST);
    }
    match entry(tree, &json) {
        Some((entry, file)) => build.entry = given(entry, &file),
        None if reading.dependencies.contains("@nestjs/core") || frontend => {}
        None => reading.notes.push("package.json names no program to start".to_owned()),
    }
    if refers(&json, &["workspace:"]) {
        reading.notes.push(
            "package.json refers to neighbours in a workspace, and their lock file is above this folder: \
             the Dockerfile does not know them; build the image yourself and use `preset: image`"
                .to_owned(),
        );
    }
    if refers(&json, &["file:..", "link:.."]) {
        reading.notes.push(
            "package.json refers to packages above this folder: the Dockerfile does not know them; build the image \
             yourself and use `preset: image`"
                .to_owned(),
        );
    }
    let workspace = workspaces || tree.has("pnpm-workspace.yaml");
    if workspace && reading.service.build.entry.is_none() {
        reading.notes.push("this is a workspace: run cofferdam in the folder of the app that you deploy".to_owned());
    }
    Some(reading)
}

/// Whether a package is asked for by one of these kinds of reference instead of a version.
fn refers(json: &Value, prefixes: &[&str]) -> bool {
    ["dependencies", "devDependencies"].iter().any(|section| {
        let packages = json.get(section).and_then(Value::as_object);
        packages.is_some_and(|packages| {
            let versions = packages.values().filter_map(Value::as_str);
            versions.into_iter().any(|version| prefixes.iter().any(|prefix| version.starts_with(prefix)))
        })
    })
}

/// The `packageManager` field, then the lock file, then npm.
fn package_manager(tree: &Tree, field: Option<&str>) -> (PackageManager, Option<String>, String) {
    if let Some((name, version)) = field.and_then(|field| field.split_once('@')) {
        let version = first_version(version, 3);
        let berry = version.as_deref().is_some_and(|version| !version.starts_with("1."));
        let manager = match name {
            "pnpm" => PackageManager::Pnpm,
            "yarn" if berry => PackageManager::YarnBerry,
            "yarn" => PackageManager::Yarn,
            "bun" => PackageManager::Bun,
            _ => PackageManager::Npm,
        };
        return (manager, version, MANIFEST.to_owned());
    }
    let yarn = tree.text("yarn.lock").and_then(|text| first_group(r"(?m)^__metadata:\n\s+version: (\d+)", text));
    let by_file = [
        ("pnpm-lock.yaml", PackageManager::Pnpm),
        ("bun.lock", PackageManager::Bun),
        (".yarnrc.yml", PackageManager::YarnBerry),
        ("yarn.lock", if yarn.is_some() { PackageManager::YarnBerry } else { PackageManager::Yarn }),
        ("package-lock.json", PackageManager::Npm),
    ];
    let Some((file, manager)) = by_file.into_iter().find(|(file, _)| tree.has(file)) else {
        return (PackageManager::Npm, None, MANIFEST.to_owned());
    };
    let kept = tree.text(".yarnrc.yml").and_then(|text| first_group(r"(?m)^yarnPath:.*yarn-(\d[\d.]*\d)", text));
    let version = kept.or_else(|| yarn_that_writes(&yarn?)).filter(|_| manager == PackageManager::YarnBerry);
    (manager, version, file.to_owned())
}

/// A newer Yarn than the one that wrote `yarn.lock` refuses it, because it would write another version of it.
fn yarn_that_writes(lock: &str) -> Option<String> {
    let newest = match lock {
        "4" | "5" | "6" => "3",
        "8" => "4.13",
        "9" => "4.14",
        "10" => "4.18",
        _ => return None,
    };
    Some(newest.to_owned())
}

/// The distroless images exist for even versions from 22 on; the nearest that the app accepts.
fn runtime(tree: &Tree, engines: Option<&str>) -> Option<(String, String)> {
    let files = [".nvmrc", ".node-version"];
    let wanted = files
        .iter()
        .find_map(|file| Some((first_version(tree.text(file)?, 1)?, (*file).to_owned())))
        .or_else(|| {
            // `>=18` is content with the default.
            let engines = engines.filter(|engines| !engines.contains(">="))?;
            Some((first_version(engines, 1)?, MANIFEST.to_owned()))
        })?;
    let number: u32 = wanted.0.parse().ok()?;
    let offered = match number {
        0..=22 => "22",
        23..=24 => "24",
        _ => "26",
    };
    Some((offered.to_owned(), wanted.1))
}

/// The file that node starts: of the start script, else `main`, else the only `bin`, else a file by its usual name.
fn entry(tree: &Tree, json: &Value) -> Option<(String, String)> {
    let clean = |path: &str| path.trim_start_matches("./").to_owned();
    let start = json
        .pointer("/scripts/start:prod")
        .or_else(|| json.pointer("/scripts/start"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    if let Some(file) = first_group(r"(?:^|\s)node\s+(?:--?[\w=./-]+\s+)*([\w./-]+)", start) {
        let with_ending = if file.contains('.') || tree.has(&file) { file.clone() } else { format!("{file}.js") };
        return Some((clean(&with_ending), MANIFEST.to_owned()));
    }
    let usual = [
        "server.js",
        "app.js",
        "index.js",
        "main.js",
        "src/server.js",
        "src/index.js",
        "src/app.js",
        "server.mjs",
        "index.mjs",
    ];
    let by_name = || usual.iter().find(|file| tree.has(file)).map(|file| ((*file).to_owned(), (*file).to_owned()));
    let bin = match json.get("bin") {
        Some(Value::String(file)) => Some(file.as_str()),
        Some(Value::Object(map)) if map.len() == 1 => map.values().next().and_then(Value::as_str),
        _ => None,
    };
    let main = json.get("main").and_then(Value::as_str).map(|main| {
        // `main` may leave out the ending, or name a folder.
        let main = clean(main);
        let candidates = [main.clone(), format!("{main}.js"), format!("{main}/index.js")];
        candidates.iter().find(|file| tree.has(file)).cloned().unwrap_or(main)
    });
    // A package that brings a command is started by it; its `main` is for those who build on it.
    bin.map(|bin| (clean(bin), MANIFEST.to_owned()))
        .or_else(|| {
            main.filter(|main| tree.has(main) || main.starts_with("dist/")).map(|main| (main, MANIFEST.to_owned()))
        })
        .or_else(by_name)
}
